// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>

namespace lutsim::models {

/// Calls task(i) for 0 <= i < count on up to `jobs` threads, in the order of i. The first exception
/// keeps further calls from starting and is thrown again when those that run have ended.
void for_each_parallel(std::size_t count, unsigned jobs,
                       const std::function<void(std::size_t)>& task);

/// As many threads as there are cores; one when that is not known.
unsigned default_jobs();

}  // namespace lutsim::models

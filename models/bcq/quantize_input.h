// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace lutsim::models {

/// What every quantiser asks of its input: a legal shape and finite weights. Throws
/// spec::SpecError.
void check_weights(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                   std::uint32_t group_size);

}  // namespace lutsim::models

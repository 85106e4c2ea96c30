// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// The time, "2026-11-26T12:34:56Z".
std::string utc_now();

}  // namespace lutsim::tools

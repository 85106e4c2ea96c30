// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// 64 hexadecimal digits.
std::string sha256_hex(const std::string& text);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// Markdown table of all shipped model shapes.
std::string model_table();

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace lutsim::tools {

/// The parts of a text between separators, empty ones included; none of an empty text.
std::vector<std::string> split(const std::string& text, char separator);

/// The names of a list "a,b"; empty ones are left out.
std::vector<std::string> split_names(const std::string& list);

}  // namespace lutsim::tools

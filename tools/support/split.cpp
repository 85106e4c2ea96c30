// SPDX-License-Identifier: Apache-2.0
#include "tools/support/split.h"

#include <algorithm>
#include <sstream>

namespace lutsim::tools {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<std::string> split_names(const std::string& list) {
  std::vector<std::string> names = split(list, ',');
  names.erase(std::remove(names.begin(), names.end(), ""), names.end());
  return names;
}

}  // namespace lutsim::tools

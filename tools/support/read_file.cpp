// SPDX-License-Identifier: Apache-2.0
#include "tools/support/read_file.h"

#include <fstream>
#include <sstream>

namespace lutsim::tools {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace lutsim::tools

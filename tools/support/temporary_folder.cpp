// SPDX-License-Identifier: Apache-2.0
#include "tools/support/temporary_folder.h"

#include <stdlib.h>  // mkdtemp is POSIX

#include <stdexcept>
#include <string>
#include <system_error>

namespace lutsim::tools {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "lutsim-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error(name + ": the folder cannot be made");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/support/this_program.h"

namespace lutsim::tools {

std::filesystem::path this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace lutsim::tools

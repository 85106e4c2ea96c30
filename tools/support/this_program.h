// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace lutsim::tools {

/// The file of the program that runs: what starts it again for a simulation of its own.
std::filesystem::path this_program();

}  // namespace lutsim::tools

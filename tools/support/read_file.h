// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace lutsim::tools {

/// All bytes of a file; empty if it cannot be opened. For input of a user see config::Source.
std::string read_file(const std::filesystem::path& file);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lutsim::tools {

/// What need not be covered, and why.
struct Waiver {
  std::string block;   ///< of `lutsim verify`; a star stands for any text
  std::string kind;    ///< "line", "toggle" or "bin"; of a bug "mutant"
  std::string what;    ///< as the report names it; a star stands for any text
  std::string reason;  ///< never empty
  std::uint32_t line = 0;
};

/// Reads a list of lines "BLOCK | KIND | WHAT | REASON"; lines that begin with # are comments.
/// Throws config::InputError for anything else.
std::vector<Waiver> read_waivers(const std::filesystem::path& file,
                                 const std::vector<std::string>& kinds = {"line", "toggle", "bin"});

/// The list of the project: tools/coverage/waivers.txt.
std::filesystem::path waiver_file();

/// Whether `text` is `pattern`, in which a star stands for any text.
bool matches(const std::string& pattern, const std::string& text);

}  // namespace lutsim::tools

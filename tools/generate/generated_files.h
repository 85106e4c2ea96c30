// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lutsim::tools {

/// A committed file that the program writes.
struct GeneratedFile {
  std::filesystem::path path;  ///< below the root of the source tree
  std::string text;
};

/// Every generated file of the source tree: RTL package, configurations and function table, energy
/// tables from gates, JSON Schemas, and each Markdown file below docs/ that holds a generated
/// block.
std::vector<GeneratedFile> generated_files(const std::filesystem::path& root);

/// Those whose text on disk differs, or that are missing.
std::vector<GeneratedFile> stale_files(const std::filesystem::path& root);

/// "a.sv, b.md are out of date; run: cmake --build build/release --target regenerate"
std::string stale_message(const std::vector<GeneratedFile>& stale);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lutsim::tools {

/// Files of one result, written whole or not at all: they are collected here and appear together on
/// commit().
class OutputDirectory {
 public:
  /// Checks at once that `directory` can be created and written, so that a long run does not fail
  /// at its end. Throws config::InputError.
  explicit OutputDirectory(std::filesystem::path directory);

  void add(const std::string& file_name, std::string contents);

  /// Writes every file beside its place, then renames them. Throws config::InputError; files that
  /// were there before stay as they were.
  void commit();

  const std::filesystem::path& path() const { return directory_; }

 private:
  std::filesystem::path directory_;
  std::vector<std::pair<std::string, std::string>> files_;
};

/// Writes one file whole or not at all. Throws config::InputError.
void write_file(const std::filesystem::path& file, const std::string& contents);

}  // namespace lutsim::tools

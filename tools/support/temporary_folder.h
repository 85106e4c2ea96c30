// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace lutsim::tools {

/// A folder that is removed with its contents when its owner goes.
class TemporaryFolder {
 public:
  /// Throws std::runtime_error if it cannot be made.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lutsim::soak {

/// A sound checkpoint, and the one of its files that a campaign damages.
struct CheckpointSample {
  std::string name;                          ///< of the loader
  std::map<std::string, std::string> files;  ///< contents by name
  std::string load;                          ///< what `read` gets; "": the folder
  std::string damaged;                       ///< name of the file
  bool has_digest = false;  ///< ends in a SHA-256 of what is before it, to be made right again
  /// The loader; empty: load_checkpoint().
  std::function<void(const std::filesystem::path&)> read = {};
};

/// One for each loader of docs/checkpoints.md, of a small random model.
std::vector<CheckpointSample> checkpoint_samples();

}  // namespace lutsim::soak

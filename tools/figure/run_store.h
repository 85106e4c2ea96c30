// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/run/run_spec.h"

namespace lutsim::tools::figure {

/// Runs of lutsim in processes of their own, whose results are kept in a folder: what has been run
/// is not run again, so that a figure that was interrupted goes on where it was.
///
/// A file is named by the SHA-256 of everything that a run depends on: the resolved run, the texts
/// of the files that it names (memory, energies, GPUs, shapes, checkpoint), and the program itself.
class RunStore {
 public:
  /// `program` is lutsim.
  RunStore(std::string program, std::filesystem::path folder, unsigned jobs,
           std::function<void(std::uint64_t, std::uint64_t)> progress = {});

  /// The "lutsim.result/1" of each. Throws config::InputError with the message of a run that was
  /// refused and std::runtime_error with that of one that failed; what was run by then is kept.
  std::vector<nlohmann::ordered_json> results(const std::vector<RunSpec>& runs);
  nlohmann::ordered_json result(const RunSpec& run) { return results({run}).front(); }

  /// The trace events of a run, as `lutsim run --out` writes them (timeline.json).
  nlohmann::ordered_json timeline(const RunSpec& run);

 private:
  std::filesystem::path file_of(const RunSpec& run, const std::string& kind);

  std::string program_;
  std::filesystem::path folder_;
  unsigned jobs_;
  std::function<void(std::uint64_t, std::uint64_t)> progress_;
  std::string program_hash_;
};

}  // namespace lutsim::tools::figure

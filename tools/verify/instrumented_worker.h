// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tools/coverage/coverage_data.h"
#include "tools/verify/verify.h"

namespace lutsim::tools {

/// The checks over the instrumented blocks, which are a program of their own: what it measures and
/// draws (docs/decisions/0011).
class InstrumentedWorker {
 public:
  /// Throws config::InputError if `program` is not there.
  explicit InstrumentedWorker(std::filesystem::path program);

  /// Some units are too large to be instrumented.
  bool has(const std::string& block) const;

  struct Run {
    BlockResult result;
    CoverageData coverage;
  };
  /// Checks a block that it has. Throws std::runtime_error if the program breaks down.
  Run check(const std::string& block, const CheckOptions& options) const;

  struct Replay {
    BlockResult result;              ///< up to the first mismatch
    std::filesystem::path waveform;  ///< empty if the instrumented block does not fail
  };
  /// Runs a check that failed again, and once more to draw the stretch before its first mismatch
  /// into `folder`/verify-BLOCK.fst.
  Replay replay(const std::string& block, const CheckOptions& options,
                const std::filesystem::path& folder) const;

 private:
  std::filesystem::path program_;
  std::vector<std::string> blocks_;
};

}  // namespace lutsim::tools

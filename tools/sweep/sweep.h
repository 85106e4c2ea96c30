// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <iosfwd>
#include <string>

#include "tools/sweep/evaluator.h"
#include "tools/sweep/summary.h"

namespace lutsim::tools::sweep {

struct SweepOptions {
  std::filesystem::path out;
  Shard shard;
  bool resume = false;
  EvaluatorOptions evaluator;
  std::istream* ask = nullptr;   ///< of ask-tell: lines of points
  std::ostream* tell = nullptr;  ///< of ask-tell: lines of results
};

struct SweepOutcome {
  nlohmann::ordered_json summary;
  std::string text;  ///< for people
  bool interrupted = false;
  std::uint64_t failed = 0;
  std::uint64_t points_run = 0, points_found = 0;
};

/// Runs a space, or one shard of it, and writes the folder of results. A shard writes its records
/// and shard-i-of-K.json; everything else comes from merge_sweep(). Throws config::InputError.
SweepOutcome run_sweep(const SweepSpace& space, const SweepOptions& options);

/// Joins the shards of a folder: the same files, byte for byte, as one process writes. Throws
/// config::InputError when the folder holds no sweep.
SweepOutcome merge_sweep(const std::filesystem::path& folder);

/// The run of a record whose key begins with `key`, as config.resolved.yaml. Throws
/// config::InputError when there is none, or more than one.
std::string config_of_point(const std::filesystem::path& folder, const std::string& key);

}  // namespace lutsim::tools::sweep

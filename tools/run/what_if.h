// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/run/run_spec.h"

namespace lutsim::tools {

/// One resource of the accelerator made better, all others as they are.
struct ResourceChange {
  std::string name;  ///< "memory.channels: 16 -> 32"
  spec::ArchSpec arch;
};

/// Every resource by itself: twice as much of it, or half of a latency. Changes that leave the
/// legal range of their parameter are left out.
std::vector<ResourceChange> resource_changes(const spec::ArchSpec& arch);

/// What a change made of a run.
struct ChangeOutcome {
  std::string name;
  double time_s = 0, energy_j = 0, area_mm2 = 0;
  std::string error;  ///< why there is no result; empty: there is
};

/// Runs `spec` with each change, each in a process of its own, `jobs` at a time; GPUs are left out.
/// Fastest first; changes without a result are last. `program` is lutsim itself; progress(done,
/// total) is called after each run.
std::vector<ChangeOutcome> what_if(
    const RunSpec& spec, const std::string& program, unsigned jobs,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress);

/// A table of the outcomes against the run itself, given as its result file.
std::string what_if_report(const nlohmann::ordered_json& result,
                           const std::vector<ChangeOutcome>& outcomes);
nlohmann::ordered_json to_json(const std::vector<ChangeOutcome>& outcomes);

}  // namespace lutsim::tools

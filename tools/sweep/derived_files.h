// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <vector>

#include "tools/sweep/sweep.h"

namespace lutsim::tools::sweep {

/// Writes what is derived from the records of a folder, together or not at all (results.sqlite
/// after the others), and fills the summary of `outcome`.
void write_derived(const SweepSpace& space, const std::filesystem::path& folder,
                   const Records& records, const PlanCounts& counts,
                   const std::vector<SearchPath>& searches, SweepOutcome& outcome);

/// Where a shard says what was proposed and whether it is complete.
std::filesystem::path shard_file(const std::filesystem::path& folder, const Shard& shard);

}  // namespace lutsim::tools::sweep

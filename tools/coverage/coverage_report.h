// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/coverage/coverage_data.h"
#include "tools/coverage/waivers.h"

namespace lutsim::tools {

/// Points of one kind that a check met.
struct Covered {
  std::uint64_t total = 0;         ///< without those that are waived
  std::uint64_t hit = 0;           ///< of `total`
  std::uint64_t waived = 0;        ///< never hit, with a reason
  std::vector<std::string> unhit;  ///< names of the rest, as a waiver would write them

  /// 1 if there is nothing to be hit.
  double fraction() const {
    return total == 0 ? 1.0 : static_cast<double>(hit) / static_cast<double>(total);
  }
  bool complete() const { return hit == total; }
};

/// Coverage of one block: of its top and of the modules in it, but for those that have a check of
/// their own and those within these.
struct BlockCoverage {
  Covered lines;    ///< and branches
  Covered toggles;  ///< bits that rose and fell
  Covered bins;
  /// Waivers of this block that name nothing, or something that was hit.
  std::vector<std::string> stale_waivers;

  /// What a complete check must reach. Toggles are a measure: they are listed, not demanded.
  bool complete() const { return lines.complete() && bins.complete() && stale_waivers.empty(); }
};

/// `bins` are hits of all declared bins, `tops` the modules that have checks of their own.
BlockCoverage block_coverage(const std::string& block, const CoverageData& data,
                             const std::map<std::string, std::uint64_t>& bins,
                             const std::vector<std::string>& tops,
                             const std::vector<Waiver>& waivers);

/// The module that a block of `lutsim verify` is: its name up to a colon.
std::string top_of(const std::string& block);

/// Writes every source that `data` knows to `folder`: hits of the line and bits that toggled in
/// front of each line.
void write_annotated_sources(const CoverageData& data, const std::filesystem::path& folder);

}  // namespace lutsim::tools

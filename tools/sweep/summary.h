// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/sweep/front.h"
#include "tools/sweep/store.h"

/// What a sweep found out: the derived files, all of them functions of the records
/// (docs/sweep.md).
namespace lutsim::tools::sweep {

/// How many points the strategy came across.
struct PlanCounts {
  std::uint64_t proposed = 0;    ///< by the strategy
  std::uint64_t excluded = 0;    ///< by constraints on parameters
  std::uint64_t duplicates = 0;  ///< stand for a run that another point stands for
  bool complete = true;          ///< false: interrupted, or shards are missing
};

/// One search as a sequence of distinct points: keys in the order in which they were first asked
/// for.
struct SearchPath {
  std::string kind;
  std::uint64_t evaluations = 0;  ///< asked for, repeated points counted
  std::vector<std::string> keys;
};

/// Records in the order of fidelities, then of the values on the axes.
std::vector<const nlohmann::ordered_json*> sorted_records(const SweepSpace& space,
                                                          const Records& records);

/// "lutsim.sweep_summary/1". `constants` are the definitions that records name. `searches`: the
/// optimiser first, then its random baseline; empty for other strategies.
nlohmann::ordered_json summary_of(const SweepSpace& space, const Records& records,
                                  const PlanCounts& plan, const std::vector<SearchPath>& searches,
                                  const nlohmann::ordered_json& constants);

/// Column name of an axis: with the unit that its values are in, "clock_hz".
std::string column_of(const Axis& axis);

/// One row a record, one column an axis, metric and end of an interval; `front` marks points of the
/// front of their fidelity.
std::string table_csv(const SweepSpace& space,
                      const std::vector<const nlohmann::ordered_json*>& rows,
                      const nlohmann::ordered_json& summary);

/// What people read at the end of a sweep.
std::string summary_text(const SweepSpace& space, const nlohmann::ordered_json& summary,
                         const Records& records);

}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// Totals over operators: how many, what they compute and move (cost_of()).
struct TraceTotals {
  std::uint64_t operators = 0;
  std::uint64_t multiply_adds = 0;
  OperatorCost cost;
  std::uint64_t bytes() const { return cost.weight_bytes + cost.kv_bytes + cost.activation_bytes; }
};

/// One row of the summary. Kinds that a phase does not have are left out.
struct TraceSummaryRow {
  Phase phase = Phase::prefill;
  OperatorKind kind = OperatorKind::add;
  TraceTotals totals;
};

struct TraceSummary {
  std::vector<TraceSummaryRow> rows;  ///< prefill before decode, kinds in the order of OperatorKind
  TraceTotals prefill;
  TraceTotals decode;
  std::uint64_t weight_storage_bytes = 0;  ///< of all weights of the model, each once
  std::uint64_t kv_storage_bytes = 0;      ///< of all caches at their capacity
};

TraceSummary summarize(const OperatorTrace& trace);

/// The summary as a text table for people, ending in a newline.
std::string to_table(const TraceSummary& summary);

}  // namespace lutsim::workloads

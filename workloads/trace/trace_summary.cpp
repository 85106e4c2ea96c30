// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_summary.h"

#include <fmt/format.h>

namespace lutsim::workloads {

namespace {

constexpr double kMega = 1e6;

void accumulate(TraceTotals& totals, const OperatorTrace& trace, const Operator& op) {
  const OperatorCost cost = cost_of(trace, op);
  ++totals.operators;
  totals.multiply_adds += multiply_adds(op);
  totals.cost.weight_bytes += cost.weight_bytes;
  totals.cost.kv_bytes += cost.kv_bytes;
  totals.cost.activation_bytes += cost.activation_bytes;
  totals.cost.flops += cost.flops;
}

std::string line(const std::string& phase, const std::string& kind, const TraceTotals& totals,
                 std::uint64_t all_bytes) {
  const double share =
      all_bytes == 0 ? 0.0
                     : 100.0 * static_cast<double>(totals.bytes()) / static_cast<double>(all_bytes);
  auto mega = [](std::uint64_t value) { return static_cast<double>(value) / kMega; };
  return fmt::format("{:<8} {:<18} {:>10} {:>12.3f} {:>11.3f} {:>9.3f} {:>13.3f} {:>8.2f}\n", phase,
                     kind, totals.operators, mega(totals.multiply_adds),
                     mega(totals.cost.weight_bytes), mega(totals.cost.kv_bytes),
                     mega(totals.cost.activation_bytes), share);
}

}  // namespace

TraceSummary summarize(const OperatorTrace& trace) {
  TraceSummary summary;
  for (const auto& phase : enum_names(Phase{})) {
    for (const auto& kind : enum_names(OperatorKind{}))
      summary.rows.push_back({phase.value, kind.value, {}});
  }
  const std::size_t kinds = enum_names(OperatorKind{}).size();
  for (const Operator& op : trace.operators) {
    const auto row = static_cast<std::size_t>(op.phase) * kinds + static_cast<std::size_t>(op.kind);
    accumulate(summary.rows.at(row).totals, trace, op);
    accumulate(op.phase == Phase::prefill ? summary.prefill : summary.decode, trace, op);
  }
  std::vector<TraceSummaryRow> used;
  for (const TraceSummaryRow& row : summary.rows) {
    if (row.totals.operators > 0) used.push_back(row);
  }
  summary.rows = std::move(used);
  for (const Tensor& tensor : trace.tensors) {
    if (tensor.role == TensorRole::weight) summary.weight_storage_bytes += stored_bytes(tensor);
    if (tensor.role == TensorRole::kv_cache) summary.kv_storage_bytes += stored_bytes(tensor);
  }
  return summary;
}

std::string to_table(const TraceSummary& summary) {
  const std::uint64_t all_bytes = summary.prefill.bytes() + summary.decode.bytes();
  std::string table =
      fmt::format("{:<8} {:<18} {:>10} {:>12} {:>11} {:>9} {:>13} {:>8}\n", "phase", "kind",
                  "operators", "MMAC", "weight MB", "KV MB", "activation MB", "bytes %");
  for (const TraceSummaryRow& row : summary.rows) {
    table +=
        line(spec::to_string_of(row.phase), spec::to_string_of(row.kind), row.totals, all_bytes);
  }
  if (summary.prefill.operators > 0) table += line("prefill", "all", summary.prefill, all_bytes);
  if (summary.decode.operators > 0) table += line("decode", "all", summary.decode, all_bytes);
  table += fmt::format("stored: weights {:.3f} MB, KV caches {:.3f} MB\n",
                       static_cast<double>(summary.weight_storage_bytes) / kMega,
                       static_cast<double>(summary.kv_storage_bytes) / kMega);
  return table;
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/bounds.h"

#include <fmt/core.h>

#include <algorithm>

namespace lutsim::sim {

namespace {

/// Whether the products of an operator are those of the vector unit's lanes.
bool runs_on_lanes(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                   const workloads::Operator& op) {
  if (op.kind == workloads::OperatorKind::matmul)
    return !trace.tensors[op.inputs.at(1)].weight.is_bcq();
  return arch.attention == spec::AttentionUnit::lanes;
}

}  // namespace

RunBounds bounds_of(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                    const RunStatistics& statistics) {
  RunBounds bounds;
  bounds.memory_s = static_cast<double>(statistics.dram_read_bytes + statistics.dram_write_bytes) /
                    statistics.dram_peak_bytes_per_s;
  double lane_ops = 0, vector_ops = 0;
  for (const auto& op : trace.operators) {
    if (runs_on_lanes(arch, trace, op))
      vector_ops += static_cast<double>(workloads::multiply_adds(op));
    if (op.kind != workloads::OperatorKind::matmul) continue;
    const auto& format = trace.tensors[op.inputs.at(1)].weight;
    if (format.is_bcq()) {
      lane_ops += static_cast<double>(workloads::multiply_adds(op)) * format.weight_bits;
    }
  }
  bounds.compute_s =
      lane_ops / static_cast<double>(arch.matrix.one_bit_lanes()) / arch.clock / arch.system.chips;
  bounds.vector_s = vector_ops / arch.vector.lanes / arch.clock / arch.system.chips;
  bounds.serial_s = statistics.serial_s;
  return bounds;
}

void check(const RunBounds& bounds, const RunStatistics& statistics) {
  constexpr double kRounding = 1e-9;
  const double lower = std::max({bounds.memory_s, bounds.compute_s, bounds.vector_s});
  if (statistics.seconds < lower) {
    throw SimulationError(fmt::format("the run took {:.6e} s, less than its lower bound {:.6e} s",
                                      statistics.seconds, lower));
  }
  if (statistics.seconds > bounds.serial_s * (1 + kRounding)) {
    throw SimulationError(
        fmt::format("the run took {:.6e} s, more than its commands one after the other, {:.6e} s",
                    statistics.seconds, bounds.serial_s));
  }
}

}  // namespace lutsim::sim

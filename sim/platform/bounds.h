// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/spec/arch_spec.h"
#include "sim/platform/platform.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::sim {

/// What no run can beat, and what none can exceed; checked in every run.
struct RunBounds {
  double memory_s = 0;   ///< DRAM bytes moved over the peak bandwidth of all chips
  double compute_s = 0;  ///< weight bits times rows over the one-bit lanes of all chips
  double vector_s = 0;   ///< multiply-adds of the vector unit over its lanes, of all chips
  double serial_s = 0;   ///< the commands of a chip one after the other
};

/// Bounds of a run of `trace`, which is that of all chips together.
RunBounds bounds_of(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                    const RunStatistics& statistics);

/// Throws SimulationError when the run was faster than its bytes and operations allow at peak, or
/// slower than its commands without any overlap: some unit is at work at all times.
void check(const RunBounds& bounds, const RunStatistics& statistics);

}  // namespace lutsim::sim

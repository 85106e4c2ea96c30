// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// What of the quantised matrices is replaced when the next request belongs to another task.
enum class TaskSwitch {
  none,
  scales,   ///< a scale adapter: the tasks share planes (PEQA, arXiv 2305.14152)
  weights,  ///< the task has a model of its own
};
inline auto enum_names(TaskSwitch) {
  using E = spec::EnumName<TaskSwitch>;
  return std::array<E, 3>{{{TaskSwitch::none, "none"},
                           {TaskSwitch::scales, "scales"},
                           {TaskSwitch::weights, "weights"}}};
}

/// `trace`, of one chip, after a switch: an operator for each quantised matrix copies what the task
/// brings from where DRAM keeps it, and every reader of the matrix depends on that. The switch
/// belongs to the first forward pass. TaskSwitch::none gives the trace back.
OperatorTrace with_task_switch(OperatorTrace trace, TaskSwitch what);

/// Nothing but the switch, with the tensors that it touches.
OperatorTrace only_task_switch(const OperatorTrace& trace, TaskSwitch what);

/// Bytes that the operators of kind weight_update bring.
std::uint64_t switched_bytes(const OperatorTrace& trace);

}  // namespace lutsim::workloads

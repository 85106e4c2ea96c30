// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/task_switch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::workloads {
namespace {

OperatorTrace trace_of(std::uint32_t weight_bits) {
  TraceRequest request;
  request.prompt_tokens = 4;
  request.generated_tokens = 2;
  request.weight_bits = weight_bits;
  request.group_size = 16;
  return build_trace(test::tiny_shape(), request);
}

/// Bytes of all quantised matrices, and what of them is scales and offsets.
std::pair<std::uint64_t, std::uint64_t> quantised_bytes(const OperatorTrace& trace) {
  std::uint64_t all = 0, planes = 0;
  for (const Tensor& tensor : trace.tensors) {
    if (!tensor.weight.is_bcq()) continue;
    all += stored_bytes(tensor);
    planes += (tensor.shape[0] * tensor.shape[1] * tensor.weight.weight_bits + 7) / 8;
  }
  return {all, all - planes};
}

TEST(TaskSwitch, BringsTheScalesOfEveryQuantisedMatrixAndNothingElse) {
  const OperatorTrace trace = trace_of(3);
  const auto [all, scales] = quantised_bytes(trace);
  EXPECT_EQ(switched_bytes(only_task_switch(trace, TaskSwitch::scales)), scales);
  EXPECT_EQ(switched_bytes(only_task_switch(trace, TaskSwitch::weights)), all);
  EXPECT_EQ(switched_bytes(with_task_switch(trace, TaskSwitch::scales)), scales);
  EXPECT_EQ(with_task_switch(trace, TaskSwitch::none), trace);
  EXPECT_TRUE(only_task_switch(trace, TaskSwitch::none).operators.empty());
  // Plain matrices are no part of a task.
  EXPECT_EQ(with_task_switch(trace_of(16), TaskSwitch::weights), trace_of(16));
}

TEST(TaskSwitch, ComesBeforeEveryReaderOfAMatrix) {
  const OperatorTrace before = trace_of(3);
  const OperatorTrace trace = with_task_switch(before, TaskSwitch::scales);
  const std::size_t updates = trace.operators.size() - before.operators.size();
  std::size_t readers = 0;
  for (OperatorId id = 0; id < trace.operators.size(); ++id) {
    const Operator& op = trace.operators[id];
    EXPECT_EQ(op.kind == OperatorKind::weight_update, id < updates);
    for (const OperatorId needed : op.depends_on) EXPECT_LT(needed, id);
    if (op.kind != OperatorKind::matmul || !trace.tensors[op.inputs[1]].weight.is_bcq()) continue;
    ++readers;
    const bool depends =
        std::any_of(op.depends_on.begin(), op.depends_on.end(), [&](OperatorId needed) {
          const Operator& update = trace.operators[needed];
          return update.kind == OperatorKind::weight_update && update.outputs[0] == op.inputs[1];
        });
    EXPECT_TRUE(depends) << op.name;
  }
  EXPECT_EQ(readers, 2 * updates);  // two passes read each matrix once
  // What the operators depended on, they still do.
  const Operator& last = trace.operators.back();
  EXPECT_EQ(last.depends_on.front(), before.operators.back().depends_on.front() + updates);
}

TEST(TaskSwitch, IsPartOfATraceFile) {
  const OperatorTrace trace = with_task_switch(trace_of(3), TaskSwitch::scales);
  std::ostringstream text;
  print_trace(trace, text);
  EXPECT_EQ(parse_trace(text.str(), "switch.trace.json"), trace);
}

}  // namespace
}  // namespace lutsim::workloads

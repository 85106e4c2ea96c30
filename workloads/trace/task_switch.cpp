// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/task_switch.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/bcq/bcq_storage.h"

namespace lutsim::workloads {

namespace {

bool is_quantised(const Tensor& tensor) {
  return tensor.role == TensorRole::weight && tensor.weight.is_bcq();
}

/// Where DRAM keeps what the other task brings for a matrix.
Tensor source_of(const Tensor& weight, TaskSwitch what) {
  Tensor source = weight;
  source.name = "task." + weight.name;
  if (what == TaskSwitch::weights) return source;
  const auto& w = weight.weight;
  source.name += ".scales";
  source.shape = {models::scale_bytes(
      {weight.shape.at(0), weight.shape.at(1), w.weight_bits, w.group_size, w.has_offset})};
  source.format = spec::NumberFormat::int8;  // bytes
  source.weight = {spec::width_bits(source.format), 0, false};
  return source;
}

/// Appends the sources to the tensors and returns the operators.
std::vector<Operator> updates_of(OperatorTrace& trace, TaskSwitch what) {
  std::vector<Operator> updates;
  const std::size_t tensors = trace.tensors.size();
  for (TensorId id = 0; id < tensors; ++id) {
    if (!is_quantised(trace.tensors[id])) continue;
    Tensor source = source_of(trace.tensors[id], what);
    Operator op;
    op.kind = OperatorKind::weight_update;
    op.name = source.name;
    op.batch = trace.batch;
    if (!trace.operators.empty()) {
      op.phase = trace.operators.front().phase;
      op.step = trace.operators.front().step;
    }
    op.m = op.batch;
    op.n = stored_bytes(source);
    op.inputs = {static_cast<TensorId>(trace.tensors.size())};
    op.outputs = {id};
    trace.tensors.push_back(std::move(source));
    updates.push_back(std::move(op));
  }
  return updates;
}

}  // namespace

OperatorTrace with_task_switch(OperatorTrace trace, TaskSwitch what) {
  if (what == TaskSwitch::none) return trace;
  std::vector<Operator> operators = updates_of(trace, what);
  const auto count = static_cast<OperatorId>(operators.size());
  std::vector<std::optional<OperatorId>> update_of(trace.tensors.size());
  for (OperatorId id = 0; id < count; ++id) update_of[operators[id].outputs.front()] = id;
  for (Operator& op : trace.operators) {
    for (OperatorId& id : op.depends_on) id += count;
    for (const TensorId input : op.inputs) {
      if (update_of[input]) op.depends_on.push_back(*update_of[input]);
    }
    std::sort(op.depends_on.begin(), op.depends_on.end());
    operators.push_back(std::move(op));
  }
  trace.operators = std::move(operators);
  return trace;
}

OperatorTrace only_task_switch(const OperatorTrace& trace, TaskSwitch what) {
  OperatorTrace alone;
  alone.model = trace.model;
  alone.batch = trace.batch;
  alone.cached_tokens = trace.cached_tokens;
  alone.prompt_tokens = trace.prompt_tokens;
  if (what == TaskSwitch::none) return alone;
  for (const Tensor& tensor : trace.tensors) {
    if (is_quantised(tensor)) alone.tensors.push_back(tensor);
  }
  alone.operators = updates_of(alone, what);
  return alone;
}

std::uint64_t switched_bytes(const OperatorTrace& trace) {
  std::uint64_t bytes = 0;
  for (const Operator& op : trace.operators) {
    if (op.kind == OperatorKind::weight_update)
      bytes += stored_bytes(trace.tensors[op.inputs.front()]);
  }
  return bytes;
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_assembler.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lutsim::workloads {

TraceAssembler::TraceAssembler(OperatorTrace trace) : trace_(std::move(trace)) {
  if (!trace_.tensors.empty() || !trace_.operators.empty())
    throw std::logic_error("a trace is assembled from its first tensor on");
}

TensorId TraceAssembler::tensor(Tensor tensor) {
  const auto [entry, is_new] =
      ids_.emplace(tensor.name, static_cast<TensorId>(trace_.tensors.size()));
  if (is_new) {
    trace_.tensors.push_back(std::move(tensor));
    last_writer_.push_back(kNoWriter);
  } else if (!(trace_.tensors[entry->second] == tensor)) {
    throw std::logic_error("two different tensors are called '" + tensor.name + "'");
  }
  return entry->second;
}

OperatorId TraceAssembler::append(Operator op) {
  const auto id = static_cast<OperatorId>(trace_.operators.size());
  op.depends_on.clear();
  for (const TensorId input : op.inputs) {
    const OperatorId writer = last_writer_.at(input);
    if (writer != kNoWriter) op.depends_on.push_back(writer);
  }
  std::sort(op.depends_on.begin(), op.depends_on.end());
  op.depends_on.erase(std::unique(op.depends_on.begin(), op.depends_on.end()), op.depends_on.end());
  for (const TensorId output : op.outputs) last_writer_.at(output) = id;
  trace_.operators.push_back(std::move(op));
  return id;
}

OperatorTrace TraceAssembler::take() {
  ids_.clear();
  last_writer_.clear();
  return std::exchange(trace_, OperatorTrace{});
}

}  // namespace lutsim::workloads

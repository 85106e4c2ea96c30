// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/room_on_chip.h"

#include <algorithm>

#include "models/spec/field.h"

namespace lutsim::sim {

using workloads::Operator;
using workloads::OperatorId;
using workloads::OperatorKind;
using workloads::TensorId;
using workloads::TensorRole;

namespace {

bool multiplies_weights(const workloads::OperatorTrace& trace, const Operator& op) {
  return op.kind == OperatorKind::matmul &&
         trace.tensors[op.inputs.at(1)].role == TensorRole::weight;
}

}  // namespace

RoomOnChip::RoomOnChip(const workloads::OperatorTrace& trace, std::uint64_t capacity,
                       std::uint64_t staging)
    : trace_(trace),
      capacity_(capacity),
      staging_(staging),
      writer_(trace.tensors.size()),
      last_reader_(trace.tensors.size()),
      readers_(trace.tensors.size()) {
  for (OperatorId id = 0; id < trace.operators.size(); ++id) {
    const Operator& op = trace.operators[id];
    for (const TensorId input : op.inputs) {
      last_reader_[input] = id;
      ++readers_[input];
    }
    for (const TensorId output : op.outputs) writer_[output] = id;
    if (op.m > 1 && multiplies_weights(trace, op)) matmuls_.push_back(id);
  }
}

std::uint64_t RoomOnChip::staged_rows(std::uint64_t row_bytes, std::uint64_t free) const {
  return std::max<std::uint64_t>(1, std::max(free, staging_ / 2) / row_bytes);
}

std::uint64_t RoomOnChip::weight_traffic(OperatorId id, std::uint64_t free) const {
  const Operator& op = trace_.operators[id];
  const std::uint64_t row_bytes =
      spec::ceil_div(workloads::stored_bytes(trace_.tensors[op.inputs.at(0)]), op.m);
  return spec::ceil_div(op.m, std::min(op.m, staged_rows(row_bytes, free))) *
         workloads::stored_bytes(trace_.tensors[op.inputs.at(1)]);
}

bool RoomOnChip::is_worth(TensorId tensor, std::uint64_t bytes, std::uint64_t free,
                          bool writer_reads_spilled) const {
  if (bytes > free) return true;  // It cannot stay; nothing is to be decided.
  const OperatorId writer = writer_[tensor];
  std::uint64_t further_traffic = 0;
  if (writer_reads_spilled && multiplies_weights(trace_, trace_.operators[writer])) {
    further_traffic += weight_traffic(writer, free - bytes) - weight_traffic(writer, free);
  }
  for (auto id = std::upper_bound(matmuls_.begin(), matmuls_.end(), writer);
       id != matmuls_.end() && *id <= last_reader_[tensor]; ++id) {
    const TensorId input = trace_.operators[*id].inputs.at(0);
    if (input == tensor || workloads::stored_bytes(trace_.tensors[input]) + bytes <= capacity_) {
      continue;
    }
    further_traffic += weight_traffic(*id, capacity_ - bytes) - weight_traffic(*id, capacity_);
  }
  return further_traffic <= (1 + std::uint64_t{readers_[tensor]}) * bytes;
}

}  // namespace lutsim::sim

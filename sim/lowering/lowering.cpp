// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/lowering.h"

namespace lutsim::sim {

using workloads::OperatorKind;

Lowering::Lowering(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                   std::uint64_t dram_capacity)
    : program_(arch, trace, dram_capacity) {}

CommandPtr Lowering::next() {
  auto& pending = program_.pending();
  while (pending.empty() && next_operator_ < program_.trace().operators.size()) {
    const workloads::OperatorId id = next_operator_++;
    const auto& op = program_.trace().operators[id];
    switch (op.kind) {
      case OperatorKind::matmul: {
        if (!op.groups.empty()) {
          lower_grouped_matmul(program_, id);
          break;
        }
        const bool bcq = program_.trace().tensors[op.inputs.at(1)].weight.is_bcq();
        bcq ? lower_bcq_matmul(program_, id) : lower_plain_matmul(program_, id);
        break;
      }
      case OperatorKind::embedding:
        lower_embedding(program_, id);
        break;
      case OperatorKind::kv_append:
        lower_kv_append(program_, id);
        break;
      case OperatorKind::attention_score:
        if (program_.arch().attention == spec::AttentionUnit::matrix) {
          next_operator_ = lower_matrix_attention(program_, id) + 1;
          break;
        }
        if (const auto last = lower_fused_attention(program_, id)) {
          next_operator_ = *last + 1;
          break;
        }
        lower_attention(program_, id);
        break;
      case OperatorKind::attention_value:
        lower_attention(program_, id);
        break;
      case OperatorKind::all_reduce:
      case OperatorKind::all_gather:
        lower_collective(program_, id);
        break;
      case OperatorKind::weight_update:
        lower_weight_update(program_, id);
        break;
      default:
        lower_row_wise(program_, id);
        break;
    }
  }
  if (pending.empty()) return nullptr;
  CommandPtr command = std::move(pending.front());
  pending.pop_front();
  return command;
}

void check_lowering(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                    std::uint64_t dram_capacity) {
  Lowering lowering(arch, trace, dram_capacity);
  while (lowering.next()) {
  }
}

}  // namespace lutsim::sim

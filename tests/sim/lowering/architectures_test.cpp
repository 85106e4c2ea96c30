// SPDX-License-Identifier: Apache-2.0
// What moves for attention with windows and latents, and for experts.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/sim/lowering/lowered.h"
#include "tests/workloads/trace/variant_shapes.h"

namespace lutsim::sim {
namespace {

/// One decode step after `cached` positions, everything on chip.
struct DecodeStep {
  workloads::OperatorTrace trace;
  spec::ArchSpec arch = arch_with_buffers(16384, 1 << 20);
  Lowered lowered;

  DecodeStep(const models::ModelShape& shape, std::uint32_t cached, std::uint32_t batch = 1)
      : trace(trace_of(shape, cached, batch)), lowered(arch, trace) {}

  static workloads::OperatorTrace trace_of(const models::ModelShape& shape, std::uint32_t cached,
                                           std::uint32_t batch) {
    workloads::TraceRequest request;
    request.batch = batch;
    request.cached_tokens = cached;
    request.group_size = 4;
    return workloads::build_trace(shape, request);
  }
  /// Bytes that the operator of this name loads.
  std::uint64_t loaded(const std::string& name) const {
    std::uint64_t bytes = 0;
    for (const auto& command : lowered.commands) {
      const auto* transfer = std::get_if<DmaTransfer>(&command->work);
      if (transfer && !transfer->write && trace.operators[command->op].name == name)
        bytes += transfer->bytes();
    }
    return bytes;
  }
  const workloads::Operator& find(const std::string& name) const {
    for (const auto& op : trace.operators) {
      if (op.name == name) return op;
    }
    throw std::out_of_range(name);
  }
};

TEST(LoweringArchitectures, ADecodeStepLoadsTheWeightsThatItsOperatorsNeed) {
  for (const auto& shape : test::variant_shapes()) {
    const DecodeStep step(shape, 9);
    for (const auto& op : step.trace.operators) {
      const std::uint64_t needed = workloads::cost_of(step.trace, op).weight_bytes;
      if (needed == 0) continue;
      const std::uint64_t loaded = step.loaded(op.name);
      // Planes of a tile may share their first and last byte with the neighbouring ones.
      EXPECT_GE(loaded, needed) << shape.name << " " << op.name;
      EXPECT_LE(loaded, needed + needed / 4 + 8) << shape.name << " " << op.name;
    }
  }
}

TEST(LoweringArchitectures, AWindowedLayerLoadsThePositionsOfItsWindow) {
  const DecodeStep step(test::variant("gemma"), 15);
  // The row of the step itself is on chip: 4 and 15 rows of two heads of four FP16 elements.
  EXPECT_EQ(step.loaded("layers.0.attention.score"), 4u * 16);
  EXPECT_EQ(step.loaded("layers.0.attention.value"), 4u * 16);
  EXPECT_EQ(step.loaded("layers.1.attention.score"), 15u * 16);
  for (const auto& command : step.lowered.commands) {
    const auto* work = std::get_if<VectorWork>(&command->work);
    if (!work || step.trace.operators[command->op].name != "layers.0.attention.score") continue;
    EXPECT_EQ(work->position_begin, 11u);
    EXPECT_EQ(work->position_count, 5u);
  }
}

TEST(LoweringArchitectures, ValuesOfALatentCacheAreTheFirstPartOfItsRows) {
  const DecodeStep step(test::variant("latent"), 9);
  EXPECT_EQ(step.loaded("layers.0.attention.score"), 9u * 14 * 2);
  EXPECT_EQ(step.loaded("layers.0.attention.value"), 9u * 12 * 2);
  for (const auto& command : step.lowered.commands) {
    const auto* transfer = std::get_if<DmaTransfer>(&command->work);
    if (!transfer || step.trace.operators[command->op].name != "layers.0.attention.value") continue;
    EXPECT_EQ(transfer->piece_bytes, 12u * 2);
    EXPECT_EQ(transfer->stride, 14u * 2);
    EXPECT_EQ(transfer->pieces, 9u);
  }
}

/// What Lowering does for an operator of a layer.
void lower_one(Program& program, workloads::OperatorId id) {
  using workloads::OperatorKind;
  const auto& op = program.trace().operators[id];
  switch (op.kind) {
    case OperatorKind::embedding:
      return lower_embedding(program, id);
    case OperatorKind::matmul:
      return op.groups.empty() ? lower_bcq_matmul(program, id) : lower_grouped_matmul(program, id);
    case OperatorKind::kv_append:
      return lower_kv_append(program, id);
    case OperatorKind::attention_score:
    case OperatorKind::attention_value:
      return lower_attention(program, id);
    default:
      return lower_row_wise(program, id);
  }
}

TEST(LoweringArchitectures, TheFreshRowOfALatentCacheLivesUntilTheValuesHaveReadIt) {
  const auto trace = DecodeStep::trace_of(test::variant("latent"), 9, 1);
  const auto arch = arch_with_buffers(16384, 1 << 20);
  Program program(arch, trace, kGib);
  std::vector<workloads::TensorId> fresh;
  for (workloads::OperatorId id = 0; id < trace.operators.size(); ++id) {
    lower_one(program, id);
    const auto& op = trace.operators[id];
    if (op.kind == workloads::OperatorKind::kv_append) fresh = op.inputs;
    const bool is_read = op.kind == workloads::OperatorKind::attention_value;
    for (const workloads::TensorId x : fresh)
      EXPECT_EQ(program.placement(x).uses_left, is_read ? 0u : 1u) << op.name;
    if (is_read) return;
  }
  FAIL() << "no values";
}

TEST(LoweringArchitectures, WeightsOfExpertsMoveWhenTheRouterHasChosen) {
  const DecodeStep step(test::variant("oss"), 9);
  CommandId route = 0;
  int loads = 0;
  for (const auto& command : step.lowered.commands) {
    const auto& op = step.trace.operators[command->op];
    if (op.layer != 1) continue;
    if (op.kind == workloads::OperatorKind::route) route = command->id;
    const bool is_expert = op.kind == workloads::OperatorKind::matmul && !op.groups.empty();
    if (!is_expert || !std::holds_alternative<DmaTransfer>(command->work)) continue;
    EXPECT_TRUE(step.lowered.waits_for(command->id, route)) << op.name;
    ++loads;
  }
  EXPECT_GT(loads, 0);
}

TEST(LoweringArchitectures, OneRowOfAnExpertIsBroadcastAndMoreAreAGemm) {
  const DecodeStep step(test::variant("oss"), 9, 4);
  std::map<bool, int> commands;  // by whether they broadcast
  for (const auto& command : step.lowered.commands) {
    const auto& op = step.trace.operators[command->op];
    const auto* work = std::get_if<MatrixWork>(&command->work);
    if (!work || op.groups.empty()) continue;
    std::uint64_t begin = 0, rows = 0;
    for (const workloads::GroupRows& run : op.groups) {
      for (std::uint32_t i = 0; i < run.count && begin + rows <= work->m_begin; ++i) {
        begin += rows;
        rows = run.rows;
      }
    }
    EXPECT_EQ(work->m_count, rows);
    EXPECT_EQ(work->lut_broadcast, rows == 1);
    ++commands[work->lut_broadcast];
  }
  EXPECT_GT(commands[true], 0);
  EXPECT_GT(commands[false], 0);
}

}  // namespace
}  // namespace lutsim::sim

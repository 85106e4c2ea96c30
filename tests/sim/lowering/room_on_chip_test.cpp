// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/room_on_chip.h"

#include <gtest/gtest.h>

#include "models/config/named.h"
#include "tests/sim/lowering/lowered.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::sim {
namespace {

using workloads::Operator;
using workloads::OperatorId;
using workloads::OperatorKind;
using workloads::TensorId;

constexpr std::uint64_t kRows = 10, kWeights = 1000;

/// A residual of 400 B that lives across a matmul of 10 rows of 60 B by 1000 B of weights:
/// add -> residual; norm -> input; matmul(input); add(residual, product).
workloads::OperatorTrace residual_across_a_matmul() {
  workloads::OperatorTrace trace;
  const auto tensor = [&trace](std::uint64_t columns, std::uint64_t rows, bool is_weight) {
    workloads::Tensor t;
    t.shape = {rows, columns};
    t.format = spec::NumberFormat::int8;
    t.role = is_weight ? workloads::TensorRole::weight : workloads::TensorRole::activation;
    trace.tensors.push_back(t);
    return static_cast<TensorId>(trace.tensors.size() - 1);
  };
  const TensorId start = tensor(40, kRows, false), residual = tensor(40, kRows, false),
                 input = tensor(60, kRows, false), weights = tensor(kWeights, 1, true),
                 product = tensor(40, kRows, false), sum = tensor(40, kRows, false);
  const auto add = [&trace](OperatorKind kind, std::vector<TensorId> in, TensorId out) {
    Operator op;
    op.kind = kind;
    op.m = kRows;
    op.inputs = std::move(in);
    op.outputs = {out};
    trace.operators.push_back(op);
  };
  add(OperatorKind::add, {start, start}, residual);
  add(OperatorKind::rms_norm, {residual}, input);
  add(OperatorKind::matmul, {input, weights}, product);
  add(OperatorKind::add, {residual, product}, sum);
  return trace;
}

TEST(RoomOnChip, StagesWhatFitsTheFreeRoomOrHalfOfTheSlots) {
  const auto trace = residual_across_a_matmul();
  const RoomOnChip room(trace, 1000, 240);
  EXPECT_EQ(room.staged_rows(60, 600), 10u);
  EXPECT_EQ(room.staged_rows(60, 100), 2u) << "half of the slots";
  EXPECT_EQ(room.staged_rows(60, 150), 2u);
  EXPECT_EQ(room.staged_rows(500, 0), 1u) << "never none";
}

TEST(RoomOnChip, AResidualLeavesWhenItsRoomCostsMoreWeightsThanItself) {
  const auto trace = residual_across_a_matmul();
  const TensorId residual = 1;
  // Its own way is 400 B written and read twice. With 1000 B the input stays beside it.
  EXPECT_TRUE(RoomOnChip(trace, 1000, 0).is_worth(residual, 400, 1000, false));
  // With 900 B the input is staged: 8 of 10 rows beside it, two groups, 1000 B again: 1000 < 1200.
  EXPECT_TRUE(RoomOnChip(trace, 900, 0).is_worth(residual, 400, 900, false));
  // With 600 B: 3 rows, four groups instead of one, 3000 B more.
  EXPECT_FALSE(RoomOnChip(trace, 600, 0).is_worth(residual, 400, 600, false));
  // What does not fit is not asked.
  EXPECT_TRUE(RoomOnChip(trace, 600, 0).is_worth(residual, 400, 399, false));
}

TEST(RoomOnChip, AnOutputLeavesTheRoomToASpilledInput) {
  const auto trace = residual_across_a_matmul();
  const TensorId product = 4;
  // 600 B free: all rows of the input. 200 B: three, four groups; its own way is 800 B.
  EXPECT_FALSE(RoomOnChip(trace, 1000, 0).is_worth(product, 400, 600, true));
  EXPECT_TRUE(RoomOnChip(trace, 1000, 0).is_worth(product, 400, 600, false));
  EXPECT_TRUE(RoomOnChip(trace, 1000, 0).is_worth(product, 400, 1000, true));
}

/// Up to 54 rows the widest input of a layer fits the room for activations (28,672 B a row of 1.5
/// MiB).
TEST(RoomOnChip, OneMoreRowCostsNoMoreReadsWhileTheWidestInputFits) {
  models::ModelShape shape = workloads::find_shape("Llama-3.1-8B");
  shape.layers = 1;
  shape.vocab = 1024;
  const spec::ArchSpec arch = config::load_arch("default");
  std::uint64_t before = 0;
  for (std::uint32_t rows = 30; rows <= 54; ++rows) {
    std::uint64_t bytes = 0;
    for (const auto& command : Lowered(arch, trace_of(shape, rows, 1)).commands) {
      if (const auto* dma = std::get_if<DmaTransfer>(&command->work)) bytes += dma->bytes();
    }
    if (before > 0) {
      EXPECT_LT(static_cast<double>(bytes), 1.15 * static_cast<double>(before)) << rows;
    }
    before = bytes;
  }
}

}  // namespace
}  // namespace lutsim::sim

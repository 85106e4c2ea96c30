// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/matmul_plan.h"

#include <gtest/gtest.h>

#include "sim/lowering/slot_ring.h"

namespace lutsim::sim {
namespace {

MatmulRoom room_of(std::uint64_t m, std::uint64_t input_rows, std::uint64_t tile_rows) {
  MatmulRoom room;
  room.m = m;
  room.input_rows = input_rows;
  room.max_tile_rows = tile_rows;
  room.block_slots = 5;
  room.weight_slots = 8;
  return room;
}

TEST(MatmulPlan, WeightsAreReadOnceWhenTheInputIsOnChip) {
  const MatmulPlan plan = plan_matmul(room_of(512, 512, 64));
  EXPECT_EQ(plan.groups, 1u);
  EXPECT_EQ(plan.group_tiles, 8u);
  EXPECT_EQ(plan.weight_reads(), 1u);
}

TEST(MatmulPlan, WeightsAreReadOnceForEveryGroupOfStagedRows) {
  // 192 of 512 rows fit: three groups of 171 rows, in three tiles each.
  const MatmulPlan plan = plan_matmul(room_of(512, 192, 64));
  EXPECT_EQ(plan.groups, 3u);
  EXPECT_EQ(plan.group_tiles, 3u);
  EXPECT_EQ(plan.weight_reads(), 3u);
}

TEST(MatmulPlan, ABlockThatDoesNotFitTheWeightBufferIsReadForEveryTile) {
  MatmulRoom room = room_of(512, 192, 64);
  room.block_slots = 9;
  EXPECT_EQ(plan_matmul(room).weight_reads(), 9u);
}

TEST(MatmulPlan, OneRowIsOneTile) {
  const MatmulPlan plan = plan_matmul(room_of(1, 1, 64));
  EXPECT_EQ(plan.weight_reads(), 1u);
  EXPECT_FALSE(plan.holds_weights) << "nothing to hold them for";
}

TEST(SlotRing, SlotsThatAreHeldArePassedOver) {
  SlotRing ring("buffer", 100, 4);
  std::vector<CommandId> waits;
  const auto held = ring.take(100, waits);
  for (CommandId user = 10; user < 16; ++user) {
    const auto lease = ring.take(100, waits);
    EXPECT_NE(lease.first, held.first);
    ring.release(lease, user);
  }
  EXPECT_EQ(waits, (std::vector<CommandId>{10, 11, 12})) << "the last users of three slots";
  ring.release(held, 20);
  waits.clear();
  ring.release(ring.take(400, waits), 21);
  EXPECT_EQ(waits, (std::vector<CommandId>{20, 13, 14, 15}));
}

TEST(SlotRing, ATileThatFitsNowhereIsRefused) {
  SlotRing ring("buffer", 100, 4);
  std::vector<CommandId> waits;
  EXPECT_THROW(ring.take(401, waits), spec::SpecError);
  ring.take(100, waits);
  EXPECT_THROW(ring.take(400, waits), spec::SpecError) << "one slot is held";
}

}  // namespace
}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/matrix/matrix_cost.h"

#include <gtest/gtest.h>

#include "sim/matrix/matrix_tile.h"

namespace lutsim::sim {
namespace {

using models::Event;

/// 16 features x 32 of K at once: two PE rows of eight RACs, eight columns of mu = 4.
spec::MatrixSpec small_matrix() {
  spec::MatrixSpec m;
  m.racs_per_lut = 8;
  m.array_rows = 2;
  m.array_cols = 8;
  return m;
}

MatrixWork work_of(bool lut_broadcast, std::uint64_t rows, std::uint32_t features) {
  MatrixWork w;
  w.lut_broadcast = lut_broadcast;
  w.m_count = rows;
  w.n_count = features;
  w.k = 64;
  w.group_size = 32;
  w.segment_count = 2;
  w.planes = 4;
  w.has_offset = true;
  return w;
}

TEST(MatrixCost, GemvTakesOneCycleForABlockAndPlaneOfASegment) {
  // 40 features are 3 blocks; 2 segments x (4 planes + offset) x 3 blocks.
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(true, 1, 40)).cycles, 2u * 5 * 3 + 7);
}

TEST(MatrixCost, GemmTakesOneCycleForARowAndPlaneOfASegment) {
  // 12 rows are more than the 8 columns that a pass loads meanwhile. The first pass waits for its
  // columns: 8 cycles from the one before the first step, 5 more than the alignment takes.
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(false, 12, 16)).cycles, 2u * 5 * 12 + 5 + 7);
}

TEST(MatrixCost, GemmOfFewRowsIsBoundByLoadingItsColumns) {
  // 2 segments x 4 planes load 8 columns each; the two offset passes take their single row.
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(false, 1, 16)).cycles,
            8u - 1 + 7 * 8 + 2 + (7 - 2));
}

TEST(MatrixCost, GemvBuildsEveryLutOnce) {
  const auto events = matrix_cost(small_matrix(), work_of(true, 1, 40)).events;
  EXPECT_EQ(events[Event::matrix_lut_generate], 2u * 8) << "8 columns, 2 segments";
  EXPECT_EQ(events[Event::matrix_lut_write], 2u * 8 * 2) << "copied into both PE rows";
  EXPECT_EQ(events[Event::matrix_align], 64u);
}

TEST(MatrixCost, GemmBuildsItsLutsAgainForEveryPassAndRow) {
  const auto events = matrix_cost(small_matrix(), work_of(false, 6, 16)).events;
  EXPECT_EQ(events[Event::matrix_lut_generate], 2u * 5 * 6 * 8);
}

TEST(MatrixCost, ReadsAreFeaturesTimesColumnsTimesPasses) {
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(true, 1, 40)).events[Event::matrix_lut_read],
            2u * 5 * 40 * 8);
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(false, 6, 16)).events[Event::matrix_lut_read],
            2u * 5 * 6 * 16 * 8);
}

TEST(MatrixCost, DoublingTheRowsDoublesReadsAndScales) {
  const auto one = matrix_cost(small_matrix(), work_of(false, 3, 16)).events;
  const auto two = matrix_cost(small_matrix(), work_of(false, 6, 16)).events;
  for (const Event e : {Event::matrix_lut_read, Event::matrix_scale, Event::matrix_accumulate,
                        Event::matrix_align}) {
    EXPECT_EQ(two[e], 2 * one[e]) << models::event_info(e).name;
  }
  EXPECT_EQ(two[Event::matrix_key_write], one[Event::matrix_key_write]) << "keys are stationary";
}

TEST(MatrixCost, WeightBitsAreThePlanesAndScalesOfTheTile) {
  // 40 features x (64 x 4 bits + 2 groups x (4 FP16 alphas + 1 FP32 offset)).
  EXPECT_EQ(matrix_cost(small_matrix(), work_of(true, 1, 40)).weight_read_bits,
            40u * (64 * 4 + 2 * (4 * 16 + 32)));
}

}  // namespace
}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tests/rtl/matmul.h"

namespace lutsim::rtl {
namespace {

using testing::HasSubstr;

const BuiltMatrixUnit& any_unit() { return built_matrix_unit("odd"); }

TEST(MatrixDriver, RefusesASpecThatWasNotVerilatedAndListsThoseThatWere) {
  spec::MatrixSpec spec = any_unit().spec;
  spec.psum_depth += 1;
  try {
    MatrixDriver driver(spec);
    FAIL();
  } catch (const spec::SpecError& error) {
    EXPECT_THAT(error.what(), HasSubstr("psum_depth = " + std::to_string(spec.psum_depth)));
    for (const BuiltMatrixUnit& unit : built_matrix_units()) {
      EXPECT_THAT(
          error.what(),
          HasSubstr(unit.name + ": engine = " + spec::to_string_of(unit.spec.engine) + ", mu = "));
    }
  }
}

TEST(MatrixDriver, AnotherActivationFormatIsAnotherUnit) {
  spec::MatrixSpec spec = any_unit().spec;
  spec.act_format = spec::NumberFormat::bf16;
  EXPECT_THROW(MatrixDriver driver(spec), spec::SpecError);
}

TEST(MatrixDriver, TwoDriversDoNotShareTheirPartialSums) {
  const spec::MatrixSpec spec = any_unit().spec;
  MatrixDriver first(spec), second(spec);
  const auto m = test::Matmul(1, spec.lanes_k() * 2, 3, 2).fill();
  sim::MatrixTile begin = m.tile(spec, true), end = m.tile(spec, true);
  begin.work.segment_count = end.work.segment_count = end.work.segment_begin = 1;
  begin.work.last = end.work.first = false;
  first.run_tile(begin);
  auto other = test::Matmul(1, spec.lanes_k() * 2, 3, 2).fill();
  for (float& x : other.x) x += 1.0f;
  sim::MatrixTile other_begin = begin;
  other_begin.activations = other.x.data();
  second.run_tile(other_begin);

  sim::PsumMemory psums(spec);
  const auto expected = sim::golden_tile(spec, m.tile(spec, true), psums).y;
  EXPECT_EQ(test::bits_of(first.run_tile(end).y), test::bits_of(expected));
  EXPECT_NE(test::bits_of(second.run_tile(end).y), test::bits_of(expected));
}

/// Operands of a tile whose last key beat is missing.
class WithoutTheLastKeys : public TileOperands {
 public:
  using TileOperands::TileOperands;
  Counts counts() const override {
    Counts counts = TileOperands::counts();
    --counts.keys;
    return counts;
  }
};

TEST(MatrixStream, AStuckUnitNamesTheBeatsThatItTook) {
  const spec::MatrixSpec spec = any_unit().spec;
  const auto pins = MatrixPins::make(spec);
  const auto m = test::Matmul(1, 3, 2, 2).fill();
  try {
    run_stream(spec, *pins, WithoutTheLastKeys(spec, m.tile(spec, true)));
    FAIL();
  } catch (const std::logic_error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("is stuck: commands 1/1, activations 1/1, columns 0/0, keys 1/1"));
    EXPECT_THAT(error.what(), HasSubstr("outputs 0/1"));
  }
}

TEST(MatrixStream, TheSameSeedPacesTheSameWay) {
  const spec::MatrixSpec spec = any_unit().spec;
  const auto m = test::Matmul(1, spec.lanes_k() * 3, 5, 4).fill();
  const TileOperands operands(spec, m.tile(spec, true));
  const auto cycles = [&](std::uint64_t seed) {
    Pacing pacing;
    pacing.keys = pacing.out = 30;
    pacing.seed = seed;
    return run_stream(spec, *MatrixPins::make(spec), operands, pacing).cycles;
  };
  EXPECT_EQ(cycles(4), cycles(4));
  EXPECT_NE(cycles(4), cycles(5));
}

}  // namespace
}  // namespace lutsim::rtl

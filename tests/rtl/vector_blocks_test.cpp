// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/vector_blocks.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/vector/function_tables.h"
#include "sim/vector/sequencer_timing.h"
#include "tools/verify/verify.h"

/// The blocks of rtl/vector/ against models/vector/ and sim/vector/sequencer_timing.h.
namespace lutsim::test {
namespace {

using models::fp32_bits;
using models::fp32_from_bits;
using models::VectorFunction;

struct Seeded {
  const char* block;
  std::uint64_t seed;
};
void PrintTo(const Seeded& p, std::ostream* out) { *out << p.block << " seed " << p.seed; }

class VectorBlock : public testing::TestWithParam<Seeded> {};

TEST_P(VectorBlock, HasTheBitsAndCyclesOfTheModelsAndMeetsEveryBin) {
  const Seeded& p = GetParam();
  constexpr std::uint64_t kVectors = 40000;
  const auto results = tools::verify_blocks({p.block}, kVectors, p.seed);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].vectors, kVectors);
  EXPECT_TRUE(results[0].passed())
      << "seed " << p.seed << ", " << results[0].mismatches << " mismatches, "
      << results[0].cycle_mismatches << " of cycles, first: " << results[0].first_mismatch;
  EXPECT_FALSE(results[0].bins.empty());
  for (const auto& [bin, hits] : results[0].bins) EXPECT_GT(hits, 0u) << bin;
}

std::vector<Seeded> all_blocks() {
  std::vector<Seeded> all;
  for (const char* block : {"function_unit", "softmax", "norm", "kv_quantizer"}) {
    for (std::uint64_t seed : {1, 2}) all.push_back({block, seed});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Blocks, VectorBlock, testing::ValuesIn(all_blocks()),
                         [](const auto& info) {
                           return std::string(info.param.block) + "_seed" +
                                  std::to_string(info.param.seed);
                         });

// ---- the function unit ------------------------------------------------------------------------

std::uint32_t golden(const rtl::RtlFunctionUnit::Operand& operand) {
  return fp32_bits(models::evaluate(operand.function, fp32_from_bits(operand.x)));
}

TEST(FunctionUnit, EverySegmentAtBothEndsAndInTheMiddle) {
  std::vector<rtl::RtlFunctionUnit::Operand> operands;
  for (std::uint32_t f = 0; f < models::kVectorFunctions; ++f) {
    for (std::uint32_t exponent = 118; exponent <= 134; ++exponent) {
      for (std::uint32_t segment = 0; segment < 2 * models::kPageSegments; ++segment) {
        for (const std::uint32_t remainder : {0u, 1u, 0x8000u, 0xffffu}) {
          for (const std::uint32_t sign : {0u, 0x80000000u}) {
            operands.push_back({static_cast<VectorFunction>(f),
                                sign | exponent << 23 | segment << 16 | remainder});
          }
        }
      }
    }
  }
  const auto outcome = rtl::RtlFunctionUnit().run(operands);
  ASSERT_EQ(outcome.y.size(), operands.size());
  for (std::size_t i = 0; i < operands.size(); ++i) {
    ASSERT_EQ(outcome.y[i], golden(operands[i]))
        << spec::to_string_of(operands[i].function) << " of " << std::hex << operands[i].x;
  }
}

TEST(FunctionUnit, AResultMovesSevenCyclesAfterItsOperandAndOperandsFollowEachOther) {
  EXPECT_EQ(sim::kFunctionUnitCycles, 7u);
  rtl::RtlFunctionUnit unit;
  for (const std::size_t count : {1u, 2u, 100u}) {
    const std::vector<rtl::RtlFunctionUnit::Operand> operands(
        count, {VectorFunction::exponential, 0x3f800000u});
    EXPECT_EQ(unit.run(operands).cycles, sim::function_unit_cycles(count));
  }
}

}  // namespace
}  // namespace lutsim::test

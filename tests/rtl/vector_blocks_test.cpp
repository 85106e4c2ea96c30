// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/vector_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/transformer/ops.h"
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

// ---- a row at a time --------------------------------------------------------------------------

std::vector<std::uint32_t> bits_of(const std::vector<float>& row) {
  std::vector<std::uint32_t> bits(row.size());
  std::transform(row.begin(), row.end(), bits.begin(), fp32_bits);
  return bits;
}

TEST(SoftmaxSequencer, EveryLengthTakesTheCyclesOfTheModel) {
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    rtl::RtlSoftmax softmax(lanes);
    for (std::uint32_t length = 1; length <= softmax.max_elements(); ++length) {
      const std::vector<float> x(length, -2.5f);
      const rtl::RowOutcome outcome = softmax.run(bits_of(x));
      ASSERT_EQ(outcome.cycles, sim::softmax_cycles(lanes, length)) << lanes << " " << length;
      const float probability = models::reciprocal(static_cast<float>(length));
      ASSERT_EQ(outcome.y, std::vector<std::uint32_t>(length, fp32_bits(probability)));
    }
  }
}

TEST(SoftmaxSequencer, SumsInTheOrderOfTheSixtyFourPartialSums) {
  // The first element is 1 and swallows each e^-17 that meets it one by one in partial sum 0; those
  // of the other partial sums meet each other first.
  std::vector<float> x(208, -17.0f);
  x[0] = 0.0f;
  std::vector<float> y(x.size());
  models::ops::softmax(x.data(), 1, 1, 208, 207, y.data());
  float one_by_one = 0.0f;
  for (const float value : x) one_by_one += models::exponential(value);
  ASSERT_NE(y[0], models::reciprocal(one_by_one));
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    EXPECT_EQ(rtl::RtlSoftmax(lanes).run(bits_of(x)).y, bits_of(y));
  }
}

TEST(NormSequencer, EveryLengthTakesTheCyclesOfTheModel) {
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    rtl::RtlNorm norm(lanes);
    for (std::uint32_t length = 1; length <= norm.max_elements(); ++length) {
      for (const bool layer_norm : {false, true}) {
        rtl::NormRow row;
        row.layer_norm = layer_norm;
        row.reciprocal = fp32_bits(1.0f / static_cast<float>(length));
        row.epsilon = fp32_bits(1e-5f);
        row.x = row.weight = row.bias = bits_of(std::vector<float>(length, 2.0f));
        ASSERT_EQ(norm.run(row).cycles, sim::norm_cycles(lanes, length, layer_norm))
            << lanes << " " << length << " " << layer_norm;
      }
    }
  }
}

TEST(NormSequencer, RmsNormKeepsTheSignOfAZero) {
  rtl::NormRow row;
  row.reciprocal = fp32_bits(0.5f);
  row.epsilon = fp32_bits(1.0f);
  row.x = bits_of({-0.0f, 0.0f});
  row.weight = bits_of({1.0f, 1.0f});
  row.bias = bits_of({7.0f, 7.0f});
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    EXPECT_EQ(rtl::RtlNorm(lanes).run(row).y, bits_of({-0.0f, 0.0f})) << lanes;
  }
}

TEST(KvQuantizer, EveryLengthTakesTheCyclesOfTheModelAndEveryCodeIsReached) {
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    rtl::RtlKvQuantizer quantizer(lanes);
    for (std::uint32_t length = 1; length <= quantizer.max_elements(); ++length) {
      std::vector<float> x(length);
      for (std::uint32_t i = 0; i < length; ++i) x[i] = static_cast<float>(i % 16) - 3.0f;
      const auto outcome = quantizer.run(bits_of(x), 4);
      ASSERT_EQ(outcome.cycles, sim::kv_quantizer_cycles(lanes, length)) << lanes << " " << length;
      if (length < 16) continue;
      EXPECT_EQ(outcome.group.zero, models::fp16_bits(-3.0f));
      EXPECT_EQ(outcome.group.scale, models::fp16_bits(1.0f));
      for (std::uint32_t i = 0; i < length; ++i) ASSERT_EQ(outcome.group.codes[i], i % 16);
    }
  }
}

}  // namespace
}  // namespace lutsim::test

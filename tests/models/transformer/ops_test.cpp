// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/ops.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/numerics/float_format.h"
#include "models/transformer/lane_sum.h"
#include "models/vector/function_unit.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

using spec::NumberFormat;
using test::RandomValues;
using testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kFp32Step = 0x1p-23;

std::vector<float> fp16_values(RandomValues& random, std::size_t count) {
  std::vector<float> values = random.vector(count);
  ops::convert(NumberFormat::fp16, values.data(), count, values.data());
  return values;
}

// ---- rms_norm ---------------------------------------------------------------------------------

TEST(RmsNorm, EveryStepRoundsToFp32InTheStatedOrder) {
  const std::vector<float> x{1.0f, 0x1p-13f, 0x1p-13f, -3.0f};
  const std::vector<float> weight{1.0f, 1.0f, 2.0f, 0.5f};
  std::vector<float> y(4);
  ops::rms_norm(NumberFormat::fp32, x.data(), 1, 4, weight.data(), 1e-5f, y.data());
  // Four partial sums of one term each; the tree adds 0 and 2, 1 and 3, then both.
  const float sum = (1.0f + 0x1p-26f) + (0x1p-26f + 9.0f);
  const float factor = reciprocal_sqrt(sum * 0.25f + 1e-5f);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], (x[i] * factor) * weight[i]) << i;
}

TEST(LaneSum, EveryLaneTakesItsTermsByIncreasingIndex) {
  // Lane 0 holds 2^24 and swallows each following 1 of its own; the 1s of lane 1 stay together.
  const std::uint64_t count = std::uint64_t{4} * kSumLanes;
  const auto lane_0 = [](std::uint64_t i) {
    return i == 0 ? 0x1p24f : i % kSumLanes == 0 ? 1.0f : 0.0f;
  };
  const auto lane_1 = [](std::uint64_t i) {
    return i == 0 ? 0x1p24f : i % kSumLanes == 1 ? 1.0f : 0.0f;
  };
  EXPECT_EQ(lane_sum(count, lane_0), 0x1p24f);
  EXPECT_EQ(lane_sum(count, lane_1), 0x1p24f + 4.0f);
}

TEST(LaneSum, TheTreeAddsTheFarHalfToTheNearHalf) {
  // 2^24 + 1 rounds back to 2^24, so it matters that 1 meets 1 first: lanes 1 and 33.
  const auto together = [](std::uint64_t i) {
    return i == 0 ? 0x1p24f : (i == 1 || i == 1 + kSumLanes / 2) ? 1.0f : 0.0f;
  };
  const auto apart = [](std::uint64_t i) {
    return i == 0 ? 0x1p24f : (i == kSumLanes / 2 || i == kSumLanes / 4) ? 1.0f : 0.0f;
  };
  EXPECT_EQ(lane_sum(kSumLanes, together), 0x1p24f + 2.0f);
  EXPECT_EQ(lane_sum(kSumLanes, apart), 0x1p24f);
}

TEST(LaneSum, TermsThatDoNotFillTheLanesAreAllTaken) {
  for (const std::uint64_t count : {1u, 63u, 64u, 65u, 200u}) {
    EXPECT_EQ(lane_sum(count, [](std::uint64_t) { return 1.0f; }), static_cast<float>(count));
  }
}

TEST(RmsNorm, RowsAreIndependentAndRoundedToTheActivationFormat) {
  RandomValues random(2);
  const std::vector<float> x = random.vector(std::size_t{3} * 37);
  const std::vector<float> weight = random.vector(37);
  std::vector<float> all(x.size());
  ops::rms_norm(NumberFormat::fp16, x.data(), 3, 37, weight.data(), 1e-5f, all.data());
  for (std::uint32_t r = 0; r < 3; ++r) {
    std::vector<float> row(37);
    ops::rms_norm(NumberFormat::fp32, x.data() + std::size_t{37} * r, 1, 37, weight.data(), 1e-5f,
                  row.data());
    for (int i = 0; i < 37; ++i) {
      EXPECT_EQ(all[37 * r + i], round_to(NumberFormat::fp16, row[i]));
    }
  }
}

TEST(LayerNorm, MatchesTheDefinitionOperationByOperation) {
  RandomValues random(7);
  constexpr std::uint32_t kSize = 100;
  const std::vector<float> x = random.vector(std::size_t{2} * kSize, 3.0f);
  const std::vector<float> weight = random.vector(kSize);
  const std::vector<float> bias = random.vector(kSize);
  std::vector<float> y(x.size());
  ops::layer_norm(NumberFormat::fp32, x.data(), 2, kSize, weight.data(), bias.data(), 1e-5f,
                  y.data());
  for (std::uint32_t r = 0; r < 2; ++r) {
    const float* row = x.data() + std::size_t{kSize} * r;
    const float mean = lane_sum(kSize, [&](std::uint64_t i) { return row[i]; }) * (1.0f / kSize);
    const float variance =
        lane_sum(kSize, [&](std::uint64_t i) { return (row[i] - mean) * (row[i] - mean); }) *
        (1.0f / kSize);
    const float factor = reciprocal_sqrt(variance + 1e-5f);
    double exact_mean = 0.0;
    for (std::uint32_t i = 0; i < kSize; ++i) exact_mean += row[i] / static_cast<double>(kSize);
    double exact_variance = 1e-5;
    for (std::uint32_t i = 0; i < kSize; ++i) {
      exact_variance += (row[i] - exact_mean) * (row[i] - exact_mean) / kSize;
    }
    for (std::uint32_t i = 0; i < kSize; ++i) {
      const float got = y[kSize * r + i];
      EXPECT_EQ(got, ((row[i] - mean) * factor) * weight[i] + bias[i]);
      EXPECT_NEAR(got, (row[i] - exact_mean) / std::sqrt(exact_variance) * weight[i] + bias[i],
                  16 * kFp32Step);
    }
  }
}

TEST(LayerNorm, ARowOfEqualElementsIsTheBias) {
  const std::vector<float> x(5, 3.0f);
  const std::vector<float> weight(5, 2.0f);
  const std::vector<float> bias{1, 2, 3, 4, 5};
  std::vector<float> y(5);
  ops::layer_norm(NumberFormat::fp16, x.data(), 1, 5, weight.data(), bias.data(), 1e-5f, y.data());
  EXPECT_EQ(y, bias);
}

// ---- rope -------------------------------------------------------------------------------------

TEST(Rope, RotatesPairsByPositionTimesFrequency) {
  constexpr std::uint32_t kHeadDim = 6;
  const ops::RopeTable table(kHeadDim, 10000.0, 9);
  RandomValues random(3);
  const std::vector<float> x = random.vector(std::size_t{4} * kHeadDim);  // two rows of two heads
  std::vector<float> y(x.size());
  ops::rope(NumberFormat::fp32, table, x.data(), 2, 2, 7, y.data());
  for (std::uint32_t r = 0; r < 2; ++r) {
    for (std::uint32_t h = 0; h < 2; ++h) {
      for (std::uint32_t i = 0; i < kHeadDim / 2; ++i) {
        const double angle = (7.0 + r) * std::pow(10000.0, -2.0 * i / kHeadDim);
        const std::size_t at = (r * 2 + h) * kHeadDim + 2 * i;
        const double a = x[at];
        const double b = x[at + 1];
        EXPECT_NEAR(y[at], a * std::cos(angle) - b * std::sin(angle), 4 * kFp32Step);
        EXPECT_NEAR(y[at + 1], a * std::sin(angle) + b * std::cos(angle), 4 * kFp32Step);
      }
    }
  }
}

TEST(Rope, PositionZeroOnlyRounds) {
  const ops::RopeTable table(4, 10000.0, 1);
  const std::vector<float> x{1.0f / 3.0f, 2.0f, -5.0f, 0.1f};
  std::vector<float> y(4);
  ops::rope(NumberFormat::fp16, table, x.data(), 1, 1, 0, y.data());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(y[i], round_to(NumberFormat::fp16, x[i]));
}

// ---- attention --------------------------------------------------------------------------------

/// Queries, keys and values of a grouped-query layer; 21 positions are more than one block.
struct Attention {
  ops::AttentionShape shape{6, 2, 10};
  std::uint32_t m = 3;
  std::uint32_t position = 18;
  std::uint32_t context = 21;
  std::vector<float> q, k, v;

  Attention() {
    RandomValues random(4);
    q = fp16_values(random, std::size_t{m} * shape.q_dim());
    k = fp16_values(random, std::size_t{context} * shape.kv_dim());
    v = fp16_values(random, std::size_t{context} * shape.kv_dim());
  }
  std::vector<float> scores(std::uint32_t begin, std::uint32_t end) const {
    std::vector<float> y(std::size_t{shape.heads} * m * (end - begin));
    ops::attention_score(shape, q.data(), m, position,
                         k.data() + std::size_t{begin} * shape.kv_dim(), begin, end, y.data());
    return y;
  }
  std::vector<float> probabilities() const {
    std::vector<float> p = scores(0, context);
    ops::softmax(p.data(), shape.heads, m, context, position, p.data());
    return p;
  }
};

TEST(AttentionScore, IsTheScaledDotProductSummedByIncreasingDimension) {
  const Attention a;
  const std::vector<float> y = a.scores(0, a.context);
  const float scale = 1.0f / std::sqrt(10.0f);
  for (std::uint32_t h = 0; h < 6; ++h) {
    for (std::uint32_t r = 0; r < a.m; ++r) {
      for (std::uint32_t t = 0; t < a.context; ++t) {
        const float got = y[(h * a.m + r) * a.context + t];
        if (t > a.position + r) {
          EXPECT_EQ(got, -kInfinity);
          continue;
        }
        float sum = 0.0f;
        for (std::uint32_t d = 0; d < 10; ++d) {
          sum += a.q[r * 60 + h * 10 + d] * a.k[t * 20 + (h / 3) * 10 + d];
        }
        EXPECT_EQ(got, sum * scale) << "head " << h << " row " << r << " position " << t;
      }
    }
  }
}

TEST(AttentionScore, APartOfTheContextGivesTheSameBits) {
  const Attention a;
  const std::vector<float> whole = a.scores(0, a.context);
  const std::vector<float> part = a.scores(5, 20);
  for (std::uint32_t row = 0; row < 6 * a.m; ++row) {
    for (std::uint32_t t = 5; t < 20; ++t) {
      EXPECT_EQ(part[row * 15 + t - 5], whole[row * a.context + t]);
    }
  }
}

TEST(Softmax, MatchesTheDefinitionOperationByOperation) {
  const Attention a;
  const std::vector<float> x = a.scores(0, a.context);
  const std::vector<float> p = a.probabilities();
  for (std::size_t row = 0; row < 18; ++row) {
    const std::uint32_t visible = static_cast<std::uint32_t>(a.position + row % a.m + 1);
    float largest = -kInfinity;
    for (std::uint32_t t = 0; t < visible; ++t) largest = std::max(largest, x[row * 21 + t]);
    const float sum =
        lane_sum(visible, [&](std::uint64_t t) { return exponential(x[row * 21 + t] - largest); });
    const float factor = reciprocal(sum);
    for (std::uint32_t t = 0; t < 21; ++t) {
      const float want = t < visible ? exponential(x[row * 21 + t] - largest) * factor : 0.0f;
      EXPECT_EQ(p[row * 21 + t], want);
    }
  }
}

TEST(Softmax, ANanSpoilsItsRowAndNoOther) {
  std::vector<float> x(8, 0.5f);
  x[1] = std::nanf("");
  ops::softmax(x.data(), 2, 1, 4, 3, x.data());
  for (int t = 0; t < 4; ++t) {
    EXPECT_EQ(fp32_bits(x[t]), kCanonicalNanFp32);
    EXPECT_EQ(x[4 + t], 0.25f);
  }
}

TEST(Softmax, ARowOfNothingButMinusInfinityIsNan) {
  std::vector<float> x(4, -kInfinity);
  ops::softmax(x.data(), 1, 1, 4, 3, x.data());
  for (const float p : x) EXPECT_EQ(fp32_bits(p), kCanonicalNanFp32);
}

TEST(AttentionValue, IsTheWeightedSumByIncreasingPosition) {
  const Attention a;
  const std::vector<float> p = a.probabilities();
  std::vector<float> acc(std::size_t{a.m} * 60);
  ops::attention_value(a.shape, p.data(), a.m, a.position, a.v.data(), 0, a.context, acc.data());
  for (std::uint32_t r = 0; r < a.m; ++r) {
    for (std::uint32_t h = 0; h < 6; ++h) {
      for (std::uint32_t d = 0; d < 10; ++d) {
        float sum = 0.0f;
        for (std::uint32_t t = 0; t <= a.position + r; ++t) {
          sum += p[(h * a.m + r) * 21 + t] * a.v[t * 20 + (h / 3) * 10 + d];
        }
        EXPECT_EQ(acc[r * 60 + h * 10 + d], sum);
      }
    }
  }
}

TEST(AttentionValue, AContextCutIntoChunksGivesTheSameBits) {
  const Attention a;
  const std::vector<float> p = a.probabilities();
  std::vector<float> whole(std::size_t{a.m} * 60);
  ops::attention_value(a.shape, p.data(), a.m, a.position, a.v.data(), 0, a.context, whole.data());
  std::vector<float> chunked(whole.size());
  for (const auto& [begin, end] : {std::pair{0u, 7u}, {7u, 8u}, {8u, 21u}}) {
    std::vector<float> part;
    for (std::ptrdiff_t row = 0; row < 18; ++row) {
      part.insert(part.end(), p.begin() + row * 21 + begin, p.begin() + row * 21 + end);
    }
    ops::attention_value(a.shape, part.data(), a.m, a.position,
                         a.v.data() + std::size_t{begin} * 20, begin, end, chunked.data());
  }
  EXPECT_EQ(chunked, whole);
}

TEST(AttentionValue, APositionInTheFutureCannotSpoilARow) {
  Attention a;
  for (std::uint32_t c = 0; c < 20; ++c) a.v[20 * 20 + c] = kInfinity;  // position 20: row 2 only
  const std::vector<float> p = a.probabilities();
  std::vector<float> acc(std::size_t{a.m} * 60);
  ops::attention_value(a.shape, p.data(), a.m, a.position, a.v.data(), 0, a.context, acc.data());
  for (std::uint32_t i = 0; i < 120; ++i) EXPECT_TRUE(std::isfinite(acc[i])) << i;
  EXPECT_EQ(acc[120], kInfinity);
}

// ---- the others -------------------------------------------------------------------------------

TEST(SiluMultiply, MatchesTheDefinitionAndTheFunction) {
  RandomValues random(5);
  std::vector<float> gate = random.vector(200, 20.0f);
  const std::vector<float> up = random.vector(200, 2.0f);
  gate[0] = -200.0f;  // the sigmoid is 0
  std::vector<float> y(200);
  ops::silu_multiply(NumberFormat::fp32, gate.data(), up.data(), 200, y.data());
  EXPECT_EQ(y[0], 0.0f);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(y[i], (gate[i] * sigmoid(gate[i])) * up[i]);
    const double want = gate[i] / (1.0 + std::exp(-static_cast<double>(gate[i]))) * up[i];
    EXPECT_NEAR(y[i], want, 2 * kFp32Step * std::abs(gate[i] * up[i])) << gate[i];
  }
}

TEST(Add, AddsInFp32) {
  const std::vector<float> a{1.0f, kInfinity, 0x1p24f};
  const std::vector<float> b{2.0f, -kInfinity, 1.0f};
  std::vector<float> y(3);
  ops::add(a.data(), b.data(), 3, y.data());
  EXPECT_EQ(y[0], 3.0f);
  EXPECT_EQ(fp32_bits(y[1]), kCanonicalNanFp32);
  EXPECT_EQ(y[2], 0x1p24f);  // a tie, to even
}

TEST(Embedding, GathersRowsOfTheTable) {
  Fp16Matrix table{3, 2, {1, 2, 3, 4, 5, 6}};  // [k][n]: rows (1,4), (2,5), (3,6)
  const std::vector<std::uint32_t> tokens{2, 0};
  std::vector<float> y(4);
  ops::embedding(table, tokens.data(), 2, y.data());
  EXPECT_THAT(y, ElementsAre(3, 6, 1, 4));
}

TEST(Matmul, IsALaneSumOverKAndDoesNotDependOnHowNIsCut) {
  RandomValues random(6);
  constexpr std::size_t kDepth = 150;  // the lanes fill twice, then in part
  const Fp16Matrix w{45, static_cast<std::uint32_t>(kDepth),
                     fp16_values(random, std::size_t{45} * kDepth)};
  const std::vector<float> x = fp16_values(random, 2 * kDepth);
  std::vector<float> whole(90);
  ops::matmul(x.data(), 2, w, 0, 45, whole.data());
  for (std::uint32_t r = 0; r < 2; ++r) {
    for (std::uint32_t n = 0; n < 45; ++n) {
      const float sum =
          lane_sum(kDepth, [&](std::uint64_t k) { return x[r * kDepth + k] * w.at(n, k); });
      EXPECT_EQ(whole[r * 45 + n], sum);
    }
  }
  std::vector<float> part(38);
  ops::matmul(x.data(), 2, w, 13, 32, part.data());
  for (std::uint32_t r = 0; r < 2; ++r) {
    for (std::uint32_t n = 13; n < 32; ++n) {
      EXPECT_EQ(part[r * 19 + n - 13], whole[r * 45 + n]);
    }
  }
}

TEST(KvAppend, StoresWhatTheCacheFormatKeeps) {
  const std::vector<float> x{1.0f / 3.0f, 70000.0f, -0.0f};
  std::vector<float> rows(3);
  ops::kv_append(NumberFormat::fp16, x.data(), 1, 1, 3, rows.data());
  EXPECT_THAT(rows, ElementsAre(fp16_from_bits(0x3555), kInfinity, 0.0f));
  EXPECT_TRUE(std::signbit(rows[2]));
}

TEST(KvAppend, EachPositionAndHeadHasItsOwnGrid) {
  // Two positions of two heads of two elements: every element is an end of its grid, and FP16.
  const std::vector<float> x{1.0f, 2.0f, -8.0f, 8.0f, 100.0f, 101.0f, 0.0f, 0.5f};
  for (const NumberFormat format : {NumberFormat::int8, NumberFormat::int4}) {
    std::vector<float> rows(x.size());
    ops::kv_append(format, x.data(), 2, 2, 2, rows.data());
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(rows[i], x[i], 1e-3f * 16) << i;
    // As one group of eight 1.0 and 2.0 would fall together in 4 bits: a step is 109 / 15.
    EXPECT_GT(rows[1] - rows[0], 0.9f);
  }
  EXPECT_EQ(ops::rotated_key_format(NumberFormat::int4), NumberFormat::fp16);
  EXPECT_EQ(ops::rotated_key_format(NumberFormat::bf16), NumberFormat::bf16);
}

}  // namespace
}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/matrix_attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/bcq/uniform_view.h"
#include "models/numerics/float_format.h"
#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

using spec::Engine;
using test::RandomValues;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

spec::MatrixSpec unit(Engine engine) {
  spec::MatrixSpec m;
  m.engine = engine;
  m.mu = spec::is_lut(engine) ? 4 : 1;
  m.racs_per_lut = spec::is_lut(engine) ? 2 : 1;
  m.array_rows = 3;
  m.array_cols = spec::is_lut(engine) ? 2 : 5;
  m.planes = spec::is_bit_serial(engine) ? 3 : 8;
  m.acc_format = spec::is_aligned(engine) ? spec::AccFormat::integer : spec::AccFormat::fp32;
  m.align_bits = 20;
  return m;
}

/// Queries and a cache whose rows differ in range and place, so that a scale or zero point of
/// another position shows.
struct Cached {
  ops::AttentionShape shape{6, 2, 10};
  std::uint32_t bits, m = 3, position = 18, context = 21;
  std::vector<float> q;
  KvGroups keys, values;

  explicit Cached(std::uint32_t kv_bits) : bits(kv_bits) {
    RandomValues random(9);
    for (std::size_t i = 0; i < std::size_t{m} * shape.q_dim(); ++i) {
      q.push_back(round_to_fp16(random.next()));
    }
    for (KvGroups* cache : {&keys, &values}) {
      std::vector<float> rows;
      for (std::uint32_t t = 0; t < context * shape.kv_heads; ++t) {
        const float range = 0.2f + std::abs(random.next(3.0f)), middle = random.next(2.0f);
        for (std::uint32_t d = 0; d < shape.head_dim; ++d) {
          rows.push_back(middle + random.next(range));
        }
      }
      append_kv_groups(rows.data(), context, shape.kv_heads, shape.head_dim, bits, *cache);
    }
  }
  std::vector<float> scores(const spec::MatrixSpec& spec) const {
    std::vector<float> y(std::size_t{shape.heads} * m * context);
    ops::matrix_attention_score(spec, shape, bits, q.data(), m, position, keys, y.data());
    return y;
  }
  std::vector<float> probabilities() const {
    std::vector<float> p = scores(unit(Engine::ifpu));
    ops::softmax(p.data(), shape.heads, m, context, position, p.data());
    return p;
  }
  std::vector<float> mixed(const spec::MatrixSpec& spec, const std::vector<float>& p) const {
    std::vector<float> y(std::size_t{m} * shape.q_dim());
    ops::matrix_attention_value(spec, shape, bits, p.data(), m, position, values, y.data());
    return y;
  }
  /// Element of a cached row, in double precision.
  double element(const KvGroups& cache, std::uint32_t t, std::uint32_t head,
                 std::uint32_t d) const {
    const KvGroup& group = cache[t * shape.kv_heads + head / shape.group()];
    return static_cast<double>(group.codes[d]) * fp16_from_bits(group.scale) +
           fp16_from_bits(group.zero);
  }
};

class MatrixAttention : public testing::TestWithParam<std::tuple<Engine, std::uint32_t>> {
 protected:
  const spec::MatrixSpec spec_ = unit(std::get<0>(GetParam()));
  const std::uint32_t bits_ = std::get<1>(GetParam());
  /// Of a weight that `fp` rounds to FP16 when it dequantises it; the others have exact weights.
  const double weight_step_ = spec_.engine == Engine::fp ? 0x1p-11 : 0;
};

TEST_P(MatrixAttention, ScoresAreThoseOfTheCachedElements) {
  const Cached a(bits_);
  const std::vector<float> y = a.scores(spec_);
  for (std::uint32_t h = 0; h < 6; ++h) {
    for (std::uint32_t r = 0; r < a.m; ++r) {
      for (std::uint32_t t = 0; t < a.context; ++t) {
        const float got = y[(h * a.m + r) * a.context + t];
        if (t > a.position + r) {
          EXPECT_EQ(got, -kInfinity);
          continue;
        }
        double want = 0, size = 0;
        for (std::uint32_t d = 0; d < 10; ++d) {
          const double q = a.q[r * 60 + h * 10 + d];
          want += q * a.element(a.keys, t, h, d);
          size += std::abs(q) * 8;
        }
        // Activations are aligned to 20 bits, sums are FP32.
        EXPECT_NEAR(got, want / std::sqrt(10.0), size * (0x1p-17 + weight_step_)) << h << " " << t;
      }
    }
  }
}

TEST_P(MatrixAttention, ValuesAreThoseOfTheCachedElements) {
  const Cached a(bits_);
  const std::vector<float> p = a.probabilities();
  const std::vector<float> y = a.mixed(spec_, p);
  for (std::uint32_t r = 0; r < a.m; ++r) {
    for (std::uint32_t h = 0; h < 6; ++h) {
      for (std::uint32_t d = 0; d < 10; ++d) {
        double want = 0, size = 0;
        for (std::uint32_t t = 0; t <= a.position + r; ++t) {
          const double weight = p[(h * a.m + r) * a.context + t];
          want += weight * a.element(a.values, t, h, d);
          size += weight * 6;
        }
        // Scaled probabilities and the result are FP16.
        EXPECT_NEAR(y[r * 60 + h * 10 + d], want, size * 0x1p-10) << r << " " << h << " " << d;
      }
    }
  }
}

TEST_P(MatrixAttention, ARowsBitsDoNotDependOnTheRowsBesideIt) {
  const Cached all(bits_);
  const std::vector<float> scores = all.scores(spec_), p = all.probabilities();
  const std::vector<float> mixed = all.mixed(spec_, p);
  for (std::uint32_t r = 0; r < all.m; ++r) {
    // The row alone, as the last of its context.
    Cached one = all;
    one.m = 1;
    one.position = all.position + r;
    one.context = one.position + 1;
    one.keys.resize(std::size_t{one.context} * 2);
    one.values.resize(one.keys.size());
    one.q.assign(all.q.begin() + r * 60, all.q.begin() + (r + 1) * 60);
    const std::vector<float> alone = one.scores(spec_);
    std::vector<float> row;
    for (std::uint32_t h = 0; h < 6; ++h) {
      for (std::uint32_t t = 0; t < one.context; ++t) {
        EXPECT_EQ(alone[h * one.context + t], scores[(h * all.m + r) * all.context + t]);
        row.push_back(p[(h * all.m + r) * all.context + t]);
      }
    }
    EXPECT_EQ(one.mixed(spec_, row),
              std::vector<float>(mixed.begin() + r * 60, mixed.begin() + (r + 1) * 60));
  }
}

TEST_P(MatrixAttention, ALostGroupSpoilsTheRowsThatSeeItAndNoOthers) {
  Cached a(bits_);
  const std::vector<float> p = a.probabilities();
  const std::vector<float> row(10, std::numeric_limits<float>::quiet_NaN());
  const KvGroup lost = quantize_kv_group(row.data(), 10, bits_);
  a.keys[20 * 2 + 1] = a.values[20 * 2 + 1] = lost;  // position 20, KV head 1: row 2 alone sees it
  const std::vector<float> scores = a.scores(spec_), mixed = a.mixed(spec_, p);
  for (std::uint32_t h = 0; h < 6; ++h) {
    for (std::uint32_t r = 0; r < a.m; ++r) {
      const bool spoiled = r == 2 && h >= 3;
      const float last = scores[(h * a.m + r) * a.context + 20];
      EXPECT_EQ(std::isnan(last), spoiled) << h << " " << r;
      EXPECT_FALSE(std::isnan(scores[(h * a.m + r) * a.context + 10]));
      EXPECT_EQ(std::isnan(mixed[r * 60 + h * 10]), spoiled) << h << " " << r;
    }
  }
}

TEST_P(MatrixAttention, TheWidestRangeDoesNotOverflow) {
  Cached a(bits_);
  std::vector<float> row(10, -65000.0f);
  row[3] = 65000.0f;
  a.values[0] = quantize_kv_group(row.data(), 10, bits_);
  std::vector<float> p(std::size_t{6} * a.m * a.context, 0.0f);
  for (std::size_t i = 0; i < p.size(); i += a.context) p[i] = 1.0f;
  const std::vector<float> y = a.mixed(spec_, p);
  EXPECT_NEAR(y[0], -65000.0f, 100.0f);
  EXPECT_NEAR(y[3], 65000.0f, 100.0f);
}

std::string name_of(const testing::TestParamInfo<MatrixAttention::ParamType>& info) {
  std::string name = spec::to_string_of(std::get<0>(info.param)) + "With" +
                     std::to_string(std::get<1>(info.param)) + "Bits";
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
}

INSTANTIATE_TEST_SUITE_P(Engines, MatrixAttention,
                         testing::Combine(testing::Values(Engine::fp, Engine::ifpu, Engine::figna,
                                                          Engine::lut_f, Engine::lut_i),
                                          testing::Values(8u, 4u)),
                         name_of);

TEST(KvMatrix, AllEnginesSeeTheSameWeightsWithTheConstant) {
  const Cached a(8);
  const KvRange range{a.keys, 8, 2, 1, 4, 9};
  const spec::MatrixSpec serial = unit(Engine::ifpu), integer = unit(Engine::figna);
  const BcqMatrix planes = key_matrix(serial, range), codes = key_matrix(integer, range);
  EXPECT_FALSE(planes.has_offset());
  EXPECT_NO_THROW(require_uniform(codes, "keys"));
  for (std::uint32_t t = 0; t < range.count(); ++t) {
    EXPECT_EQ(uniform_scale(codes, 0, t).zero, 128);
    for (std::uint32_t d = 0; d < 10; ++d) {
      const double want = a.element(a.keys, 4 + t, 3, d);
      EXPECT_NEAR(planes.weight(t, d) + kv_constant(serial, range.at(t), 8), want, 1e-5);
      EXPECT_NEAR(codes.weight(t, d) + kv_constant(integer, range.at(t), 8), want, 1e-5);
    }
  }
}

TEST(KvMatrix, AScaleWithoutAnFp16HalfIsTheNearestThatHasOne) {
  KvGroup group;
  group.scale = 0x0801;  // above 2^-13: its half has the same significand
  EXPECT_EQ(kv_matrix_scale(group), fp16_from_bits(0x0801));
  group.scale = 0x0401;  // its half would be subnormal
  EXPECT_EQ(kv_matrix_scale(group), fp16_from_bits(0x0400));
  group.scale = 3;  // 3 units of 2^-24: 1.5 is a tie, to even
  EXPECT_EQ(kv_matrix_scale(group), 4 * 0x1p-24f);
  group.scale = 5;
  EXPECT_EQ(kv_matrix_scale(group), 4 * 0x1p-24f);
}

TEST(KvMatrix, RefusesWhatTheUnitCannotMultiply) {
  spec::MatrixSpec four = unit(Engine::figna);
  four.planes = 4;
  EXPECT_NO_THROW(require_matrix_attention(four, spec::NumberFormat::int4));
  EXPECT_THROW(require_matrix_attention(four, spec::NumberFormat::int8), spec::SpecError);
  EXPECT_NO_THROW(require_matrix_attention(unit(Engine::lut_i), spec::NumberFormat::int8));
  try {
    require_matrix_attention(unit(Engine::lut_i), spec::NumberFormat::fp16);
    FAIL() << "an unquantised cache was taken";
  } catch (const spec::SpecError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the KV cache is fp16"));
  }
}

}  // namespace
}  // namespace lutsim::models

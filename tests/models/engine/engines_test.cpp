// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/bcq/uniform_view.h"
#include "models/config/named.h"
#include "models/engine/engine.h"
#include "tests/models/engine/reference_engines.h"

namespace lutsim::models {
namespace {

using spec::AccFormat;
using spec::Engine;
using spec::MatrixSpec;
using spec::NumberFormat;
using testing::HasSubstr;

std::vector<float> random_values(std::mt19937& random, std::size_t count, float scale) {
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random) * scale;
  return values;
}

MatrixSpec spec_of(Engine engine, std::uint32_t mu, std::uint32_t cols, std::uint32_t planes,
                   AccFormat acc, NumberFormat act = NumberFormat::fp16) {
  MatrixSpec spec;
  spec.engine = engine;
  spec.mu = mu;
  spec.racs_per_lut = spec::is_lut(engine) ? 2 : 1;
  spec.array_cols = cols;
  spec.planes = planes;
  spec.acc_format = acc;
  spec.act_format = act;
  EXPECT_TRUE(spec::problems(spec).empty());
  return spec;
}

using Reference =
    std::function<std::vector<float>(const MatrixSpec&, const float*, const BcqMatrix&)>;

struct Case {
  MatrixSpec spec;
  Reference reference;
};

std::vector<Case> cases() {
  const auto aligned = AccFormat::integer;
  return {
      {spec_of(Engine::fp, 1, 64, 4, AccFormat::fp32), test::reference_fp},
      {spec_of(Engine::fp, 1, 11, 5, AccFormat::fp16), test::reference_fp},
      {spec_of(Engine::fp, 1, 13, 8, AccFormat::fp32, NumberFormat::bf16), test::reference_fp},
      {spec_of(Engine::fp, 1, 1, 4, AccFormat::fp32, NumberFormat::fp32), test::reference_fp},
      {spec_of(Engine::figna, 1, 64, 4, aligned), test::reference_figna},
      {spec_of(Engine::figna, 1, 7, 8, aligned, NumberFormat::bf16), test::reference_figna},
      {spec_of(Engine::lut_f, 4, 16, 1, AccFormat::fp32), test::reference_lut_f},
      {spec_of(Engine::lut_f, 3, 5, 2, AccFormat::fp16), test::reference_lut_f},
      {spec_of(Engine::lut_f, 8, 3, 3, AccFormat::fp32, NumberFormat::bf16), test::reference_lut_f},
      {spec_of(Engine::ifpu, 1, 64, 1, aligned), test::reference_slots},
      {spec_of(Engine::ifpu, 1, 13, 3, aligned, NumberFormat::bf16), test::reference_slots},
      {spec_of(Engine::lut_i, 4, 16, 4, aligned), test::reference_slots},
      {spec_of(Engine::lut_i, 5, 3, 8, aligned, NumberFormat::fp32), test::reference_slots},
  };
}

std::string name_of(const MatrixSpec& spec) {
  return to_string_of(spec.engine) + " mu " + std::to_string(spec.mu) + " cols " +
         std::to_string(spec.array_cols) + " planes " + std::to_string(spec.planes);
}

TEST(Engines, GemmEqualsTheSpecificationBitForBit) {
  std::mt19937 random(31);
  for (const Case& c : cases()) {
    for (const std::uint32_t bits : {1u, 3u, 4u}) {
      for (const float scale : {1.0f, 1e-6f}) {
        constexpr std::uint32_t kRows = 5, kK = 173, kN = 37;
        const std::vector<float> dense = random_values(random, std::size_t{kN} * kK, 0.1f);
        // Integer weights are uniform ones; bit-serial engines get binary-coded ones too.
        const BcqMatrix w = bits == 3 && spec::is_bit_serial(c.spec.engine)
                                ? quantize_bcq(dense.data(), kN, kK, bits, 41, 2)
                                : quantize_rtn(dense.data(), kN, kK, bits, 41);
        const std::vector<float> x = random_values(random, std::size_t{kRows} * kK, scale);
        std::vector<float> y(std::size_t{kRows} * kN);
        engine_gemm(c.spec, x.data(), kRows, w, y.data());
        for (std::uint32_t row = 0; row < kRows; ++row) {
          const auto expected = c.reference(c.spec, x.data() + std::size_t{row} * kK, w);
          for (std::uint32_t n = 0; n < kN; ++n) {
            ASSERT_EQ(fp32_bits(y[row * kN + n]), fp32_bits(expected[n]))
                << name_of(c.spec) << ", " << bits << " bits, row " << row << ", feature " << n;
          }
        }
      }
    }
  }
}

TEST(Engines, SegmentsOverTilesOfNAddUpToTheGemm) {
  std::mt19937 random(32);
  for (const Case& c : cases()) {
    constexpr std::uint32_t kK = 90, kN = 19;
    const std::vector<float> dense = random_values(random, std::size_t{kN} * kK, 0.1f);
    const BcqMatrix w = quantize_rtn(dense.data(), kN, kK, 4, 32);
    const std::vector<float> x = random_values(random, kK, 1.0f);
    std::vector<float> y(kN), acc(kN, 0.0f);
    engine_gemm(c.spec, x.data(), 1, w, y.data());
    for (const KSegment& seg : k_segments(kK, 32, c.spec.lanes_k())) {
      for (std::uint32_t n = 0; n < kN; n += 5) {
        engine_segment(c.spec, x.data(), w, seg, n, std::min(n + 5, kN), acc.data() + n);
      }
    }
    for (std::uint32_t n = 0; n < kN; ++n) {
      EXPECT_EQ(fp32_bits(acc[n]), fp32_bits(y[n])) << name_of(c.spec) << ", feature " << n;
    }
  }
}

TEST(Engines, StayCloseToTheProductInRealNumbers) {
  // The same weights in all engines: what differs is rounding. Errors are relative to the sum of
  // magnitudes; one rounding of FP16 is 2^-11, alignment to 16 bits drops up to 2^-15 of the
  // greatest.
  std::mt19937 random(33);
  constexpr std::uint32_t kK = 256, kN = 64;
  const std::vector<float> dense = random_values(random, std::size_t{kN} * kK, 0.1f);
  const BcqMatrix w = quantize_rtn(dense.data(), kN, kK, 4, 128);
  std::vector<float> x = random_values(random, kK, 1.0f);
  for (float& value : x) value = round_to(NumberFormat::fp16, value);
  const MatrixSpec base;
  for (const Engine engine :
       {Engine::fp, Engine::ifpu, Engine::figna, Engine::lut_f, Engine::lut_i}) {
    const MatrixSpec spec = spec::with_engine(base, engine);
    std::vector<float> y(kN);
    engine_gemm(spec, x.data(), 1, w, y.data());
    for (std::uint32_t n = 0; n < kN; ++n) {
      double exact = 0, magnitude = 0;
      for (std::uint32_t k = 0; k < kK; ++k) {
        const double term = static_cast<double>(x[k]) * w.weight(n, k);
        exact += term;
        magnitude += std::abs(term);
      }
      EXPECT_NEAR(y[n], exact, magnitude * 0x1p-10) << to_string_of(engine) << ", feature " << n;
    }
  }
}

TEST(Engines, IfpuComputesTheBitsOfLutI) {
  std::mt19937 random(34);
  constexpr std::uint32_t kK = 200, kN = 30;
  const std::vector<float> dense = random_values(random, std::size_t{kN} * kK, 0.1f);
  const BcqMatrix w = quantize_bcq(dense.data(), kN, kK, 3, 64, 2);
  const std::vector<float> x = random_values(random, kK, 1.0f);
  std::vector<float> ifpu(kN), lut_i(kN);
  const MatrixSpec base;
  engine_gemm(spec::with_engine(base, Engine::ifpu), x.data(), 1, w, ifpu.data());
  engine_gemm(base, x.data(), 1, w, lut_i.data());
  EXPECT_EQ(ifpu, lut_i);
}

TEST(Engines, IntegerWeightsMustBeUniformAndFit) {
  std::mt19937 random(35);
  const std::vector<float> dense = random_values(random, 64 * 4, 0.1f);
  const MatrixSpec spec = spec::with_engine(MatrixSpec{}, Engine::figna);
  const auto refusal = [&](const BcqMatrix& w) -> std::string {
    try {
      require_weights(spec, w, "wq");
      return "";
    } catch (const spec::SpecError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal(quantize_rtn(dense.data(), 4, 64, 4, 32)), "");
  EXPECT_THAT(refusal(quantize_rtn(dense.data(), 4, 64, 5, 32)),
              HasSubstr("wq: weight_bits = 5, engine figna was built for at most"));
  EXPECT_THAT(refusal(quantize_bcq(dense.data(), 4, 64, 3, 32, 1)),
              HasSubstr("takes uniform weights (method rtn)"));
  BcqMatrix bent = quantize_rtn(dense.data(), 4, 64, 4, 32);
  bent.offset[bent.n + 2] *= 1.5f;
  EXPECT_THAT(refusal(bent), HasSubstr("wq: the scales of row 2, group 1"));
}

TEST(UniformView, GivesBackWhatWasQuantised) {
  std::mt19937 random(36);
  for (const std::uint32_t bits : {1u, 2u, 4u, 8u}) {
    std::vector<float> dense = random_values(random, 9 * 70, 0.1f);
    std::fill_n(dense.begin(), 70, 0.0f);  // a row of zeros
    const UniformMatrix uniform = quantize_uniform(dense.data(), 9, 70, bits, 32);
    const BcqMatrix w = to_bcq(uniform);
    EXPECT_NO_THROW(require_uniform(w, "w"));
    for (std::uint32_t n = 0; n < w.n; ++n) {
      for (std::uint32_t k = 0; k < w.k; ++k) {
        const UniformScale scale = uniform_scale(w, k / 32, n);
        EXPECT_EQ(uniform_code(w, n, k), uniform.q[n * 70 + k]);
        EXPECT_EQ(scale.scale * static_cast<float>(
                                    static_cast<std::int32_t>(uniform_code(w, n, k)) - scale.zero),
                  uniform.weight(n, k));
      }
    }
  }
}

TEST(WithEngine, KeepsThePeakThroughputAndGivesTheNamedConfigurations) {
  const MatrixSpec base = config::load_arch("default").matrix;
  for (const auto& [engine, name] : spec::enum_names(Engine{})) {
    const MatrixSpec named = config::load_arch(std::string("figlut-") + name).matrix;
    MatrixSpec derived = spec::with_engine(base, engine);
    EXPECT_EQ(derived.one_bit_lanes(), base.one_bit_lanes()) << name;
    EXPECT_EQ(derived.lanes_k(), base.lanes_k()) << name;
    // FIGNA's mantissas have 14 bits in the papers.
    derived.align_bits = named.align_bits;
    spec::for_each_field<MatrixSpec>([&](const auto& field) {
      EXPECT_EQ(derived.*field.member, named.*field.member) << name << " " << field.key;
    });
  }
}

}  // namespace
}  // namespace lutsim::models

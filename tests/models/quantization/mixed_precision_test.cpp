// SPDX-License-Identifier: Apache-2.0
#include "models/quantization/mixed_precision.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "tests/models/transformer/random_model.h"

namespace lutsim::models {
namespace {

using Bits = std::vector<std::uint32_t>;

TEST(MixedPrecision, TheLayerThatLosesMostGetsTheBits) {
  const Sensitivity s{{2, 3}, {{0.5, 0.4}, {3.0, 0.2}, {0.6, 0.1}}};
  EXPECT_EQ(choose_layer_bits(s, 2.0), (Bits{2, 2, 2}));
  EXPECT_EQ(choose_layer_bits(s, 2.34), (Bits{2, 3, 2}));
  EXPECT_EQ(choose_layer_bits(s, 2.67), (Bits{2, 3, 3}));
  EXPECT_EQ(choose_layer_bits(s, 8.0), (Bits{3, 3, 3}));
}

TEST(MixedPrecision, TheBudgetIsKeptWhateverTheLastPlaceOfTheProduct) {
  const Sensitivity s{{2, 3, 4}, std::vector<std::vector<double>>(5, {1.0, 0.5, 0.4})};
  const Bits bits = choose_layer_bits(s, 2.4);
  EXPECT_EQ(std::accumulate(bits.begin(), bits.end(), 0u), 12u);
}

TEST(MixedPrecision, IsTheBestOfAllChoices) {
  test::RandomValues random(3);
  for (int trial = 0; trial < 20; ++trial) {
    Sensitivity s{{1, 2, 3}, {}};
    for (int l = 0; l < 4; ++l) {
      s.loss.push_back({2 + random.next(), 1 + random.next(), random.next()});
    }
    const Bits chosen = choose_layer_bits(s, 1.75);
    double got = 0;
    std::uint32_t used = 0;
    for (std::size_t l = 0; l < 4; ++l) {
      got += s.loss[l][chosen[l] - 1];
      used += chosen[l];
    }
    EXPECT_LE(used, 7u);
    double best = std::numeric_limits<double>::infinity();
    for (int code = 0; code < 81; ++code) {
      double loss = 0;
      int bits = 0;
      for (int l = 0, rest = code; l < 4; ++l, rest /= 3) {
        loss += s.loss[static_cast<std::size_t>(l)][static_cast<std::size_t>(rest % 3)];
        bits += rest % 3 + 1;
      }
      if (bits <= 7) best = std::min(best, loss);
    }
    EXPECT_DOUBLE_EQ(got, best);
  }
}

TEST(MixedPrecision, ABudgetBelowEveryWidthIsRefused) {
  const Sensitivity s{{2, 3}, {{1, 0}, {1, 0}}};
  EXPECT_THROW(choose_layer_bits(s, 1.5), spec::SpecError);
}

TEST(MixedPrecision, SensitivityIsMeasuredForEachLayerAndWidth) {
  const ModelWeights weights = test::random_model();
  Documents documents;
  for (std::uint64_t d = 0; d < 3; ++d) {
    documents.push_back(test::random_tokens(weights.shape.vocab, 20, d));
  }
  const Sensitivity s = measure_sensitivity(weights, {}, 2.4, documents);
  EXPECT_EQ(s.bits, (Bits{2, 3, 4}));
  ASSERT_EQ(s.loss.size(), weights.shape.layers);
  // An untouched copy loses nothing; a layer of two bits does not score as before.
  for (const auto& layer : s.loss) EXPECT_NE(layer[0], 0.0);
  EXPECT_EQ(measure_sensitivity(weights, {}, 2.4, documents, {3, {}}).loss, s.loss);
}

}  // namespace
}  // namespace lutsim::models

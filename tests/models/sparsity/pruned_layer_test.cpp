// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <vector>

#include "models/bcq/quantize.h"
#include "models/sparsity/prune.h"
#include "models/sparsity/xor_encoder.h"
#include "tests/models/sparsity/random_bits.h"
#include "workloads/checkpoint/checkpoint.h"

/// A layer of a trained model: pruned by magnitude, quantised, and every bit-plane through the
/// code.
namespace lutsim::models {
namespace {

constexpr std::uint32_t kRows = 24;

class PrunedLayer : public testing::Test {
 protected:
  static const DenseMatrix& layer() {
    static const workloads::Checkpoint model =
        workloads::load_checkpoint(workloads::find_model("kjv-1m"));
    return model.weights->layers[0].w_gate;
  }
};

TEST_F(PrunedLayer, EveryUnprunedBitOfEveryPlaneComesBack) {
  const DenseMatrix& w = layer();
  ASSERT_GE(w.n, kRows);
  constexpr std::uint32_t kWeightBits = 4;
  const BcqMatrix planes = quantize_rtn(w.values.data(), kRows, w.k, kWeightBits, w.k);
  for (const auto& [sparsity, code] : {std::pair{0.5, spec::XorCodeSpec{8, 16, 1, 9}},
                                       {0.7, spec::XorCodeSpec{8, 26, 1, 10}},
                                       {0.9, spec::XorCodeSpec{8, 80, 1, 11}}}) {
    const BitVector mask = magnitude_mask(w.values.data(), std::size_t{kRows} * w.k, sparsity);
    for (std::uint32_t plane = 0; plane < kWeightBits; ++plane) {
      BitVector bits;
      for (std::uint32_t n = 0; n < kRows; ++n) {
        for (std::uint32_t k = 0; k < w.k; ++k) bits.push_back(planes.bit(plane, n, k) ? 1 : 0);
      }
      const XorEncoding encoding = xor_encode(code, bits, mask);
      EXPECT_EQ(test::wrong_bits(bits, mask, decode(code, encoding.stream)), 0u);
      // Unpruned weights are not spread evenly: somewhat below independent bits.
      EXPECT_GT(encoding.efficiency(), 0.97) << "sparsity " << sparsity << " plane " << plane;
      EXPECT_GT(encoding.reduction(code), 0.8 * sparsity);
      RecordProperty("efficiency_" + std::to_string(code.n_out) + "_" + std::to_string(plane),
                     std::to_string(encoding.efficiency()));
    }
  }
}

}  // namespace
}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/pruned_planes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "models/bcq/quantize.h"
#include "models/sparsity/prune.h"
#include "tests/support/outside_data.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::models {
namespace {

BcqMatrix pruned(DenseMatrix w, double sparsity, std::uint32_t weight_bits,
                 std::uint32_t group_size) {
  const BitVector mask = magnitude_mask(w.values.data(), w.values.size(), sparsity);
  for (std::size_t i = 0; i < mask.size(); ++i) w.values[i] = mask[i] != 0 ? w.values[i] : 0.0f;
  return quantize_rtn(w.values.data(), w.n, w.k, weight_bits, group_size);
}

DenseMatrix random_matrix(std::uint32_t n, std::uint32_t k) {
  std::mt19937_64 random(7);
  std::normal_distribution<float> normal;
  DenseMatrix w{n, k, {}};
  for (std::size_t i = 0; i < std::size_t{n} * k; ++i) w.values.push_back(normal(random));
  return w;
}

void two_threads(std::size_t count, const std::function<void(std::size_t)>& task) {
  const auto half = [&](std::size_t first) {
    for (std::size_t i = first; i < count; i += 2) task(i);
  };
  std::thread other(half, 1);
  half(0);
  other.join();
}

/// Stored and decoded again: every bit, pruned or not, and what a bit is worth.
void expect_exact(const BcqMatrix& want, const PrunedPlanes& planes) {
  BcqMatrix got = want;
  got.plane_words.clear();
  decode_planes(planes, got);
  EXPECT_EQ(got.plane_words, want.plane_words);
}

TEST(PrunedPlanes, RandomMatricesComeBackBitForBit) {
  for (const double sparsity : {0.0, 0.5, 0.7, 0.9}) {
    for (const std::uint32_t stages : {0u, 1u}) {
      // Rows cut streams, K no words, the last stream is short.
      const BcqMatrix w = pruned(random_matrix(301, 467), sparsity, 3, 64);
      const PrunedPlanes planes = encode_planes(code_of_sparsity(sparsity, stages), w);
      EXPECT_EQ(planes.rows, 140u);
      EXPECT_EQ(planes.streams.size(), 3u * 3u);
      expect_exact(w, planes);
    }
  }
}

TEST(PrunedPlanes, ThreadsGiveTheSameStreams) {
  const BcqMatrix w = pruned(random_matrix(64, 2048), 0.7, 2, 128);
  const spec::XorCodeSpec code = code_of_sparsity(0.7, 1);
  const PrunedPlanes one = encode_planes(code, w), two = encode_planes(code, w, two_threads);
  ASSERT_EQ(one.streams.size(), two.streams.size());
  for (std::size_t i = 0; i < one.streams.size(); ++i) {
    EXPECT_EQ(one.streams[i].blocks, two.streams[i].blocks);
    EXPECT_EQ(one.streams[i].patches, two.streams[i].patches);
  }
}

TEST(PrunedPlanes, CountsAreThoseOfTheStreams) {
  const BcqMatrix w = pruned(random_matrix(100, 640), 0.9, 4, 64);
  const spec::XorCodeSpec code = code_of_sparsity(0.9, 1);
  const PlaneCounts counts = count_planes(encode_planes(code, w));
  EXPECT_EQ(counts.bits, 4u * 64000u);
  EXPECT_LE(counts.kept, 6400u);
  EXPECT_GT(counts.kept, 6000u) << "few of the largest weights round to 0";
  EXPECT_EQ(counts.blocks, 4u * spec::ceil_div(64000u, code.n_out));
  EXPECT_GT(counts.efficiency(4), 0.97);
  EXPECT_EQ(counts.code_bits, counts.blocks * 8 + counts.tokens * code.patch_bits);
}

TEST(PrunedPlanes, ATrainedModelComesBackBitForBitAndAtTheEfficiencyOfRandomBits) {
  const workloads::Checkpoint model = workloads::load_checkpoint(workloads::find_model("kjv-1m"));
  for (const auto& [sparsity, least] : {std::pair{0.5, 0.985}, {0.7, 0.985}, {0.9, 0.975}}) {
    PlaneCounts all;
    const LayerWeights& layer = model.weights->layers.front();
    for (const DecoderMatrixInfo& m : decoder_matrices(model.shape())) {
      const BcqMatrix w = pruned(matrix_of(layer, m.id), sparsity, 4, 32);
      const PrunedPlanes planes = encode_planes(code_of_sparsity(sparsity, 1), w);
      expect_exact(w, planes);
      all.add(count_planes(planes));
    }
    EXPECT_GT(all.efficiency(4), least);
    EXPECT_LE(all.kept, (1 - sparsity) * static_cast<double>(all.bits) / 4 + 100);
  }
}

TEST(PrunedPlanes, Stories260KComesBackBitForBit) {
  LUTSIM_NEEDS_OUTSIDE_DATA("model/stories260K.bin");
  const workloads::Checkpoint model =
      workloads::load_checkpoint(test::outside_data() / "model/stories260K.bin");
  for (const double sparsity : {0.5, 0.7, 0.9}) {
    for (const LayerWeights& layer : {model.weights->layers[0], model.weights->layers[4]}) {
      for (const DecoderMatrixInfo& m : decoder_matrices(model.shape())) {
        const BcqMatrix w = pruned(matrix_of(layer, m.id), sparsity, 4, 32);
        expect_exact(w, encode_planes(code_of_sparsity(sparsity, 1), w));
      }
    }
  }
}

TEST(PrunedPlanes, CodesHaveTheWidthsOfTheTable) {
  const auto text = [](const spec::XorCodeSpec& c) {
    validate(c);
    return std::to_string(c.n_in) + "/" + std::to_string(c.n_out) + "/" +
           std::to_string(c.n_stages) + " " + std::to_string(c.patch_bits);
  };
  EXPECT_EQ(text(code_of_sparsity(0.5, 1)), "8/16/1 9");
  EXPECT_EQ(text(code_of_sparsity(0.7, 1)), "8/26/1 10");
  EXPECT_EQ(text(code_of_sparsity(0.9, 1)), "8/80/1 11");
  EXPECT_EQ(text(code_of_sparsity(0.9, 2)), "8/80/2 12");
  EXPECT_EQ(text(code_of_sparsity(0.0, 0)).substr(0, 5), "8/8/0");
  validate(code_of_sparsity(0.999, 0));
  EXPECT_THROW(code_of_sparsity(1.0, 1), spec::SpecError);
  EXPECT_THROW(code_of_sparsity(0.5, 3), spec::SpecError);
}

TEST(PrunedPlanes, BinaryCodedWeightsHaveNoZeroAndAreRefused) {
  const DenseMatrix w = random_matrix(8, 64);
  const BcqMatrix bcq = quantize_bcq(w.values.data(), w.n, w.k, 2, 64);
  EXPECT_THROW(encode_planes(code_of_sparsity(0.5, 1), bcq), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models

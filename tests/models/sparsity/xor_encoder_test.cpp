// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/xor_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "models/sparsity/prune.h"
#include "tests/models/sparsity/random_bits.h"

namespace lutsim::models {
namespace {

using spec::XorCodeSpec;
using test::random_bits;
using test::wrong_bits;

/// Mismatches of the best of all sequences of blocks.
std::size_t least_mismatches(const XorCodeSpec& code, const BitVector& bits,
                             const BitVector& mask) {
  const std::size_t blocks = bits.size() / code.n_out;
  std::size_t best = bits.size();
  for (std::uint64_t all = 0; all < std::uint64_t{1} << (blocks * code.n_in); ++all) {
    std::vector<std::uint16_t> x(blocks);
    for (std::size_t t = 0; t < blocks; ++t) {
      x[t] = static_cast<std::uint16_t>((all >> (t * code.n_in)) & ((1u << code.n_in) - 1));
    }
    best = std::min(best, wrong_bits(bits, mask, xor_decode(code, x)));
  }
  return best;
}

TEST(XorEncoder, IsAsGoodAsTheBestOfAllStreams) {
  std::mt19937_64 random(1);
  for (const auto& [code, blocks] : {std::pair{XorCodeSpec{2, 5, 0, 3}, 4},
                                     {XorCodeSpec{2, 6, 1, 3}, 6},
                                     {XorCodeSpec{3, 8, 1, 4}, 4},
                                     {XorCodeSpec{2, 7, 2, 3}, 6},
                                     {XorCodeSpec{1, 4, 3, 3}, 11},
                                     {XorCodeSpec{3, 9, 2, 4}, 4}}) {
    for (const double unpruned : {0.3, 0.6, 1.0}) {
      for (int i = 0; i < 4; ++i) {
        const BitVector bits = random_bits(random, std::size_t(blocks) * code.n_out);
        const BitVector mask = random_bits(random, bits.size(), unpruned);
        EXPECT_EQ(xor_encode(code, bits, mask).mismatches, least_mismatches(code, bits, mask))
            << code.n_in << "/" << code.n_out << "/" << code.n_stages << " " << unpruned;
      }
    }
  }
}

/// Codes, and parts of unpruned bits that reach every way of counting mismatches: none, few, more
/// than one for every bit pattern, more than a word of 64.
TEST(XorEncoder, EveryUnprunedBitDecodesToItsValue) {
  std::mt19937_64 random(2);
  for (const XorCodeSpec& code :
       {XorCodeSpec{8, 16, 0, 7}, XorCodeSpec{8, 40, 1, 9}, XorCodeSpec{5, 13, 2, 4},
        XorCodeSpec{4, 200, 2, 8}, XorCodeSpec{3, 31, 3, 5}, XorCodeSpec{1, 1, 0, 1}}) {
    for (const double unpruned : {0.0, 0.1, 0.5, 1.0}) {
      const BitVector bits = random_bits(random, 20 * code.n_out - code.n_out / 2);
      const BitVector mask = random_bits(random, bits.size(), unpruned);
      const XorEncoding encoding = xor_encode(code, bits, mask);
      const BitVector decoded = decode(code, encoding.stream);
      ASSERT_EQ(decoded.size(), bits.size());
      EXPECT_EQ(wrong_bits(bits, mask, decoded), 0u);
      EXPECT_EQ(encoding.unpruned, std::count(mask.begin(), mask.end(), 1));
      EXPECT_EQ(wrong_bits(bits, mask, xor_decode(code, encoding.stream.blocks)),
                encoding.mismatches);
    }
  }
}

TEST(XorEncoder, WhatTheCodeCanSayNeedsNoPatch) {
  std::mt19937_64 random(3);
  const XorCodeSpec code{8, 80, 1, 12};
  std::vector<std::uint16_t> blocks(30);
  for (auto& block : blocks) block = static_cast<std::uint16_t>(random() & 0xffu);
  const BitVector bits = xor_decode(code, blocks);
  const XorEncoding encoding = xor_encode(code, bits, BitVector(bits.size(), 1));
  EXPECT_EQ(encoding.mismatches, 0u);
  EXPECT_EQ(encoding.stream.blocks, blocks);
}

TEST(XorEncoder, MoreStagesAreNeverWorseOnAverage) {
  std::mt19937_64 random(4);
  std::vector<std::uint64_t> mismatches;
  const BitVector bits = random_bits(random, 13 * 200);
  const BitVector mask = random_bits(random, bits.size(), 0.4);
  for (const std::uint32_t stages : {0u, 1u, 2u, 3u}) {
    mismatches.push_back(xor_encode(XorCodeSpec{5, 13, stages, 4}, bits, mask).mismatches);
  }
  EXPECT_GT(mismatches[0], 2 * mismatches[1]);
  EXPECT_GT(mismatches[1], mismatches[2]);
  EXPECT_GE(mismatches[2], mismatches[3]);
}

TEST(XorEncoder, ThreadsGetTheSameStreams) {
  std::mt19937_64 random(5);
  const XorCodeSpec code{8, 26, 1, 10};
  const BitVector bits = random_bits(random, 26 * 50);
  const BitVector mask = random_bits(random, bits.size(), 0.3);
  const XorEncoding expected = xor_encode(code, bits, mask);
  std::vector<XorEncoding> found(4);
  std::vector<std::thread> threads;
  for (XorEncoding& encoding : found) {
    threads.emplace_back([&] { encoding = xor_encode(code, bits, mask); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const XorEncoding& encoding : found) {
    EXPECT_EQ(encoding.stream.blocks, expected.stream.blocks);
    EXPECT_EQ(encoding.stream.patches, expected.stream.patches);
  }
}

TEST(XorEncoder, NothingIsEncodedToNothing) {
  const XorEncoding encoding = xor_encode(XorCodeSpec{}, {}, {});
  EXPECT_TRUE(encoding.stream.blocks.empty());
  EXPECT_TRUE(encoding.stream.patches.empty());
  EXPECT_EQ(encoding.efficiency(), 1.0);
}

TEST(XorEncoder, RefusesWhatItCannotEncode) {
  EXPECT_THROW(xor_encode(XorCodeSpec{8, 80, 3, 12}, {}, {}), spec::SpecError);
  EXPECT_THROW(xor_encode(XorCodeSpec{}, {1, 0}, {1}), spec::SpecError);
}

TEST(MagnitudeMask, PrunesTheLeastMagnitudes) {
  const float weights[] = {0.5f, -0.1f, 0.3f, 0.1f, -0.4f, 0.0f};
  EXPECT_THAT(magnitude_mask(weights, 6, 0.5), testing::ElementsAre(1, 0, 1, 0, 1, 0));
  EXPECT_THAT(magnitude_mask(weights, 6, 0.34), testing::ElementsAre(1, 0, 1, 1, 1, 0));
  EXPECT_THAT(magnitude_mask(weights, 6, 0.0), testing::Each(1));
  EXPECT_THROW(magnitude_mask(weights, 6, 1.0), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models

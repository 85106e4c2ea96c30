// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/xor_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "models/sparsity/xor_matrix.h"
#include "tests/models/sparsity/random_bits.h"

namespace lutsim::models {
namespace {

using spec::SpecError;
using spec::XorCodeSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const SpecError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(XorCodeSpec, NamesEveryParameterThatIsOutOfRange) {
  EXPECT_NO_THROW(validate(XorCodeSpec{}));
  EXPECT_EQ(refusal([] {
              validate(XorCodeSpec{0, 300, 4, 12});
            }),
            "xor_code.n_in = 0 is not in 1 .. 16; xor_code.n_out = 300 is not in 1 .. 256; "
            "xor_code.n_stages = 4 is not in 0 .. 3");
  EXPECT_THAT(refusal([] {
                validate(XorCodeSpec{8, 16, 0, 4});
              }),
              HasSubstr("patch_bits = 4 is too narrow for n_out = 16"));
  EXPECT_NO_THROW(validate(XorCodeSpec{8, 15, 0, 4}));
}

TEST(XorMatrix, EveryRowTapsThePresentBlock) {
  for (std::uint32_t r = 0; r < kXorRows; ++r) EXPECT_NE(xor_taps(r, 0, 8), 0u) << r;
}

TEST(XorMatrix, HalfOfAllTapsAreThere) {
  std::uint32_t taps = 0;
  for (const std::uint64_t row : kXorMatrix) taps += __builtin_popcountll(row);
  // 16384 coins: the standard deviation is 64.
  EXPECT_NEAR(taps, 8192, 3 * 64);
}

TEST(XorMatrix, StreamsOfTheCommonCodesUseEveryStoredBit) {
  // Full column rank: no two blocks of a code without history give the same bits.
  for (const std::uint32_t n_out : {16u, 20u, 26u, 40u, 80u}) {
    std::vector<std::uint32_t> basis;
    for (std::uint32_t r = 0; r < n_out; ++r) {
      std::uint32_t row = xor_taps(r, 0, 8);
      for (const std::uint32_t b : basis) row = std::min(row, row ^ b);
      if (row != 0) basis.push_back(row);
    }
    EXPECT_EQ(basis.size(), 8u) << n_out;
  }
}

TEST(XorDecode, ASingleStoredBitShowsItsTapsStageAfterStage) {
  const XorCodeSpec code{5, 13, 2, 4};
  for (std::uint32_t i = 0; i < code.n_in; ++i) {
    const BitVector bits = xor_decode(code, {0, static_cast<std::uint16_t>(1u << i), 0, 0, 0});
    for (std::uint32_t t = 0; t < 5; ++t) {
      for (std::uint32_t r = 0; r < code.n_out; ++r) {
        const bool in_register = t >= 1 && t <= 3;
        const std::uint32_t expected = in_register ? (xor_taps(r, t - 1, 5) >> i) & 1u : 0u;
        EXPECT_EQ(bits[t * code.n_out + r], expected) << "bit " << r << " of block " << t;
      }
    }
  }
}

TEST(XorDecode, IsLinear) {
  std::mt19937_64 random(1);
  for (const XorCodeSpec& code : {XorCodeSpec{8, 16, 0, 7}, XorCodeSpec{16, 256, 3, 9}}) {
    std::vector<std::uint16_t> a(50), b(50), sum(50);
    for (std::size_t t = 0; t < a.size(); ++t) {
      a[t] = static_cast<std::uint16_t>(random() & ((1u << code.n_in) - 1));
      b[t] = static_cast<std::uint16_t>(random() & ((1u << code.n_in) - 1));
      sum[t] = a[t] ^ b[t];
    }
    const BitVector of_a = xor_decode(code, a);
    const BitVector of_b = xor_decode(code, b);
    const BitVector of_sum = xor_decode(code, sum);
    for (std::size_t i = 0; i < of_a.size(); ++i) EXPECT_EQ(of_sum[i], of_a[i] ^ of_b[i]);
  }
}

TEST(XorDecode, RefusesAWideBlock) {
  EXPECT_THAT(refusal([] {
                xor_decode(XorCodeSpec{4, 8, 1, 4}, {3, 16});
              }),
              HasSubstr("block 1 has more than 4 bits"));
}

TEST(PatchTokens, AreTheDistancesBetweenThePatches) {
  const XorCodeSpec code{2, 6, 0, 3};  // 7 skips
  EXPECT_THAT(patch_tokens(code, {0, 1, 5}, 6), ElementsAre(0, 0, 3));
  EXPECT_THAT(patch_tokens(code, {4}, 6), ElementsAre(4, 7));
  EXPECT_THAT(patch_tokens(code, {}, 6), ElementsAre(7));
  EXPECT_THAT(patch_tokens(code, {}, 0), IsEmpty());
  EXPECT_THAT(patch_tokens(code, {6, 7, 14, 22}, 24), ElementsAre(6, 0, 6, 7, 0, 7));
  EXPECT_THAT(patch_tokens(code, {20}, 24), ElementsAre(7, 7, 6, 7));
}

TEST(PatchTokens, GiveThePositionsBack) {
  std::mt19937_64 random(2);
  for (const double density : {0.0, 0.01, 0.2, 1.0}) {
    for (std::uint32_t patch_bits = 3; patch_bits <= 9; ++patch_bits) {
      const XorCodeSpec code{2, 6, 0, patch_bits};
      const std::uint64_t length = 6 * (random() % 200);
      const BitVector flipped = test::random_bits(random, length, density);
      std::vector<std::uint64_t> positions;
      for (std::uint64_t i = 0; i < length; ++i) {
        if (flipped[i] != 0) positions.push_back(i);
      }
      EXPECT_EQ(patch_positions(code, patch_tokens(code, positions, length), length), positions);
    }
  }
}

TEST(PatchTokens, AListThatIsNotOfTheStreamIsRefused) {
  const XorCodeSpec code{2, 6, 0, 3};
  const auto positions = [&](const std::vector<std::uint16_t>& tokens) {
    return refusal([&] { patch_positions(code, tokens, 12); });
  };
  EXPECT_THAT(positions({7, 8}), HasSubstr("token 1 has more than 3 bits"));
  EXPECT_THAT(positions({7}), HasSubstr("end at bit 7 of 12"));
  EXPECT_THAT(positions({7, 7, 0}), HasSubstr("token 2 comes after the end"));
  EXPECT_THAT(positions({7, 5}), HasSubstr("token 1 flips a bit behind the end"));
}

TEST(Decode, FlipsThePatchedBitsAndDropsThePadding) {
  const XorCodeSpec code{4, 8, 1, 4};
  const std::vector<std::uint16_t> blocks{9, 4, 15};
  const BitVector plain = xor_decode(code, blocks);
  const XorStream stream{20, blocks, patch_tokens(code, {0, 17, 22}, 24)};
  const BitVector bits = decode(code, stream);
  ASSERT_EQ(bits.size(), 20u);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    EXPECT_EQ(bits[i], plain[i] ^ (i == 0 || i == 17 ? 1 : 0)) << i;
  }
  EXPECT_THAT(patches_of_blocks(code, stream), ElementsAre(1, 0, 2));
  EXPECT_EQ(stored_bits(code, stream), 3 * 4 + stream.patches.size() * 4);
}

TEST(Decode, RefusesBlocksThatAreNotAsManyAsTheBitsNeed) {
  EXPECT_THAT(refusal([] {
                decode(XorCodeSpec{4, 8, 1, 4}, {17, {1, 2}, {15}});
              }),
              HasSubstr("2 blocks of 8 bits for 17 bits"));
}

TEST(Pack, IsDenseAndLeastSignificantBitFirst) {
  const XorCodeSpec code{5, 13, 2, 4};
  const XorStream stream{26, {0x1f, 0x01}, {2, 15, 1}};
  // 00001 11111, filled up to two bytes; then 1 f 2.
  EXPECT_THAT(pack(code, stream), ElementsAre(0x3f, 0x00, 0xf2, 0x01));
}

TEST(Pack, GivesTheStreamBack) {
  std::mt19937_64 random(3);
  for (const XorCodeSpec& code :
       {XorCodeSpec{8, 80, 2, 12}, XorCodeSpec{5, 13, 2, 4}, XorCodeSpec{16, 256, 3, 16}}) {
    XorStream stream;
    stream.bits = 10 * code.n_out - 3;
    for (int t = 0; t < 10; ++t) {
      stream.blocks.push_back(static_cast<std::uint16_t>(random() & ((1u << code.n_in) - 1)));
    }
    stream.patches = patch_tokens(code, {1, 2, 9, stream.bits - 1}, 10 * code.n_out);
    const std::vector<std::uint8_t> bytes = pack(code, stream);
    EXPECT_EQ(bytes.size(),
              (10 * code.n_in + 7) / 8 + (stream.patches.size() * code.patch_bits + 7) / 8);
    const XorStream found = unpack(code, bytes, stream.bits, stream.patches.size());
    EXPECT_EQ(found.blocks, stream.blocks);
    EXPECT_EQ(found.patches, stream.patches);
    EXPECT_THAT(refusal([&] { unpack(code, bytes, stream.bits, stream.patches.size() + 9); }),
                HasSubstr("bytes, expected"));
  }
}

}  // namespace
}  // namespace lutsim::models

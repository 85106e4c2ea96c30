// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/packed_integers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "models/spec/field.h"
#include "tests/workloads/checkpoint/llama_folder_writer.h"

namespace lutsim::workloads {
namespace {

using models::UniformMatrix;
using test::IntegerMatrix;
using testing::ElementsAre;

std::vector<std::int32_t> as_signed(const std::vector<std::uint32_t>& words) {
  return {words.begin(), words.end()};
}

/// Random codes; zeros of 1..2^bits, what stored zeros of 0..2^bits-1 stand for.
UniformMatrix random_matrix(std::uint32_t k, std::uint32_t n, std::uint32_t bits,
                            std::uint32_t group_size) {
  std::mt19937 random(bits);
  UniformMatrix m{k, n, bits, group_size, {}, {}, {}};
  for (std::uint32_t i = 0; i < m.groups() * n; ++i) {
    m.scale.push_back(static_cast<std::uint16_t>(0x2000 + random() % 0x1000));
    m.zero.push_back(static_cast<std::int32_t>(1 + random() % (1u << bits)));
  }
  for (std::size_t i = 0; i < std::size_t{n} * k; ++i) {
    m.q.push_back(static_cast<std::uint8_t>(random() % (1u << bits)));
  }
  return m;
}

void expect_same(const UniformMatrix& got, const UniformMatrix& want) {
  EXPECT_EQ(got.q, want.q);
  EXPECT_EQ(got.zero, want.zero);
  EXPECT_EQ(got.scale, want.scale);
}

TEST(Gptq, EveryWidthComesBackFromAutoGptqsPacking) {
  for (const std::uint32_t bits : {2u, 3u, 4u, 8u}) {
    const UniformMatrix want = random_matrix(96, 32, bits, 40);
    const IntegerMatrix m = test::transposed(want, false, 0);
    const GptqTensors t{
        as_signed(test::gptq_qweight(m)), as_signed(test::gptq_qzeros(m)), {}, m.scale};
    const UniformMatrix got = unpack_gptq({96, 32, bits, 40}, t, 1);
    expect_same(got, want);
    EXPECT_TRUE(got.input_order.empty());
  }
}

TEST(Gptq, WordsWorkedOutByHand) {
  // One column of eight 4-bit values 1..8, zero 8 stored as 7, scale 1.
  const GptqTensors t{{static_cast<std::int32_t>(0x87654321u), 0, 0, 0, 0, 0, 0, 0},
                      {0x00000007},
                      {},
                      std::vector<std::uint16_t>(8, 0x3c00)};
  const UniformMatrix m = unpack_gptq({8, 8, 4, 8}, t, 1);
  EXPECT_THAT(std::vector<int>(m.q.begin(), m.q.begin() + 8), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_EQ(m.weight(0, 0), 1.0f - 8.0f);
  EXPECT_EQ(m.zero[1], 1) << "stored 0";
  EXPECT_EQ(unpack_gptq({8, 8, 4, 8}, t, 0).zero[0], 7) << "gptq_v2";
}

TEST(Gptq, ActOrderBringsTheRowsOfAGroupTogether) {
  const UniformMatrix natural = random_matrix(32, 32, 4, 8);
  IntegerMatrix m = test::transposed(natural, false, 0);
  std::vector<std::int32_t> g_idx(32);
  for (std::uint32_t k = 0; k < 32; ++k) g_idx[k] = static_cast<std::int32_t>((k * 5) % 32 / 8);
  const UniformMatrix got = unpack_gptq(
      {32, 32, 4, 8},
      {as_signed(test::gptq_qweight(m)), as_signed(test::gptq_qzeros(m)), g_idx, m.scale}, 1);
  ASSERT_EQ(got.input_order.size(), 32u);
  for (std::uint32_t n = 0; n < 32; ++n) {
    for (std::uint32_t col = 0; col < 32; ++col) {
      const std::uint32_t k = got.input_order[col];
      const auto group = static_cast<std::uint32_t>(g_idx[k]);
      EXPECT_EQ(col / 8, group);
      const float scale = models::fp16_from_bits(m.scale[group * 32 + n]);
      const float want = scale * (static_cast<float>(m.q[k * 32 + n]) -
                                  static_cast<float>(m.zero[group * 32 + n]));
      EXPECT_EQ(got.weight(n, col), want);
    }
  }
}

TEST(Gptq, GroupsThatNoQuantiserWritesAreRefused) {
  GptqTensors t{std::vector<std::int32_t>(4 * 32), std::vector<std::int32_t>(4 * 4),
                std::vector<std::int32_t>(32, 0), std::vector<std::uint16_t>(4 * 32, 0x3c00)};
  EXPECT_THROW(unpack_gptq({32, 32, 4, 8}, t, 1), spec::SpecError) << "all rows in one group";
  for (std::uint32_t k = 0; k < 32; ++k) t.g_idx[k] = static_cast<std::int32_t>(k / 8);
  EXPECT_NO_THROW(unpack_gptq({32, 32, 4, 8}, t, 1));
  t.g_idx[0] = 4;
  EXPECT_THROW(unpack_gptq({32, 32, 4, 8}, t, 1), spec::SpecError);
  t.g_idx[0] = -1;
  EXPECT_THROW(unpack_gptq({32, 32, 4, 8}, t, 1), spec::SpecError);
  EXPECT_THROW(require_whole_words(20, 3, "K"), spec::SpecError);
}

TEST(Awq, ComesBackFromAutoAwqsPacking) {
  UniformMatrix want = random_matrix(40, 24, 4, 16);
  for (std::int32_t& zero : want.zero) zero %= 16;
  const IntegerMatrix m = test::transposed(want, false, 0);
  expect_same(unpack_awq({40, 24, 4, 16}, {as_signed(test::awq_words(m.q, m.n)),
                                           as_signed(test::awq_words(m.zero, m.n)), m.scale}),
              want);
}

TEST(Awq, AWordWorkedOutByHand) {
  // Columns 0..7 hold 0..7: from the low bits up 0, 2, 4, 6, 1, 3, 5, 7.
  const AwqTensors t{{0x75316420}, {0x0}, std::vector<std::uint16_t>(8, 0x3c00)};
  const UniformMatrix m = unpack_awq({1, 8, 4, 1}, t);
  for (std::uint32_t n = 0; n < 8; ++n) EXPECT_EQ(m.weight(n, 0), static_cast<float>(n));
}

}  // namespace
}  // namespace lutsim::workloads

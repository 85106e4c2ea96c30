// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/weight_layout.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>

#include "models/bcq/bcq_storage.h"

namespace lutsim::sim {
namespace {

constexpr std::uint64_t kPlanes = 1 << 20;
constexpr std::uint64_t kTokens = 1 << 24;
constexpr std::uint64_t kScales = 1 << 26;

spec::ArchSpec small_arch() {
  spec::ArchSpec arch;
  arch.matrix.racs_per_lut = 8;
  arch.matrix.array_rows = 2;  // lanes_n 16
  arch.matrix.array_cols = 8;  // lanes_k 32
  arch.matrix.psum_depth = 4;
  arch.weight_buffer = {16384, 4, 64, 4};  // slots of 4 KiB
  return arch;
}

WeightLayout layout_of(const spec::ArchSpec& arch, std::uint32_t k, std::uint32_t n,
                       const workloads::WeightFormat& format) {
  WeightLayout layout(arch, k, n, format);
  layout.place(kPlanes, kTokens, kScales);
  return layout;
}

/// Bytes of the transfers below and above the scales' base.
struct Coverage {
  std::map<std::uint64_t, int> touched;
  void add(const DmaTransfer& t) {
    for (std::uint32_t p = 0; p < t.pieces; ++p) {
      for (std::uint64_t b = 0; b < t.piece_bytes; ++b) ++touched[t.address + p * t.stride + b];
    }
  }
};

struct Shape {
  std::uint32_t k, n, bits, group;
  friend std::ostream& operator<<(std::ostream& os, const Shape& s) {
    return os << "k" << s.k << "_n" << s.n << "_bits" << s.bits << "_group" << s.group;
  }
};

class WeightLayoutShapes : public testing::TestWithParam<Shape> {};

TEST_P(WeightLayoutShapes, StreamingAllTilesTouchesEveryStoredByte) {
  const Shape s = GetParam();
  const auto arch = small_arch();
  const workloads::WeightFormat format{s.bits, s.group, true};
  const auto layout = layout_of(arch, s.k, s.n, format);
  for (const bool whole_parts : {true, false}) {
    Coverage coverage;
    for (const auto& part : layout.parts()) {
      const std::uint32_t step = whole_parts ? part.n_count : arch.matrix.lanes_n();
      for (std::uint32_t n = part.n_begin; n < part.n_begin + part.n_count; n += step) {
        const std::uint32_t count = std::min(step, part.n_begin + part.n_count - n);
        for (const auto& chunk : layout.chunks(count)) {
          for (const auto& t : layout.tile_transfers(n, count, chunk)) coverage.add(t);
        }
      }
    }
    const std::uint64_t planes = models::plane_bytes(s.k, s.n, s.bits);
    const std::uint64_t scales = models::scale_bytes(s.k, s.n, s.bits, s.group, true);
    for (std::uint64_t b = 0; b < planes; ++b) {
      ASSERT_GE(coverage.touched[kPlanes + b], 1) << "plane byte " << b;
    }
    for (std::uint64_t b = 0; b < scales; ++b) {
      ASSERT_GE(coverage.touched[kScales + b], 1) << "scale byte " << b;
    }
    EXPECT_EQ(coverage.touched.size(), planes + scales) << "bytes beyond the matrix are read";
  }
}

TEST_P(WeightLayoutShapes, StreamingAllTilesDecodesEveryWeightOfCodedPlanes) {
  const Shape s = GetParam();
  const auto arch = small_arch();
  workloads::WeightFormat format{s.bits, s.group, true};
  format.code = {8, 80, 12, 50000, 60000};
  const auto layout = layout_of(arch, s.k, s.n, format);
  for (const bool whole_parts : {true, false}) {
    Coverage coverage;
    std::uint64_t blocks = 0, decoded = 0;
    for (const auto& part : layout.parts()) {
      const std::uint32_t step = whole_parts ? part.n_count : arch.matrix.lanes_n();
      for (std::uint32_t n = part.n_begin; n < part.n_begin + part.n_count; n += step) {
        const std::uint32_t count = std::min(step, part.n_begin + part.n_count - n);
        for (const auto& chunk : layout.chunks(count)) {
          for (const auto& t : layout.tile_transfers(n, count, chunk)) {
            if (t.address < kTokens) coverage.add(t);
            if (t.address >= kTokens && t.address < kScales) {
              EXPECT_LE(t.address + t.bytes(), kTokens + layout.tokens_bytes());
            }
            blocks += t.coded_blocks;
            decoded += t.decoded_bytes;
          }
        }
      }
    }
    EXPECT_EQ(coverage.touched.size(), layout.planes_bytes());
    EXPECT_EQ(coverage.touched.begin()->first, kPlanes);
    for (const auto& [byte, times] : coverage.touched) ASSERT_EQ(times, 1) << byte;
    EXPECT_EQ(blocks, layout.planes_bytes()) << "a block is a byte";
    // Streams are filled up to whole blocks.
    const std::uint64_t planes = models::plane_bytes(s.k, s.n, s.bits);
    EXPECT_GE(decoded, planes);
    EXPECT_GE(blocks * 10, planes);
  }
}

TEST_P(WeightLayoutShapes, AMaskTravelsBesideTheCodeAndCostsABitForEachWeight) {
  const Shape s = GetParam();
  const auto arch = small_arch();
  workloads::WeightFormat plain{s.bits, s.group, true};
  plain.code = {8, 80, 12, 50000, 60000};
  workloads::WeightFormat masked = plain;
  masked.code.mask_bits = 1;
  const auto without = layout_of(arch, s.k, s.n, plain), with = layout_of(arch, s.k, s.n, masked);
  const std::uint64_t more = with.planes_bytes() - without.planes_bytes();
  EXPECT_GE(more, spec::ceil_div(std::uint64_t{s.k} * s.n, 8));
  EXPECT_EQ(with.tokens_bytes(), without.tokens_bytes());
  std::uint64_t loaded = 0, blocks = 0, blocks_without = 0;
  for (const auto& part : with.parts()) {
    for (const auto& chunk : with.chunks(part.n_count)) {
      for (const auto& t : with.tile_transfers(part.n_begin, part.n_count, chunk)) {
        if (t.address < kTokens) loaded += t.bytes();
        blocks += t.coded_blocks;
      }
      for (const auto& t : without.tile_transfers(part.n_begin, part.n_count, chunk)) {
        blocks_without += t.coded_blocks;
      }
    }
  }
  EXPECT_EQ(loaded, with.planes_bytes()) << "code and mask, once";
  EXPECT_EQ(blocks, blocks_without) << "the mask is not decoded";
}

INSTANTIATE_TEST_SUITE_P(Odd, WeightLayoutShapes,
                         testing::Values(Shape{64, 64, 4, 32}, Shape{172, 64, 4, 32},
                                         Shape{144, 388, 3, 64}, Shape{388, 144, 2, 128},
                                         Shape{33, 17, 1, 33}, Shape{96, 100, 8, 40}));

TEST(WeightLayout, PartsAreWholeBlocksThatTogetherCoverN) {
  const auto arch = small_arch();
  const auto layout = layout_of(arch, 256, 300, {4, 64, true});
  std::uint32_t next = 0;
  for (const auto& part : layout.parts()) {
    EXPECT_EQ(part.n_begin, next);
    EXPECT_EQ(part.n_begin % arch.matrix.lanes_n(), 0u);
    EXPECT_LE(part.n_count, arch.matrix.lanes_n() * arch.matrix.psum_depth);
    next += part.n_count;
  }
  EXPECT_EQ(next, 300u);
}

TEST(WeightLayout, AWholePartIsOneSequentialStream) {
  const auto arch = small_arch();
  const auto layout = layout_of(arch, 256, 16, {4, 64, true});
  const auto& part = layout.parts().front();
  std::uint64_t next = kPlanes;
  for (const auto& chunk : layout.chunks(part.n_count)) {
    const auto transfers = layout.tile_transfers(part.n_begin, part.n_count, chunk);
    ASSERT_EQ(transfers.size(), 2u) << "planes and scales";
    EXPECT_EQ(transfers[0].pieces, 1u);
    EXPECT_EQ(transfers[0].address, next);
    next += transfers[0].piece_bytes;
  }
}

TEST(WeightLayout, AGroupIsNotSplitWhenItFitsTheSlot) {
  const auto arch = small_arch();  // a group of 64 is two segments of 32
  const auto layout = layout_of(arch, 256, 16, {4, 64, true});
  for (const auto& chunk : layout.chunks(16)) EXPECT_EQ(chunk.segment_count % 2, 0u);
}

TEST(WeightLayout, ASlotThatHoldsNoBlockIsRefusedWithTheSizes) {
  auto arch = small_arch();
  arch.weight_buffer = {1024, 4, 64, 4};
  try {
    layout_of(arch, 256, 16, {8, 256, true});
    FAIL() << "a tile that does not fit was accepted";
  } catch (const spec::SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("weight_buffer.capacity = 1024 B in 4 tile_slots"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/sparsity/prune.h"
#include "models/sparsity/xor_encoder.h"
#include "models/sparsity/xor_matrix.h"
#include "sim/decoder/decoder_timing.h"
#include "sim/rtl_bridge/decoder_blocks.h"
#include "tests/models/sparsity/random_bits.h"
#include "tools/verify/verify.h"
#include "workloads/checkpoint/checkpoint.h"

/// rtl/decoder/xor_decoder.sv against models/sparsity and sim/decoder/decoder_timing.h.
namespace lutsim::test {
namespace {

using models::BitVector;
using models::XorEncoding;
using models::XorStream;
using spec::XorCodeSpec;

class XorDecoderSeeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(XorDecoderSeeds, EveryBitAndCycleEqualsTheGoldenModelAndEveryBinIsHit) {
  const auto results = tools::verify_blocks({"xor_decoder"}, 100000, GetParam());
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].vectors, 100000u);
  EXPECT_TRUE(results[0].passed())
      << results[0].mismatches << " mismatches, " << results[0].cycle_mismatches
      << " in cycles, first: " << results[0].first_mismatch;
  EXPECT_GE(results[0].bins.size(), 10u);
  for (const auto& [bin, hits] : results[0].bins) EXPECT_GT(hits, 0u) << bin;
}

INSTANTIATE_TEST_SUITE_P(Seeds, XorDecoderSeeds, testing::Values(1, 2, 3));

std::string name_of(const testing::TestParamInfo<XorCodeSpec>& info) {
  const XorCodeSpec& code = info.param;
  return std::to_string(code.n_in) + "_" + std::to_string(code.n_out) + "_" +
         std::to_string(code.n_stages);
}

class XorDecoder : public testing::TestWithParam<XorCodeSpec> {
 protected:
  const XorCodeSpec code = GetParam();
  rtl::RtlXorDecoder decoder{code};

  XorStream stream(std::vector<std::uint16_t> blocks,
                   const std::vector<std::uint64_t>& patched = {}) const {
    const std::uint64_t length = blocks.size() * code.n_out;
    return {length, std::move(blocks), models::patch_tokens(code, patched, length)};
  }
  BitVector block(const rtl::DecoderOutcome& outcome, std::uint32_t index) const {
    const auto begin = outcome.bits.begin() + static_cast<std::ptrdiff_t>(index * code.n_out);
    return BitVector(begin, begin + code.n_out);
  }
  /// Unpruned bits that come out of the RTL wrong.
  std::size_t wrong_bits_of(const BitVector& bits, const BitVector& mask) {
    const XorEncoding encoding = models::xor_encode(code, bits, mask);
    const rtl::DecoderOutcome outcome = rtl::run_decoder(decoder, {encoding.stream});
    EXPECT_EQ(outcome.cycles,
              sim::decoder_cycles(encoding.stream.blocks.size(), encoding.mismatches));
    return wrong_bits(bits, mask, outcome.bits);
  }
};

TEST_P(XorDecoder, EveryTapOfEveryStageIsWhereTheMatrixHasIt) {
  for (std::uint32_t i = 0; i < code.n_in; ++i) {
    std::vector<std::uint16_t> blocks(code.n_stages + 2, 0);
    blocks[0] = static_cast<std::uint16_t>(1u << i);
    const rtl::DecoderOutcome outcome = rtl::run_decoder(decoder, {stream(blocks)});
    for (std::uint32_t t = 0; t < blocks.size(); ++t) {
      for (std::uint32_t r = 0; r < code.n_out; ++r) {
        const std::uint32_t tap =
            t <= code.n_stages ? (models::xor_taps(r, t, code.n_in) >> i) & 1u : 0u;
        EXPECT_EQ(block(outcome, t)[r], tap)
            << "stored bit " << i << " stage " << t << " bit " << r;
      }
    }
  }
}

TEST_P(XorDecoder, ABlockTakesOneCycleAndOneMoreForEachPatch) {
  const std::uint64_t n = code.n_out;
  // Three patches in block 1, the last bit of block 2 and the first of block 3.
  const rtl::DecoderOutcome outcome =
      rtl::run_decoder(decoder, {stream({1, 1, 1, 1, 1}, {n + 1, n + 3, n + 4, 3 * n - 1, 3 * n})});
  EXPECT_EQ(outcome.block_cycles, (std::vector<std::uint64_t>{1, 5, 7, 9, 10}));
  EXPECT_EQ(outcome.cycles, sim::decoder_cycles(5, 5));
}

TEST_P(XorDecoder, AStreamStartsWithAnEmptyShiftRegisterAndAtItsFirstBit) {
  const std::uint64_t n = code.n_out;
  const XorStream alone = stream({1, 1}, {0});
  const rtl::DecoderOutcome outcome =
      rtl::run_decoder(decoder, {stream({1, 1, 1}, {n + 2}), alone});
  const BitVector expected = models::decode(code, alone);
  EXPECT_EQ(block(outcome, 3), BitVector(expected.begin(), expected.begin() + code.n_out));
  EXPECT_EQ(block(outcome, 4), BitVector(expected.begin() + code.n_out, expected.end()));
  EXPECT_EQ(outcome.block_cycles, (std::vector<std::uint64_t>{1, 3, 4, 6, 7}));
}

TEST_P(XorDecoder, NothingIsLostWhenEverySideIsSlow) {
  std::mt19937_64 random(4);
  std::vector<std::uint16_t> blocks(200);
  for (auto& b : blocks) b = static_cast<std::uint16_t>(random() & ((1u << code.n_in) - 1));
  std::vector<std::uint64_t> patched;
  for (std::uint64_t i = 0; i < blocks.size() * code.n_out; i += 1 + random() % code.n_out) {
    patched.push_back(i);
  }
  const XorStream all = stream(blocks, patched);
  for (const rtl::DecoderPacing& pacing :
       {rtl::DecoderPacing{20, 100, 100, 1}, rtl::DecoderPacing{100, 20, 100, 2},
        rtl::DecoderPacing{100, 100, 20, 3}, rtl::DecoderPacing{40, 40, 40, 4}}) {
    const rtl::DecoderOutcome outcome = rtl::run_decoder(decoder, {all}, pacing);
    EXPECT_EQ(outcome.bits, models::decode(code, all)) << "seed " << pacing.seed;
    EXPECT_GE(outcome.cycles, sim::decoder_cycles(blocks.size(), patched.size()));
  }
}

TEST_P(XorDecoder, EveryUnprunedBitOfARandomStreamComesOut) {
  std::mt19937_64 random(5);
  const double unpruned = static_cast<double>(code.n_in) / code.n_out;
  const BitVector bits = random_bits(random, 60 * code.n_out);
  EXPECT_EQ(wrong_bits_of(bits, random_bits(random, bits.size(), unpruned)), 0u);
  // Much more than the code can say: many patches.
  const BitVector few(bits.begin(), bits.begin() + 8 * code.n_out);
  EXPECT_EQ(wrong_bits_of(few, random_bits(random, few.size(), 3 * unpruned)), 0u);
}

TEST_P(XorDecoder, EveryUnprunedBitOfALayerOfARealModelComesOut) {
  const workloads::Checkpoint model = workloads::load_checkpoint(workloads::find_model("kjv-1m"));
  const models::DenseMatrix& w = model.weights->layers[0].wq;
  constexpr std::uint32_t kRows = 8;
  const models::BcqMatrix planes = models::quantize_rtn(w.values.data(), kRows, w.k, 3, w.k);
  const double sparsity = 1 - static_cast<double>(code.n_in) / code.n_out;
  const BitVector mask =
      models::magnitude_mask(w.values.data(), std::size_t{kRows} * w.k, sparsity);
  for (std::uint32_t plane = 0; plane < 3; ++plane) {
    BitVector bits;
    for (std::uint32_t row = 0; row < kRows; ++row) {
      for (std::uint32_t k = 0; k < w.k; ++k) bits.push_back(planes.bit(plane, row, k) ? 1 : 0);
    }
    EXPECT_EQ(wrong_bits_of(bits, mask), 0u) << "plane " << plane;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, XorDecoder, testing::ValuesIn(rtl::RtlXorDecoder::built()),
                         name_of);

TEST(RtlXorDecoder, RefusesACodeThatWasNotVerilated) {
  EXPECT_THROW(rtl::RtlXorDecoder({8, 16, 0, 8}), spec::SpecError);
}

TEST(RtlXorDecoder, NamesAWithdrawnOffer) {
  rtl::RtlXorDecoder decoder({8, 16, 0, 7});
  const std::uint32_t block = 3;
  rtl::RtlXorDecoder::Offer offer;
  offer.block = &block;
  decoder.clock(offer);
  decoder.clock(offer);  // no token: the first block stays, the second waits
  offer.block = nullptr;
  EXPECT_THROW(decoder.clock(offer), std::logic_error);
}

}  // namespace
}  // namespace lutsim::test

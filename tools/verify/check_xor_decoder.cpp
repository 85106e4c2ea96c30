// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <string>
#include <vector>

#include "sim/decoder/decoder_timing.h"
#include "sim/rtl_bridge/decoder_blocks.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {
namespace {

using models::XorStream;
using spec::XorCodeSpec;

/// Flipped positions of a stream, not to be confused with what an encoder would flip: every
/// density.
std::vector<std::uint64_t> random_positions(Random& random, const XorCodeSpec& code,
                                            std::uint64_t length) {
  const std::uint64_t one_in_bits[] = {1, 2, code.n_out, std::uint64_t{4} * code.n_out,
                                       std::uint64_t{4} * code.skip_token()};
  const std::uint64_t profile = random() % 7;
  std::vector<std::uint64_t> positions;
  for (std::uint64_t i = 0; i < length; ++i) {
    const std::uint64_t in_block = i % code.n_out;
    bool flipped = false;  // profile 6: no patches
    if (profile < 5) flipped = random() % one_in_bits[profile] == 0;
    // First and last bits of blocks, where the next token concerns another block.
    if (profile == 5) flipped = (in_block == 0 || in_block + 1 == code.n_out) && random() % 2 == 0;
    if (flipped) positions.push_back(i);
  }
  return positions;
}

XorStream make_stream(const XorCodeSpec& code, std::vector<std::uint16_t> blocks,
                      const std::vector<std::uint64_t>& positions) {
  const std::uint64_t length = blocks.size() * code.n_out;
  return {length, std::move(blocks), models::patch_tokens(code, positions, length)};
}

XorStream random_stream(Random& random, const XorCodeSpec& code) {
  std::vector<std::uint16_t> blocks(one_in(random, 4) ? 1 : random() % 40 + 1);
  for (auto& block : blocks) {
    block = static_cast<std::uint16_t>(random() & ((1u << code.n_in) - 1));
  }
  const auto positions = random_positions(random, code, blocks.size() * code.n_out);
  return make_stream(code, std::move(blocks), positions);
}

/// Every stored bit alone, so that each tap of each stage shows alone; then all of them; then
/// blocks whose every bit is patched.
std::vector<XorStream> directed_streams(const XorCodeSpec& code) {
  std::vector<XorStream> streams;
  for (std::uint32_t i = 0; i < code.n_in; ++i) {
    std::vector<std::uint16_t> blocks(code.n_stages + 2, 0);
    blocks[0] = static_cast<std::uint16_t>(1u << i);
    streams.push_back(make_stream(code, blocks, {}));
  }
  const auto ones = static_cast<std::uint16_t>((1u << code.n_in) - 1);
  const std::vector<std::uint16_t> full(4, ones);
  std::vector<std::uint64_t> everywhere(full.size() * code.n_out);
  std::iota(everywhere.begin(), everywhere.end(), 0);
  streams.push_back(make_stream(code, full, {}));
  streams.push_back(make_stream(code, full, everywhere));
  // One block, its first and its last bit.
  streams.push_back(make_stream(code, {ones}, {0}));
  streams.push_back(make_stream(code, {ones}, {code.n_out - 1}));
  // More than two skips between patches.
  const std::vector<std::uint16_t> longer(3 * code.skip_token() / code.n_out + 2, ones);
  streams.push_back(make_stream(code, longer, {0, longer.size() * code.n_out - 1}));
  return streams;
}

void hit_patch_bins(Comparison& comparison, const XorCodeSpec& code, const XorStream& stream) {
  const std::vector<std::uint32_t> patches = models::patches_of_blocks(code, stream);
  for (std::size_t t = 0; t < patches.size(); ++t) {
    comparison.hit(patches[t] == 0   ? "block without a patch"
                   : patches[t] == 1 ? "block with one patch"
                                     : "block with several patches");
    if (patches[t] == code.n_out) comparison.hit("every bit of a block patched");
    if (patches[t] > 0 && t == 0) comparison.hit("patch in the first block of a stream");
    if (patches[t] > 0 && t > 0 && patches[t - 1] > 0) {
      comparison.hit("patches in consecutive blocks");
    }
  }
  if (patches.size() == 1) comparison.hit("stream of one block");
  for (const std::uint64_t at :
       models::patch_positions(code, stream.patches, stream.blocks.size() * code.n_out)) {
    if (at % code.n_out == 0) comparison.hit("patch of the first bit of a block");
    if (at % code.n_out + 1 == code.n_out) comparison.hit("patch of the last bit of a block");
  }
  const auto& tokens = stream.patches;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] != code.skip_token()) continue;
    comparison.hit("token that skips");
    if (i > 0 && tokens[i - 1] == code.skip_token()) comparison.hit("two skips in a row");
  }
}

void hit_pacing_bins(Comparison& comparison, const rtl::DecoderOutcome& outcome) {
  if (outcome.out_waited > 0) comparison.hit("finished block waits for its reader");
  if (outcome.block_waited > 0) comparison.hit("stored block waits for room");
  if (outcome.patch_waited > 0) comparison.hit("patch token waits");
  if (outcome.patch_missing > 0) comparison.hit("block waits for a patch token");
  if (outcome.empty > 0) comparison.hit("decoder empty in mid-stream");
}

/// One decoder and what it should give.
class Checker {
 public:
  Checker(const XorCodeSpec& code, Comparison& comparison)
      : code_(code), comparison_(comparison), decoder_(code) {}

  const XorCodeSpec& code() const { return code_; }

  void check(const std::vector<XorStream>& streams, const rtl::DecoderPacing& pacing = {}) {
    const bool in_time = pacing.blocks == 100 && pacing.patches == 100 && pacing.out == 100;
    for (const XorStream& stream : streams) hit_patch_bins(comparison_, code_, stream);
    if (streams.size() > 1) comparison_.hit("stream after a stream");
    const rtl::DecoderOutcome outcome = rtl::run_decoder(decoder_, streams, pacing);
    hit_pacing_bins(comparison_, outcome);

    std::size_t block = 0;
    std::uint64_t left = sim::kDecoderPipelineCycles;
    std::uint64_t all_patches = 0;
    for (const XorStream& stream : streams) {
      const models::BitVector bits = models::decode(code_, stream);
      const std::vector<std::uint32_t> patches = models::patches_of_blocks(code_, stream);
      for (std::size_t t = 0; t < stream.blocks.size(); ++t, ++block) {
        const auto begin = static_cast<std::ptrdiff_t>(t * code_.n_out);
        const bool same =
            std::equal(bits.begin() + begin, bits.begin() + begin + code_.n_out,
                       outcome.bits.begin() + static_cast<std::ptrdiff_t>(block * code_.n_out));
        comparison_.equal(same, [&] { return describe(stream, t, in_time) + ": wrong bits"; });
        left += sim::decoder_block_cycles(patches[t]);
        all_patches += patches[t];
        // `left` counts cycles up to the one in which the block moves out.
        comparison_.same_cycles(!in_time || outcome.block_cycles[block] + 1 == left, [&] {
          return fmt::format("{}: expected to leave in cycle {}, found {}",
                             describe(stream, t, in_time), left - 1, outcome.block_cycles[block]);
        });
      }
    }
    const std::uint64_t expected = sim::decoder_cycles(block, all_patches);
    comparison_.same_cycles(!in_time || outcome.cycles == expected, [&] {
      return fmt::format("expected {} cycles, found {}", expected, outcome.cycles);
    });
  }

  /// Leaves a stream unfinished, resets, and expects nothing of it in the next.
  void check_reset(Random& random) {
    const XorStream lost = random_stream(random, code_);
    const std::uint32_t ones = (1u << code_.n_in) - 1;
    std::size_t block = 0;
    std::size_t token = 0;
    for (std::uint64_t cycle = random() % 12 + 1; cycle > 0; --cycle) {
      rtl::RtlXorDecoder::Offer offer;
      offer.block = &ones;
      const std::uint32_t patch = token < lost.patches.size() ? lost.patches[token] : 0u;
      offer.patch = &patch;
      offer.out_ready = one_in(random, 2);
      const rtl::RtlXorDecoder::Moved moved = decoder_.clock(offer);
      block += moved.block;
      token += moved.patch;
    }
    decoder_.reset();
    if (block > 0) comparison_.hit("reset in mid-stream");
    check({random_stream(random, code_)});
  }

 private:
  std::string describe(const XorStream& stream, std::size_t block, bool in_time) const {
    return fmt::format("{}/{}/{}, {}, block {} of {} (stored {:#x})", code_.n_in, code_.n_out,
                       code_.n_stages, in_time ? "in time" : "paced at random", block,
                       stream.blocks.size(), stream.blocks[block]);
  }

  const XorCodeSpec code_;
  Comparison& comparison_;
  rtl::RtlXorDecoder decoder_;
};

rtl::DecoderPacing random_pacing(Random& random) {
  rtl::DecoderPacing pacing;
  for (std::uint32_t* percent : {&pacing.blocks, &pacing.patches, &pacing.out}) {
    // Each side is the bottleneck of some streams.
    *percent = one_in(random, 2) ? static_cast<std::uint32_t>(random_int(random, 5, 80)) : 100;
  }
  pacing.seed = random();
  return pacing;
}

}  // namespace

void check_xor_decoder(Comparison& comparison, std::uint64_t vectors, Random& random) {
  comparison.declare_bins(
      {"block without a patch", "block with one patch", "block with several patches",
       "every bit of a block patched", "patch in the first block of a stream",
       "patches in consecutive blocks", "stream of one block", "stream after a stream",
       "patch of the first bit of a block", "patch of the last bit of a block", "token that skips",
       "two skips in a row", "finished block waits for its reader", "stored block waits for room",
       "patch token waits", "block waits for a patch token", "decoder empty in mid-stream",
       "reset in mid-stream"});
  std::deque<Checker> checkers;  // they hold a simulation and cannot move
  for (const XorCodeSpec& code : rtl::RtlXorDecoder::built()) {
    checkers.emplace_back(code, comparison).check(directed_streams(code));
  }
  constexpr std::uint32_t kLeastRounds = 20;
  for (std::uint32_t round = 0; round < kLeastRounds || comparison.vectors() < vectors; ++round) {
    for (Checker& checker : checkers) {
      std::vector<XorStream> streams;
      for (std::uint64_t n = random() % 3 + 1; n > 0; --n) {
        streams.push_back(random_stream(random, checker.code()));
      }
      checker.check(streams);
      checker.check(streams, random_pacing(random));
      checker.check_reset(random);
    }
  }
}

}  // namespace lutsim::tools

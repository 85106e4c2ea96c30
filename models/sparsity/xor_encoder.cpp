// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/xor_encoder.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/sparsity/block_trellis.h"

namespace lutsim::models {
namespace {

/// Bits and mask filled up with pruned bits to whole blocks.
struct PaddedBits {
  BitVector bits;
  BitVector mask;
};

void check(const spec::XorCodeSpec& code, const BitVector& bits, const BitVector& mask) {
  validate(code);
  const std::uint32_t state_bits = code.n_in * std::max(code.n_stages, 1u);
  if (state_bits > kMaxXorStateBits) {
    throw spec::SpecError("an XOR code with n_in * n_stages = " + std::to_string(state_bits) +
                          " is not encoded: at most " + std::to_string(kMaxXorStateBits));
  }
  if (bits.size() != mask.size()) {
    throw spec::SpecError("XOR encoder: " + std::to_string(bits.size()) + " bits and a mask of " +
                          std::to_string(mask.size()));
  }
}

/// The blocks of a best path through the trellis. Its metrics are kept at about sqrt(blocks) places
/// and computed again from there on the way back: twice the time for the square root of the memory.
std::vector<std::uint16_t> best_blocks(const spec::XorCodeSpec& code, const PaddedBits& padded) {
  BlockTrellis trellis(code);
  const std::size_t count = padded.bits.size() / code.n_out;
  const auto aim = [&](std::size_t t) {
    trellis.aim(&padded.bits[t * code.n_out], &padded.mask[t * code.n_out]);
  };
  const auto stride =
      static_cast<std::size_t>(std::max(1.0, std::ceil(std::sqrt(static_cast<double>(count)))));

  std::vector<Metrics> kept;  // before block 0, stride, 2 stride, ...
  Metrics metrics = trellis.start();
  Metrics next;
  for (std::size_t t = 0; t < count; ++t) {
    if (t % stride == 0) kept.push_back(metrics);
    aim(t);
    trellis.advance(metrics, next);
    metrics.swap(next);
  }

  auto state = static_cast<std::uint32_t>(std::min_element(metrics.begin(), metrics.end()) -
                                          metrics.begin());
  std::vector<std::uint16_t> blocks(count);
  std::vector<Metrics> segment;  // before each block from `begin` on
  for (std::size_t end = count; end > 0;) {
    const std::size_t begin = (end - 1) / stride * stride;
    segment.resize(end - begin);
    segment[0].swap(kept[begin / stride]);
    for (std::size_t t = begin; t + 1 < end; ++t) {
      aim(t);
      trellis.advance(segment[t - begin], segment[t - begin + 1]);
    }
    for (std::size_t t = end; t-- > begin;) {
      aim(t);
      blocks[t] = trellis.block_of(state);
      state = trellis.best_predecessor(segment[t - begin], state);
    }
    end = begin;
  }
  return blocks;
}

}  // namespace

double XorEncoding::efficiency() const {
  if (unpruned == 0) return 1.0;
  return 1.0 - static_cast<double>(mismatches) / static_cast<double>(unpruned);
}

double XorEncoding::reduction(const spec::XorCodeSpec& code) const {
  if (stream.bits == 0) return 0.0;
  return 1.0 - static_cast<double>(stored_bits(code, stream)) / static_cast<double>(stream.bits);
}

XorEncoding xor_encode(const spec::XorCodeSpec& code, const BitVector& bits,
                       const BitVector& mask) {
  check(code, bits, mask);
  PaddedBits padded{bits, mask};
  const std::size_t length = spec::ceil_div(bits.size(), code.n_out) * code.n_out;
  padded.bits.resize(length, 0);
  padded.mask.resize(length, 0);

  XorEncoding encoding;
  encoding.stream.bits = bits.size();
  encoding.stream.blocks = best_blocks(code, padded);
  const BitVector decoded = xor_decode(code, encoding.stream.blocks);
  std::vector<std::uint64_t> wrong;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (mask[i] == 0) continue;
    ++encoding.unpruned;
    if (decoded[i] != bits[i]) wrong.push_back(i);
  }
  encoding.mismatches = wrong.size();
  encoding.stream.patches = patch_tokens(code, wrong, length);
  return encoding;
}

}  // namespace lutsim::models

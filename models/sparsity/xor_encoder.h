// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/sparsity/xor_stream.h"

namespace lutsim::models {

/// Widest code that is encoded: n_in * max(n_stages, 1) bits of state, n_in more for a block.
constexpr std::uint32_t kMaxXorStateBits = 16;

/// A stream and what it cost.
struct XorEncoding {
  XorStream stream;
  std::uint64_t unpruned = 0;    ///< bits whose value matters
  std::uint64_t mismatches = 0;  ///< of them, those that need a patch

  /// E of arXiv 2105.01869: unpruned bits that the network gets right, before patches, as a part of
  /// all unpruned bits; 1 if there are none.
  double efficiency() const;
  /// Stored bits, patches included, saved against one bit for each weight bit, pruned or not; below
  /// zero when the stream is longer than the bits.
  double reduction(const spec::XorCodeSpec& code) const;
};

/// Encodes `bits`, of which only those with mask 1 matter, with as few mismatches as the code can
/// have: dynamic programming over all contents of the shift register (Viterbi). Of equally good
/// streams always the same one is returned. Every bit with mask 1 decodes to its value; the others
/// decode to anything.
///
/// Takes O(sqrt(blocks)) * 2^(n_in * n_stages) words of 16 bits. Nothing is shared: streams may be
/// encoded by any number of threads. Throws spec::SpecError for a code out of range or with more
/// than kMaxXorStateBits bits of state, and if bits and mask differ in length.
XorEncoding xor_encode(const spec::XorCodeSpec& code, const BitVector& bits, const BitVector& mask);

}  // namespace lutsim::models

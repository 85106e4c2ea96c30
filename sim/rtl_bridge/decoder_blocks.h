// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/sparsity/xor_stream.h"
#include "models/spec/xor_code_spec.h"

namespace lutsim::rtl {

/// Pins of a Verilated rtl/decoder/xor_decoder.sv, one clock cycle at a time. Plain C++, a private
/// simulation context each.
class RtlXorDecoder {
 public:
  /// Codes that were verilated: rtl/CMakeLists.txt.
  static std::vector<spec::XorCodeSpec> built();

  /// Throws spec::SpecError if no decoder was verilated for `code`.
  explicit RtlXorDecoder(const spec::XorCodeSpec& code);
  ~RtlXorDecoder();

  const spec::XorCodeSpec& code() const { return code_; }
  /// One clock edge with the reset; the decoder is empty after it.
  void reset();

  /// What is offered in a cycle; a null pointer offers nothing. An offer must be repeated until it
  /// is taken.
  struct Offer {
    const std::uint32_t* block = nullptr;
    bool last = false;  ///< the block is the last of its stream
    const std::uint32_t* patch = nullptr;
    bool out_ready = true;
  };
  /// What moved at the clock edge that ended the cycle.
  struct Moved {
    bool block = false;
    bool patch = false;
    bool out = false;
    bool out_valid = false;  ///< a finished block was there, moved or not
  };
  /// One cycle: offers, settles, and ends with a rising clock edge. Throws std::logic_error when an
  /// assertion of the RTL fails.
  Moved clock(const Offer& offer);
  /// The block that moved out in the latest cycle in which one did, and whether it was the last of
  /// its stream.
  const models::BitVector& out() const;
  bool out_last() const;

  struct Impl;

 private:
  const spec::XorCodeSpec code_;
  std::unique_ptr<Impl> impl_;
};

/// How often each side is there, in percent of the cycles in which it is not already waiting.
struct DecoderPacing {
  std::uint32_t blocks = 100, patches = 100, out = 100;
  std::uint64_t seed = 0;
};

/// What came out. Cycle 0 is that in which the first block moved in.
struct DecoderOutcome {
  models::BitVector bits;                   ///< of every block, padding included
  std::vector<std::uint64_t> block_cycles;  ///< in which each block moved out
  std::uint64_t cycles = 0;                 ///< up to the last of them, both counted
  // Cycles of a kind that pacing is meant to cause.
  std::uint64_t out_waited = 0;     ///< a finished block, nobody to take it
  std::uint64_t block_waited = 0;   ///< a block on offer, no room
  std::uint64_t patch_waited = 0;   ///< a token on offer, not needed yet
  std::uint64_t patch_missing = 0;  ///< a block in the decoder, not finished, no token on offer
  std::uint64_t empty = 0;          ///< no block in the decoder after the first, none on offer
};

/// Sends streams through a decoder that holds nothing, one after another. Throws std::logic_error
/// if it takes or gives more or fewer beats than they have, marks another block as a stream's last,
/// or if nothing moves any more.
DecoderOutcome run_decoder(RtlXorDecoder& decoder, const std::vector<models::XorStream>& streams,
                           const DecoderPacing& pacing = {});

}  // namespace lutsim::rtl

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/spec/xor_code_spec.h"

/// The stored form of pruned weight bits, and what it decodes to (docs/units/decoder.md).
namespace lutsim::models {

/// One weight bit per byte, 0 or 1.
using BitVector = std::vector<std::uint8_t>;

/// One encoded sequence of weight bits. Streams do not depend on each other.
struct XorStream {
  std::uint64_t bits = 0;              ///< weight bits; the rest of the last block is padding
  std::vector<std::uint16_t> blocks;   ///< n_in bits each
  std::vector<std::uint16_t> patches;  ///< tokens of patch_bits each
};

/// The XOR network and its shift register, without patches. Block t becomes bits
/// [t n_out, (t+1) n_out):
///
///   bit r = XOR over s <= n_stages of parity(taps(r, s) & x[t-s]),   x[t] = 0 for t < 0
BitVector xor_decode(const spec::XorCodeSpec& code, const std::vector<std::uint16_t>& blocks);

/// Patch tokens of a stream of `length` decoded bits, padding included. A cursor starts at bit 0.
/// Token t < 2^patch_bits - 1 flips bit cursor + t and moves the cursor behind it; the greatest
/// token flips nothing and moves the cursor by its value. The list ends with the token that moves
/// the cursor to `length` or beyond. Precondition: `positions` increase and are below `length`.
std::vector<std::uint16_t> patch_tokens(const spec::XorCodeSpec& code,
                                        const std::vector<std::uint64_t>& positions,
                                        std::uint64_t length);

/// The flipped positions. Throws spec::SpecError if the list ends before `length`, goes on after
/// it, flips a bit behind it, or holds a number of more than patch_bits.
std::vector<std::uint64_t> patch_positions(const spec::XorCodeSpec& code,
                                           const std::vector<std::uint16_t>& tokens,
                                           std::uint64_t length);

/// The weight bits. Throws spec::SpecError for a stream that is not one of this code.
BitVector decode(const spec::XorCodeSpec& code, const XorStream& stream);

/// Bits that each block has flipped: what the decoder's time depends on.
std::vector<std::uint32_t> patches_of_blocks(const spec::XorCodeSpec& code,
                                             const XorStream& stream);

/// Stored bits: blocks and patch tokens.
std::uint64_t stored_bits(const spec::XorCodeSpec& code, const XorStream& stream);

/// The packed form: the blocks, least significant bit first and without gaps, filled up with zeros
/// to a whole byte; then the tokens in the same way. Its reader has to know bits and the number of
/// tokens.
std::vector<std::uint8_t> pack(const spec::XorCodeSpec& code, const XorStream& stream);

/// Throws spec::SpecError if `bytes` is not as long as `bits` and `tokens` make it.
XorStream unpack(const spec::XorCodeSpec& code, const std::vector<std::uint8_t>& bytes,
                 std::uint64_t bits, std::size_t tokens);

}  // namespace lutsim::models

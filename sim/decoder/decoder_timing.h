// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Cycle counts of the weight decoder: pure functions, checked against the Verilated
/// rtl/decoder/xor_decoder.sv.
namespace lutsim::sim {

/// A block moves out one cycle after it moved in, if it has no patches.
constexpr std::uint64_t kDecoderPipelineCycles = 1;

/// Cycles for which a block occupies the decoder, with its patch tokens in time and its reader
/// ready. Tokens that skip cost none.
constexpr std::uint64_t decoder_block_cycles(std::uint64_t patches) { return 1 + patches; }

/// Cycles from the one in which the first block moves in to the one in which the last moves out,
/// both counted, of any number of streams one after another: nothing is lost between them.
constexpr std::uint64_t decoder_cycles(std::uint64_t blocks, std::uint64_t patches) {
  return blocks * decoder_block_cycles(0) + patches + kDecoderPipelineCycles;
}

/// The same for `decoders` of them that share the blocks and their patches evenly.
constexpr std::uint64_t decoder_bank_cycles(std::uint64_t blocks, std::uint64_t patches,
                                            std::uint64_t decoders) {
  return (blocks + patches + decoders - 1) / decoders + kDecoderPipelineCycles;
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/sparsity/xor_stream.h"

/// One block of the trellis of the XOR encoder.
///
/// A state is the contents of the shift register, the oldest block in its lowest n_in bits; a code
/// without a register is one with a register that nothing taps. From state `old` and block x comes
/// state `x * prefixes + old / 2^n_in`: states with the same newer blocks (`prefix`) lead to the
/// same successors.
namespace lutsim::models {

/// Mismatches on the way to every state, counted from the least.
using Metrics = std::vector<std::int16_t>;

class BlockTrellis {
 public:
  /// Greater than any real difference of metrics, small enough that a few blocks can be added.
  static constexpr std::int16_t kUnreachable = 1 << 14;

  explicit BlockTrellis(const spec::XorCodeSpec& code);

  /// The metrics before the first block: the register holds zeros.
  Metrics start() const;

  /// Aims at the unpruned ones of n_out bits.
  void aim(const std::uint8_t* bits, const std::uint8_t* mask);

  /// Metrics after the block from those before it, the least one 0.
  void advance(const Metrics& before, Metrics& after);

  /// The state from which `state` was reached best; of equal ones that with the least oldest block.
  std::uint32_t best_predecessor(const Metrics& before, std::uint32_t state) const;

  /// The block that led to `state`.
  std::uint16_t block_of(std::uint32_t state) const {
    return static_cast<std::uint16_t>(state >> (state_bits_ - code_.n_in));
  }

 private:
  using Word = std::uint32_t;

  std::uint32_t mismatches(std::uint32_t present, std::uint32_t prefix, std::uint32_t oldest) const;
  void advance_near(const std::int16_t* before, std::uint32_t prefix, Metrics& after);
  void advance_far(const std::int16_t* before, std::uint32_t prefix, Metrics& after);

  const spec::XorCodeSpec code_;
  const std::uint32_t state_bits_;
  const std::uint32_t values_;    ///< of one block, 2^n_in
  const std::uint32_t prefixes_;  ///< of the newer blocks of a state

  // The unpruned bits of this block that each part of the input makes, in words: entry v of word w
  // is at [w * size + v]. The wanted bits are folded into prefix_sums_.
  std::uint32_t unpruned_ = 0;
  std::size_t words_ = 0;
  std::vector<Word> present_sums_;
  std::vector<Word> prefix_sums_;
  std::vector<Word> oldest_sums_;
  std::vector<std::int16_t> nearest_, turned_;  ///< scratch of advance_near()
  std::vector<std::int32_t> metrics_;           ///< scratch of advance_far()
};

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tuple>

#include "models/spec/field.h"

namespace lutsim::spec {

/// A fixed-to-fixed XOR code for pruned weight bits (docs/units/decoder.md): every n_in stored bits
/// become n_out weight bits, each the XOR of some of the stored bits of the present and of the last
/// n_stages blocks. Bits that come out wrong are flipped by patches.
struct XorCodeSpec {
  std::uint32_t n_in = 8;
  std::uint32_t n_out = 80;
  std::uint32_t n_stages = 2;
  std::uint32_t patch_bits = 12;

  static constexpr auto fields() {
    using S = XorCodeSpec;
    return std::make_tuple(
        field("n_in", &S::n_in, "stored bits of a block").in(Unit::bit).range(1, 16).as_rtl("NIn"),
        field("n_out", &S::n_out, "weight bits of a block")
            .in(Unit::bit)
            .range(1, 256)
            .as_rtl("NOut"),
        field("n_stages", &S::n_stages, "earlier blocks in the shift register")
            .range(0, 3)
            .as_rtl("NStages"),
        field("patch_bits", &S::patch_bits, "width of a patch token; 2^patch_bits > n_out")
            .in(Unit::bit)
            .range(1, 16)
            .as_rtl("PatchBits"));
  }

  /// Stored bits that a weight bit may depend on.
  constexpr std::uint32_t taps() const { return n_in * (n_stages + 1); }
  /// The patch token that flips nothing and moves on by as many bits.
  constexpr std::uint32_t skip_token() const { return (1u << patch_bits) - 1; }
};

/// Throws SpecError naming every parameter that is out of range, its value and what is legal.
void validate(const XorCodeSpec& code);

}  // namespace lutsim::spec

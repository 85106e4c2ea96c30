// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

/// The matrix of the XOR codes over GF(2). There is one, drawn once: a code with n_out rows and
/// n_stages takes the first n_out rows and, of the 16 taps of each stage, the first n_in. The RTL
/// has the same table as rtl/gen/xor_code_pkg.sv, which tools/generate writes from this one.
namespace lutsim::models {

constexpr std::uint32_t kXorRows = 256;      ///< greatest n_out
constexpr std::uint32_t kXorStages = 4;      ///< greatest n_stages + 1
constexpr std::uint32_t kXorStageTaps = 16;  ///< greatest n_in
/// Any seed would do: docs/units/decoder.md, "Choice of the matrix".
constexpr std::uint64_t kXorSeed = 2;

/// One step of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014): advances the state and returns the next number.
constexpr std::uint64_t split_mix_64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// Row r: bit 16 s + i says whether weight bit r takes stored bit i of the block s blocks ago. Rows
/// are successive numbers of the generator; one without a tap among the first 8 of stage 0 is drawn
/// again, so that for n_in >= 8 no weight bit is constant.
constexpr std::array<std::uint64_t, kXorRows> make_xor_rows() {
  std::array<std::uint64_t, kXorRows> rows{};
  std::uint64_t state = kXorSeed;
  for (std::uint64_t& row : rows) {
    do {
      row = split_mix_64(state);
    } while ((row & 0xffu) == 0);
  }
  return rows;
}

inline constexpr std::array<std::uint64_t, kXorRows> kXorMatrix = make_xor_rows();

/// The taps of weight bit `row` in the block `stage` blocks ago: n_in bits.
constexpr std::uint32_t xor_taps(std::uint32_t row, std::uint32_t stage, std::uint32_t n_in) {
  return static_cast<std::uint32_t>(kXorMatrix[row] >> (kXorStageTaps * stage)) &
         ((1u << n_in) - 1);
}

}  // namespace lutsim::models

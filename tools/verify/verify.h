// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// The Verilated RTL against the golden model: the library behind `lutsim verify`
/// (docs/units/verify.md).
namespace lutsim::tools {

/// What checking one block gave.
struct BlockResult {
  std::string name;
  std::uint64_t vectors = 0;           ///< results compared
  std::uint64_t mismatches = 0;        ///< of which not every bit was equal
  std::uint64_t cycle_mismatches = 0;  ///< tiles that did not take the cycles of the timing model
  double seconds = 0;
  std::map<std::string, std::uint64_t> bins;  ///< functional coverage: hits of every declared bin
  std::string first_mismatch;     ///< operands, expected and found; empty if there was none
  std::string reproduce_command;  ///< runs exactly this check again

  /// A check that compared nothing did not pass.
  bool passed() const { return vectors > 0 && mismatches == 0 && cycle_mismatches == 0; }
};

/// Blocks that can be verified: those of rtl/ and, as lut_matrix_unit:NAME, the whole unit
/// in every configuration that was verilated.
std::vector<std::string> block_names();

/// Checks `names` (all blocks if empty; "lut_matrix_unit" stands for all its configurations) with
/// at least `vectors` random results each, drawn from `seed`. Throws config::InputError for an
/// unknown name and for 0 vectors.
std::vector<BlockResult> verify_blocks(const std::vector<std::string>& names, std::uint64_t vectors,
                                       std::uint64_t seed);

}  // namespace lutsim::tools

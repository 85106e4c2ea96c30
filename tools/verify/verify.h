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
  std::uint64_t cycle_mismatches = 0;  ///< runs that did not take the cycles of the timing model
  double seconds = 0;
  std::map<std::string, std::uint64_t> bins;  ///< functional coverage: hits of every declared bin
  std::string first_mismatch;     ///< operands, expected and found; empty if there was none
  std::string reproduce_command;  ///< runs exactly this check again

  /// A check that compared nothing did not pass.
  bool passed() const { return vectors > 0 && mismatches == 0 && cycle_mismatches == 0; }
  double vectors_per_s() const {
    return seconds > 0 ? static_cast<double>(vectors) / seconds : 0.0;
  }
  /// Declared bins that were never hit.
  std::vector<std::string> unhit_bins() const;
};

struct CheckOptions {
  std::uint64_t vectors = 1000;  ///< compare at least so many
  std::uint64_t seed = 1;
  bool stop_at_mismatch = false;  ///< end with the first: nothing is evaluated after it
};

/// Blocks that can be verified: those of rtl/ that have a check and, as matrix_unit:NAME, the
/// whole unit in every configuration that was verilated for this program.
std::vector<std::string> block_names();

/// The blocks that `names` select, in the order of block_names(): all if empty; "matrix_unit"
/// stands for all its configurations. Throws config::InputError for an unknown name.
std::vector<std::string> select_blocks(const std::vector<std::string>& names);

/// Checks one block of block_names(). Throws config::InputError for 0 vectors.
BlockResult verify_block(const std::string& name, const CheckOptions& options);

/// verify_block() for every block that `names` select.
std::vector<BlockResult> verify_blocks(const std::vector<std::string>& names, std::uint64_t vectors,
                                       std::uint64_t seed);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>

#include "tools/verify/random_values.h"
#include "tools/verify/verify.h"

namespace lutsim::tools {

/// Ends a check whose caller wants its first mismatch only.
struct StoppedAtMismatch {};

/// The scoreboard of every check: compares bits and cycles, counts functional coverage, keeps the
/// first comparison that failed.
///
/// The order of every check: directed corners, then random operands from the seed, then random
/// back-pressure where the block has handshakes.
class Comparison {
 public:
  explicit Comparison(BlockResult& result, bool stop_at_mismatch = false)
      : result_(result), stop_at_mismatch_(stop_at_mismatch) {}

  /// One result; `describe()` tells operands, expected and found, and is called for the first
  /// mismatch only.
  template <class Describe>
  void equal(bool same, const Describe& describe) {
    ++result_.vectors;
    if (same) return;
    ++result_.mismatches;
    note(describe());
  }
  template <class Describe>
  void same_cycles(bool same, const Describe& describe) {
    if (same) return;
    ++result_.cycle_mismatches;
    note(describe());
  }
  std::uint64_t vectors() const { return result_.vectors; }

  /// Functional coverage: what a complete check has met at least once. A bin is named after the
  /// situation ("both subnormal"); all are declared first, so that one that is never hit shows.
  void declare_bins(std::initializer_list<const char*> names) {
    for (const char* name : names) result_.bins.emplace(name, 0);
  }
  /// Precondition: `bin` was declared.
  void hit(const std::string& bin) { ++result_.bins.at(bin); }
  /// Declares one bin; its counter, for checks whose bins have computed names.
  std::uint64_t& bin(const std::string& name) { return result_.bins[name]; }
  void hit_if(bool met, const char* bin) {
    if (met) hit(bin);
  }

 private:
  void note(const std::string& text) {
    if (result_.first_mismatch.empty()) result_.first_mismatch = text;
    if (stop_at_mismatch_) throw StoppedAtMismatch();
  }
  BlockResult& result_;
  bool stop_at_mismatch_;
};

/// Checks a block: the directed corners and at least `vectors` results more.
using BlockCheck =
    std::function<void(Comparison& comparison, std::uint64_t vectors, Random& random)>;

/// Of the floating-point blocks: all pairs of corners of every format, then the random vectors.
void check_fp_adder(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_fp_multiplier(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_fp_converter(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_int_to_fp32(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_pre_aligner(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_lut_generator(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_lut_pe(Comparison& comparison, std::uint64_t vectors, Random& random);
/// Directed and random streams on every code that was verilated: bits and cycles with all operands
/// in time, bits under random pacing, and nothing left over after a reset.
void check_xor_decoder(Comparison& comparison, std::uint64_t vectors, Random& random);
/// Random tiles on the unit that was verilated as `configuration`: bits and cycles with all
/// operands in time, bits under random pacing of every handshake.
void check_matrix_unit(const std::string& configuration, Comparison& comparison,
                       std::uint64_t vectors, Random& random);
/// The blocks of rtl/vector: bits and cycles with all operands in time, bits under random pacing.
void check_function_unit(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_softmax(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_norm(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_kv_quantizer(Comparison& comparison, std::uint64_t vectors, Random& random);

}  // namespace lutsim::tools

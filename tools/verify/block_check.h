// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>

#include "tools/verify/random_values.h"
#include "tools/verify/verify.h"

namespace lutsim::tools {

/// Counts comparisons and keeps the first that failed.
class Comparison {
 public:
  explicit Comparison(BlockResult& result) : result_(result) {}

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
  void hit(const char* bin) { ++result_.bins.at(bin); }
  /// Declares one bin; its counter, for checks whose bins have computed names.
  std::uint64_t& bin(const std::string& name) { return result_.bins[name]; }

 private:
  void note(const std::string& text) {
    if (result_.first_mismatch.empty()) result_.first_mismatch = text;
  }
  BlockResult& result_;
};

/// Checks a block until `vectors` results were compared.
using BlockCheck =
    std::function<void(Comparison& comparison, std::uint64_t vectors, Random& random)>;

/// Of the floating-point blocks: all pairs of corners of every format, then the random vectors.
void check_fp_adder(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_fp_multiplier(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_fp_converter(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_int_to_fp32(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_pre_aligner(Comparison& comparison, std::uint64_t vectors, Random& random);
/// The generator and, on its entries, the readers of a processing element.
void check_lut_generator(Comparison& comparison, std::uint64_t vectors, Random& random);
/// Random tiles on the unit that was verilated as `configuration`: bits and cycles with all
/// operands in time, bits under random pacing of every handshake.
void check_lut_matrix_unit(const std::string& configuration, Comparison& comparison,
                           std::uint64_t vectors, Random& random);
/// The blocks of rtl/vector: bits and cycles with all operands in time, bits under random pacing.
void check_function_unit(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_softmax(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_norm(Comparison& comparison, std::uint64_t vectors, Random& random);
void check_kv_quantizer(Comparison& comparison, std::uint64_t vectors, Random& random);

}  // namespace lutsim::tools

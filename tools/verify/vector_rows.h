// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/numerics/float_format.h"
#include "models/transformer/lane_sum.h"
#include "sim/rtl_bridge/vector_blocks.h"
#include "tools/verify/block_check.h"

/// What the checks of the blocks of rtl/vector share: pacing, rows of every length, comparison.
namespace lutsim::tools {

const spec::FloatEncoding kFp32 = spec::float_encoding(spec::NumberFormat::fp32);

/// Each handshake is the bottleneck of some vectors.
inline rtl::VectorPacing random_pacing(Random& random) {
  rtl::VectorPacing pacing;
  for (std::uint32_t* percent : {&pacing.command, &pacing.in, &pacing.weights, &pacing.out}) {
    *percent = one_in(random, 3) ? static_cast<std::uint32_t>(random_int(random, 5, 60)) : 100;
  }
  pacing.seed = random();
  return pacing;
}

/// Both sides of every handshake wait now and then.
inline rtl::VectorPacing slow_pacing(std::uint64_t seed) { return {50, 40, 40, 50, seed}; }

inline std::string length_bin(std::uint32_t lanes, std::size_t length) {
  const char* what = length == 1                        ? "1 element"
                     : length < models::kSumLanes       ? "fewer than 64 elements"
                     : length == models::kSumLanes      ? "64 elements"
                     : length % models::kSumLanes != 0u ? "more than 64, not a multiple"
                                                        : "a multiple of 64";
  return fmt::format("{} lanes, {}", lanes, what);
}

inline void declare_row_bins(Comparison& comparison) {
  for (const std::uint32_t lanes : rtl::kVectorLanes) {
    for (const std::size_t length : {1u, 2u, 64u, 65u, 128u}) {
      comparison.bin(length_bin(lanes, length));
    }
  }
  comparison.declare_bins({"results stall", "operands come late"});
}

inline std::size_t random_length(Random& random, std::uint32_t most) {
  switch (random() % 6) {
    case 0:
      return 1;
    case 1:
      return models::kSumLanes;
    case 2:
      return 2 * std::size_t{models::kSumLanes};
    case 3:
      return static_cast<std::size_t>(random_int(random, 1, models::kSumLanes));
    default:
      return static_cast<std::size_t>(random_int(random, 1, most));
  }
}

inline float moderate(Random& random) {
  return models::fp32_from_bits(random_moderate_bits(random, kFp32));
}

inline std::vector<std::uint32_t> bits_of_row(const std::vector<float>& row) {
  std::vector<std::uint32_t> bits(row.size());
  std::transform(row.begin(), row.end(), bits.begin(), models::fp32_bits);
  return bits;
}

/// Compares a row with what two runs of the block give: with all operands in time, cycles too, and
/// at `pacing`. `run(pacing)` returns something with .cycles, `values(outcome)` its results.
template <class Run, class Values>
void compare_runs(Comparison& comparison, const rtl::VectorPacing& pacing, const std::string& what,
                  const std::vector<std::uint32_t>& expected, std::uint64_t cycles, const Run& run,
                  const Values& values) {
  comparison.hit_if(pacing.out < 100, "results stall");
  comparison.hit_if(pacing.in < 100, "operands come late");
  for (const bool in_time : {true, false}) {
    const auto outcome = run(in_time ? rtl::VectorPacing{} : pacing);
    const std::vector<std::uint32_t> found = values(outcome);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      comparison.equal(found.at(i) == expected[i], [&] {
        return fmt::format("{}, operands {}, result {}: expected {:#010x}, found {:#010x}", what,
                           in_time ? "in time" : "late", i, expected[i], found[i]);
      });
    }
    if (!in_time) continue;
    comparison.same_cycles(outcome.cycles == cycles, [&] {
      return fmt::format("{}: expected {} cycles, found {}", what, cycles, outcome.cycles);
    });
  }
}

/// One row for a block: a kind of elements and a variant of the command, numbered by the check.
struct RowCase {
  std::size_t block;  ///< index in kVectorLanes
  std::size_t length;
  std::uint32_t kind, variant;
};

/// The rows of a check. Directed ones, the same whatever the seed: every kind and variant, on every
/// number of lanes, at the lengths around which beats, partial sums and the buffer end. Then random
/// ones, half of them of kind 0, until `vectors` more results were compared.
/// `check(row, random, pacing)` draws the elements from `random`.
template <class Check>
void check_rows(Comparison& comparison, std::uint64_t vectors, Random& random, std::uint32_t kinds,
                std::uint32_t variants, std::uint32_t most, const Check& check) {
  const auto check_one = [&](const RowCase& row, Random& source, const rtl::VectorPacing& pacing) {
    ++comparison.bin(length_bin(rtl::kVectorLanes.at(row.block), row.length));
    check(row, source, pacing);
  };
  Random fixed(1);
  for (const std::size_t length : {1u, 2u, 3u, 63u, 64u, 65u, 128u, most}) {
    for (std::size_t block = 0; block < rtl::kVectorLanes.size(); ++block) {
      for (std::uint32_t kind = 0; kind < kinds; ++kind) {
        for (std::uint32_t variant = 0; variant < variants; ++variant) {
          check_one({block, length, kind, variant}, fixed, slow_pacing(fixed()));
        }
      }
    }
  }
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) {
    const std::size_t block = random() % rtl::kVectorLanes.size();
    const std::size_t length = random_length(random, most);
    const auto kind = static_cast<std::uint32_t>(one_in(random, 2) ? 0 : random() % kinds);
    const auto variant = static_cast<std::uint32_t>(random() % variants);
    check_one({block, length, kind, variant}, random, random_pacing(random));
  }
}

inline std::vector<std::uint32_t> row_values(const rtl::RowOutcome& outcome) { return outcome.y; }

}  // namespace lutsim::tools

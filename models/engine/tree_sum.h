// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>

#include "models/numerics/float_format.h"
#include "models/spec/matrix_spec.h"

/// Sums of the array in floating point: a balanced tree, the same for the golden model and
/// rtl/matrix/fp_adder_tree.sv.
namespace lutsim::models {

/// Rounds to the format of the array's sums. FP32 values are what the host's addition gives.
struct RoundToFp32 {
  float operator()(float value) const { return value; }
};
struct RoundToFp16 {
  float operator()(float value) const { return round_to_fp16(value); }
};

/// Calls `use` with the rounding of an accumulator format.
template <class Use>
void with_rounding(spec::AccFormat format, const Use& use) {
  if (format == spec::AccFormat::fp16) {
    use(RoundToFp16{});
  } else {
    use(RoundToFp32{});
  }
}

/// Sum of `count` >= 1 leaves as a heap: node i is the rounded sum of nodes 2i+1 and 2i+2, the last
/// `count` of the 2*count-1 nodes are the leaves. `Value` is a float or an array of them side by
/// side. On entry node[count-1 ...] are the leaves; on return node[0] is the sum. An addition of
/// FP16 numbers in FP32, rounded to FP16, is rounded once: 24 >= 2*11 + 2 bits.
template <class Round>
void tree_sum(float* node, std::size_t count, const Round& round) {
  for (std::size_t i = count - 1; i > 0; --i) node[i - 1] = round(node[2 * i - 1] + node[2 * i]);
}

/// The same for `kLanes` sums at a time.
template <std::size_t kLanes, class Round>
void tree_sums(std::array<float, kLanes>* node, std::size_t count, const Round& round) {
  for (std::size_t i = count - 1; i > 0; --i) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      node[i - 1][lane] = round(node[2 * i - 1][lane] + node[2 * i][lane]);
    }
  }
}

}  // namespace lutsim::models

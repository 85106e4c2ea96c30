// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

/// Quantised KV cache: a group of elements of one head, on one grid of 2^bits levels between the
/// least and the greatest element (asymmetric, as KIVI does: Z. Liu et al., arXiv:2402.02750,
/// section 3, z = min X, s = (max X - min X) / (2^B - 1)). This is the definition of
/// rtl/vector/kv_quantizer.sv, bit for bit.
///
/// Every operation is FP32, nearest even, subnormals kept, in this order:
///
///   lo, hi = least and greatest element
///   z  = lo rounded to FP16, +0 for both zeros
///   s  = ((hi - lo) * c) rounded to FP16,      c = 1 / (2^bits - 1) rounded to FP32
///   r  = reciprocal(s) of the function unit;   0 if s = 0
///   code = (x - z) * r rounded to an integer, nearest even, then limited to 0 .. 2^bits - 1
///
///   element of the code = code * s + z         the product is exact, one rounding
///
/// With an infinity or NaN among the elements, or if z or s is infinite in FP16, the group is lost:
/// z and s are the canonical NaN, every code is 0, every element of a code is NaN.
///
/// |element of the code - x| <= s / 2 plus the roundings of z and s (tests/models/vector).
namespace lutsim::models {

struct KvGroup {
  std::uint16_t scale = 0;  ///< s, FP16 bits
  std::uint16_t zero = 0;   ///< z, FP16 bits
  std::vector<std::uint8_t> codes;
};

/// Quantises one group. Precondition: bits is 4 or 8, count > 0.
KvGroup quantize_kv_group(const float* x, std::size_t count, std::uint32_t bits);

/// The elements of its codes: y[codes.size()].
void dequantize_kv_group(const KvGroup& group, float* y);

/// A row of one head in groups of `group_size` elements; the last may be shorter.
std::vector<KvGroup> quantize_kv_row(const float* x, std::size_t count, std::uint32_t bits,
                                     std::size_t group_size);

}  // namespace lutsim::models

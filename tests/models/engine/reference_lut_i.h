// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/numerics/float_format.h"
#include "models/spec/arch_spec.h"

/// docs/units/matrix.md once more, in words of real arithmetic: no bit fields, no tables, nothing
/// shared with models/engine. Slow.
namespace lutsim::test {

/// Correctly rounded FP32 of a product or sum: double holds a product of two FP32 exactly, and its
/// 53 bits are enough that rounding a sum twice is rounding it once.
inline float fp32(double value) { return models::canonical(static_cast<float>(value)); }

struct ReferenceSegment {
  std::vector<std::int64_t> a;
  std::int32_t exponent = 0;
  bool finite = true;
};

inline ReferenceSegment reference_align(const spec::MatrixSpec& spec, const float* x,
                                        std::uint32_t length) {
  const spec::FloatEncoding encoding = spec::float_encoding(spec.act_format);
  ReferenceSegment segment;
  std::int32_t top = 1 - encoding.bias();  // unbiased exponent of the least normal number
  for (std::uint32_t j = 0; j < length; ++j) {
    const float value = models::round_to(spec.act_format, x[j]);
    if (!std::isfinite(value)) {
      segment.finite = false;
      return segment;
    }
    if (value != 0) top = std::max(top, std::ilogb(value));
  }
  // All of the segment is below 2^(top+1) = 2^(A-1) units.
  segment.exponent = top + 1 - static_cast<std::int32_t>(spec.align_bits - 1);
  for (std::uint32_t j = 0; j < length; ++j) {
    const double units =
        std::ldexp(static_cast<double>(models::round_to(spec.act_format, x[j])), -segment.exponent);
    segment.a.push_back(static_cast<std::int64_t>(std::trunc(units)));
  }
  return segment;
}

inline float reference_scale_accumulate(float acc, float scale, std::int64_t sum,
                                        std::int32_t exponent) {
  const auto integer = static_cast<float>(static_cast<long double>(sum));
  const auto value = static_cast<float>(std::ldexp(static_cast<long double>(integer), exponent));
  const float term = fp32(static_cast<double>(scale) * value);
  return fp32(static_cast<double>(acc) + term);
}

/// y[N] = x[K] W[K,N].
inline std::vector<float> reference_gemv(const spec::MatrixSpec& spec, const float* x,
                                         const models::BcqMatrix& w) {
  std::vector<float> y(w.n, 0.0f);
  std::uint32_t begin = 0;
  while (begin < w.k) {
    std::uint32_t end = begin + 1;
    while (end < w.k && end % w.group_size != 0 && end - begin < spec.lanes_k()) ++end;
    const std::uint32_t group = begin / w.group_size;
    const ReferenceSegment segment = reference_align(spec, x + begin, end - begin);
    for (std::uint32_t row = 0; row < w.n; ++row) {
      if (!segment.finite) {
        y[row] = models::fp32_from_bits(models::kCanonicalNanFp32);
        continue;
      }
      std::int64_t all = 0;
      for (const std::int64_t a : segment.a) all += a;
      for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane) {
        std::int64_t sum = 0;
        for (std::uint32_t j = 0; j < end - begin; ++j) {
          sum += w.bit(plane, row, begin + j) ? segment.a[j] : -segment.a[j];
        }
        y[row] = reference_scale_accumulate(y[row], w.alpha_of(group, row, plane), sum,
                                            segment.exponent);
      }
      if (w.has_offset()) {
        y[row] = reference_scale_accumulate(y[row], w.offset_of(group, row), all, segment.exponent);
      }
    }
    begin = end;
  }
  return y;
}

}  // namespace lutsim::test

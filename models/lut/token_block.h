// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/lut/lut_i.h"
#include "models/lut/segment_tables.h"
#include "models/numerics/float_format.h"
#include "models/spec/arch_spec.h"

namespace lutsim::models {

/// 2^exponent as two FP32 factors, for integers in FP32 below 2^43: the first product is exact, the
/// second rounds once. Same result as scale_by_power_of_two for every exponent that align() gives.
struct PowerOfTwo {
  float first, second;

  static PowerOfTwo of(std::int32_t exponent) {
    // Down to 2^-149 any integer times it is exact in FP32; 2^-100 keeps the product normal.
    const std::int32_t first = std::max(exponent, -100);
    return {scale_by_power_of_two(1.0f, first), scale_by_power_of_two(1.0f, exponent - first)};
  }
};

/// One segment of `kTokens` row vectors, ready to be multiplied by rows of W.
template <class Sum, std::uint32_t kTokens>
class TokenBlock {
  using Tables = SegmentTables<Sum, kTokens>;

 public:
  /// Aligns elements [seg.k_begin, + seg.length) of `tokens` <= kTokens rows of x[tokens][k]; the
  /// tokens that are missing are zeros.
  TokenBlock(const spec::MatrixSpec& spec, const float* x, std::uint32_t tokens, std::uint32_t k,
             const KSegment& seg)
      : segment_(seg), tables_(seg.length) {
    const std::size_t padded = spec::ceil_div(seg.length, Tables::kKeyBits) * Tables::kKeyBits;
    std::vector<std::int32_t> mantissas(padded * kTokens, 0);
    for (std::uint32_t t = 0; t < tokens; ++t) {
      const AlignedSegment aligned = align(spec, x + std::size_t{t} * k + seg.k_begin, seg.length);
      for (std::uint32_t j = 0; j < seg.length; ++j) {
        mantissas[std::size_t{j} * kTokens + t] = aligned.mantissa[j];
        total_[t] += aligned.mantissa[j];
      }
      const PowerOfTwo power = PowerOfTwo::of(aligned.exponent);
      first_[t] = power.first;
      second_[t] = power.second;
      finite_[t] = aligned.finite;
    }
    tables_.fill(mantissas.data());
  }

  /// Adds this segment times rows [n_begin, n_end) of w to acc[n - n_begin][kTokens].
  void accumulate(const BcqMatrix& w, std::uint32_t n_begin, std::uint32_t n_end,
                  float* acc) const {
    for (std::uint32_t n = n_begin; n < n_end; n += kRows) {
      const std::uint32_t rows = std::min(kRows, n_end - n);
      accumulate_rows(w, n, rows, acc + std::size_t{n - n_begin} * kTokens);
    }
  }

  /// Bytes of its tables for a segment of that length.
  static std::size_t table_bytes(std::uint32_t length) { return Tables::bytes(length); }

 private:
  static constexpr std::uint32_t kRows = 64;  ///< rows whose scales are widened together

  void accumulate_rows(const BcqMatrix& w, std::uint32_t n, std::uint32_t rows, float* acc) const {
    const std::uint32_t planes = w.weight_bits;
    std::array<float, kRows * kMaxWeightBits> alpha;
    const std::uint16_t* bits = w.alpha.data() + w.alpha_index(segment_.group, n, 0);
    for (std::uint32_t i = 0; i < rows * planes; ++i) alpha[i] = fp16_from_bits(bits[i]);

    for (std::uint32_t row = 0; row < rows; ++row, acc += kTokens) {
      std::array<float, kTokens> local;
      std::copy(acc, acc + kTokens, local.begin());
      for (std::uint32_t plane = 0; plane < planes; ++plane) {
        const std::uint32_t words = w.words_per_row();
        std::array<Sum, kTokens> sums;
        tables_.read(w.plane_words.data() + (std::size_t{plane} * w.n + n + row) * words, words,
                     segment_.k_begin, sums.data());
        add_scaled(alpha[row * planes + plane], sums, local);
      }
      if (w.has_offset()) add_scaled(w.offset_of(segment_.group, n + row), total_, local);
      for (std::uint32_t t = 0; t < kTokens; ++t) {
        acc[t] = finite_[t] ? canonical(local[t]) : fp32_from_bits(kCanonicalNanFp32);
      }
    }
  }

  /// scale_accumulate() for every token. A NaN stays a NaN, so it is made canonical at the end
  /// only.
  void add_scaled(float scale, const std::array<Sum, kTokens>& sums,
                  std::array<float, kTokens>& acc) const {
    for (std::uint32_t t = 0; t < kTokens; ++t) {
      const float value = static_cast<float>(sums[t]) * first_[t] * second_[t];
      acc[t] += scale * value;
    }
  }

  KSegment segment_;
  Tables tables_;
  std::array<float, kTokens> first_{}, second_{};  ///< PowerOfTwo of every token
  std::array<Sum, kTokens> total_{};               ///< sum of the mantissas: all key bits 1
  std::array<bool, kTokens> finite_ = all_true();

  static constexpr std::array<bool, kTokens> all_true() {
    std::array<bool, kTokens> flags{};
    for (bool& flag : flags) flag = true;
    return flags;
  }
};

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/bcq/uniform_view.h"
#include "models/engine/align.h"
#include "models/engine/segment_tables.h"
#include "models/engine/segments.h"
#include "models/engine/tree_sum.h"
#include "models/numerics/float_format.h"
#include "models/spec/matrix_spec.h"

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

/// One segment of `kTokens` row vectors, aligned and ready to be multiplied by rows of W: engines
/// ifpu and lut-i plane by plane, figna by the integer weights that the planes stand for.
template <class Sum, std::uint32_t kTokens>
class TokenBlock {
  using Tables = SegmentTables<Sum, kTokens>;

 public:
  /// Aligns elements [seg.k_begin, + seg.length) of `tokens` <= kTokens rows of x[tokens][k]; the
  /// tokens that are missing are zeros.
  TokenBlock(const spec::MatrixSpec& spec, const float* x, std::uint32_t tokens, std::uint32_t k,
             const KSegment& seg)
      : segment_(seg),
        integer_weights_(!spec::is_bit_serial(spec.engine)),
        slots_(spec.slots()),
        tables_(seg.length) {
    const std::size_t padded = spec::ceil_div(seg.length, Tables::kKeyBits) * Tables::kKeyBits;
    std::vector<std::int32_t> mantissas(padded * kTokens, 0);
    for (std::uint32_t t = 0; t < tokens; ++t) {
      const AlignedSegment aligned = align(spec, x + std::size_t{t} * k + seg.k_begin, seg.length);
      for (std::uint32_t j = 0; j < seg.length; ++j) {
        mantissas[std::size_t{j} * kTokens + t] = aligned.mantissa[j];
        total_[t] += aligned.mantissa[j];
      }
      const PowerOfTwo power = PowerOfTwo::of(aligned.exponent);
      exponent_[t] = aligned.exponent;
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
      if (integer_weights_) {
        add_integer_weights(w, n + row, local);
      } else if (slots_ == 1) {
        for (std::uint32_t plane = 0; plane < planes; ++plane) {
          add_scaled(alpha[row * planes + plane], plane_sums(w, plane, n + row), local);
        }
        if (w.has_offset()) add_scaled(w.offset_of(segment_.group, n + row), total_, local);
      } else {
        add_slots(w, n + row, alpha.data() + std::size_t{row} * planes, local);
      }
      for (std::uint32_t t = 0; t < kTokens; ++t) {
        acc[t] = finite_[t] ? canonical(local[t]) : fp32_from_bits(kCanonicalNanFp32);
      }
    }
  }

  std::array<Sum, kTokens> plane_sums(const BcqMatrix& w, std::uint32_t plane,
                                      std::uint32_t row) const {
    std::array<Sum, kTokens> sums;
    const std::uint32_t words = w.words_per_row();
    tables_.read(w.plane_words.data() + (std::size_t{plane} * w.n + row) * words, words,
                 segment_.k_begin, sums.data());
    return sums;
  }

  /// Several planes a step: the terms of a step are added in a tree, then to the partial sum. The
  /// offset is one more plane; slots without a plane are +0.
  void add_slots(const BcqMatrix& w, std::uint32_t row, const float* alpha,
                 std::array<float, kTokens>& acc) const {
    const std::uint32_t planes = w.weight_bits;
    const std::uint32_t terms = planes + (w.has_offset() ? 1 : 0);
    for (std::uint32_t begin = 0; begin < terms; begin += slots_) {
      std::array<std::array<float, kTokens>, 2 * kMaxWeightBits - 1> node{};
      for (std::uint32_t p = 0; p < std::min(slots_, terms - begin); ++p) {
        const bool offset = begin + p == planes;
        const auto sums = offset ? total_ : plane_sums(w, begin + p, row);
        const float scale = offset ? w.offset_of(segment_.group, row) : alpha[begin + p];
        for (std::uint32_t t = 0; t < kTokens; ++t) {
          node[slots_ - 1 + p][t] = scale * value(sums[t], t);
        }
      }
      tree_sums(node.data(), slots_, RoundToFp32{});
      for (std::uint32_t t = 0; t < kTokens; ++t) acc[t] += node[0][t];
    }
  }

  /// sum a (code - zero), exact. With code = sum 2^i (1 + b_i) / 2 the sums over the planes serve.
  void add_integer_weights(const BcqMatrix& w, std::uint32_t row,
                           std::array<float, kTokens>& acc) const {
    const UniformScale uniform = uniform_scale(w, segment_.group, row);
    std::array<std::int64_t, kTokens> twice{};
    for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane) {
      const auto sums = plane_sums(w, plane, row);
      for (std::uint32_t t = 0; t < kTokens; ++t) {
        twice[t] += (std::int64_t{sums[t]} + total_[t]) * (1 << plane);
      }
    }
    for (std::uint32_t t = 0; t < kTokens; ++t) {
      const std::int64_t sum = twice[t] / 2 - std::int64_t{uniform.zero} * total_[t];
      acc[t] += uniform.scale * scale_by_power_of_two(fp32_from_int(sum), exponent_[t]);
    }
  }

  /// scale_accumulate() for every token. A NaN stays a NaN, so it is made canonical at the end
  /// only.
  void add_scaled(float scale, const std::array<Sum, kTokens>& sums,
                  std::array<float, kTokens>& acc) const {
    for (std::uint32_t t = 0; t < kTokens; ++t) {
      acc[t] += scale * value(sums[t], t);
    }
  }

  /// fp32(sum) * 2^exponent of token t.
  float value(Sum sum, std::uint32_t t) const {
    return static_cast<float>(sum) * first_[t] * second_[t];
  }

  KSegment segment_;
  bool integer_weights_;
  std::uint32_t slots_;
  Tables tables_;
  std::array<std::int32_t, kTokens> exponent_{};
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

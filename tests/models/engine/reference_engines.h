// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/numerics/float_format.h"
#include "tests/models/engine/reference_lut_i.h"

/// docs/units/matrix.md for the engines fp, figna and lut-f once more, word by word: recursive
/// trees, weights from their levels, nothing shared with models/engine. Slow.
namespace lutsim::test {

/// A sum of the array: one addition, rounded to the format of the sums.
inline float reference_add(spec::NumberFormat acc, float a, float b) {
  return models::round_to(acc, a + b);
}

/// Node `i` of the heap over `leaves`.
inline float reference_tree(spec::NumberFormat acc, const std::vector<float>& leaves,
                            std::size_t i = 0) {
  const std::size_t first_leaf = leaves.size() - 1;
  if (i >= first_leaf) return leaves[i - first_leaf];
  return reference_add(acc, reference_tree(acc, leaves, 2 * i + 1),
                       reference_tree(acc, leaves, 2 * i + 2));
}

/// Scale and integer weight of a uniform matrix in BCQ form, by solving for them.
struct ReferenceUniform {
  double scale;
  std::vector<std::int32_t> level;  ///< code - zero, [count]
};

inline ReferenceUniform reference_uniform(const models::BcqMatrix& w, std::uint32_t row,
                                          std::uint32_t begin, std::uint32_t count) {
  const std::uint32_t group = begin / w.group_size;
  ReferenceUniform uniform{2.0 * w.alpha_of(group, row, 0), {}};
  for (std::uint32_t j = 0; j < count; ++j) {
    const double value = w.weight(row, begin + j);
    uniform.level.push_back(
        uniform.scale == 0 ? 0 : static_cast<std::int32_t>(std::lround(value / uniform.scale)));
  }
  return uniform;
}

/// Stretches of K inside one group, at most lanes_k long.
template <class Use>
void for_each_segment(const spec::MatrixSpec& spec, const models::BcqMatrix& w, const Use& use) {
  for (std::uint32_t begin = 0; begin < w.k;) {
    std::uint32_t end = begin + 1;
    while (end < w.k && end % w.group_size != 0 && end - begin < spec.lanes_k()) ++end;
    use(begin, end - begin, begin / w.group_size);
    begin = end;
  }
}

inline std::vector<float> reference_fp(const spec::MatrixSpec& spec, const float* x,
                                       const models::BcqMatrix& w) {
  const spec::NumberFormat acc = spec.float_acc();
  std::vector<float> y(w.n, 0.0f);
  for_each_segment(spec, w, [&](std::uint32_t begin, std::uint32_t length, std::uint32_t) {
    for (std::uint32_t row = 0; row < w.n; ++row) {
      const ReferenceUniform uniform = reference_uniform(w, row, begin, length);
      std::vector<float> products(spec.lanes_k(), 0.0f);
      for (std::uint32_t j = 0; j < length; ++j) {
        const float weight =
            models::round_to(spec.act_format, static_cast<float>(uniform.scale * uniform.level[j]));
        const float activation = models::round_to(spec.act_format, x[begin + j]);
        products[j] = models::round_to(acc, activation * weight);
      }
      y[row] = fp32(static_cast<double>(y[row]) + reference_tree(acc, products));
    }
  });
  return y;
}

inline std::vector<float> reference_figna(const spec::MatrixSpec& spec, const float* x,
                                          const models::BcqMatrix& w) {
  std::vector<float> y(w.n, 0.0f);
  for_each_segment(spec, w, [&](std::uint32_t begin, std::uint32_t length, std::uint32_t) {
    const ReferenceSegment segment = reference_align(spec, x + begin, length);
    for (std::uint32_t row = 0; row < w.n; ++row) {
      if (!segment.finite) {
        y[row] = models::fp32_from_bits(models::kCanonicalNanFp32);
        continue;
      }
      const ReferenceUniform uniform = reference_uniform(w, row, begin, length);
      std::int64_t sum = 0;
      for (std::uint32_t j = 0; j < length; ++j) sum += segment.a[j] * uniform.level[j];
      y[row] = reference_scale_accumulate(y[row], static_cast<float>(uniform.scale), sum,
                                          segment.exponent);
    }
  });
  return y;
}

/// Entry of a key: the low mu/2 elements one after another, the high ones from the most significant
/// on, then both. A key whose most significant bit is 1 is the negation of its complement.
inline float reference_entry(spec::NumberFormat acc, const std::vector<float>& a,
                             std::uint32_t key) {
  const auto mu = static_cast<std::uint32_t>(a.size());
  const std::uint32_t ones = (1u << mu) - 1;
  if (((key >> (mu - 1)) & 1u) != 0) return -reference_entry(acc, a, ~key & ones);
  const auto element = [&](std::uint32_t t) { return ((key >> t) & 1u) != 0 ? a[t] : -a[t]; };
  const std::uint32_t low_count = mu / 2;
  float low = element(0);
  for (std::uint32_t t = 1; t < low_count; ++t) low = reference_add(acc, low, element(t));
  float high = element(mu - 1);
  for (std::uint32_t t = low_count; t + 1 < mu; ++t) high = reference_add(acc, high, element(t));
  return reference_add(acc, high, low);
}

inline std::vector<float> reference_lut_f(const spec::MatrixSpec& spec, const float* x,
                                          const models::BcqMatrix& w) {
  const spec::NumberFormat acc = spec.float_acc();
  std::vector<float> y(w.n, 0.0f);
  for_each_segment(spec, w, [&](std::uint32_t begin, std::uint32_t length, std::uint32_t group) {
    std::vector<std::vector<float>> columns(spec.array_cols, std::vector<float>(spec.mu, 0.0f));
    for (std::uint32_t j = 0; j < length; ++j) {
      columns[j / spec.mu][j % spec.mu] =
          models::round_to(acc, models::round_to(spec.act_format, x[begin + j]));
    }
    const std::uint32_t terms = w.weight_bits + (w.has_offset() ? 1 : 0);
    for (std::uint32_t row = 0; row < w.n; ++row) {
      for (std::uint32_t first = 0; first < terms; first += spec.planes) {
        std::vector<float> slots(spec.planes, 0.0f);
        for (std::uint32_t p = 0; p < spec.planes && first + p < terms; ++p) {
          const bool offset = first + p == w.weight_bits;
          std::vector<float> leaves;
          for (std::uint32_t c = 0; c < spec.array_cols; ++c) {
            std::uint32_t key = 0;
            for (std::uint32_t t = 0; t < spec.mu; ++t) {
              const std::uint32_t j = c * spec.mu + t;
              const bool one = offset || (j < length && w.bit(first + p, row, begin + j));
              key |= static_cast<std::uint32_t>(one) << t;
            }
            leaves.push_back(reference_entry(acc, columns[c], key));
          }
          const float scale = offset ? w.offset_of(group, row) : w.alpha_of(group, row, first + p);
          slots[p] = fp32(static_cast<double>(scale) * reference_tree(acc, leaves));
        }
        y[row] =
            fp32(static_cast<double>(y[row]) + reference_tree(spec::NumberFormat::fp32, slots));
      }
    }
  });
  return y;
}

/// ifpu and lut-i with several planes in a step: the terms of a step are added in a tree.
inline std::vector<float> reference_slots(const spec::MatrixSpec& spec, const float* x,
                                          const models::BcqMatrix& w) {
  std::vector<float> y(w.n, 0.0f);
  for_each_segment(spec, w, [&](std::uint32_t begin, std::uint32_t length, std::uint32_t group) {
    const ReferenceSegment segment = reference_align(spec, x + begin, length);
    const std::uint32_t terms = w.weight_bits + (w.has_offset() ? 1 : 0);
    for (std::uint32_t row = 0; row < w.n; ++row) {
      for (std::uint32_t first = 0; first < terms; first += spec.planes) {
        std::vector<float> slots(spec.planes, 0.0f);
        for (std::uint32_t p = 0; p < spec.planes && first + p < terms; ++p) {
          const bool offset = first + p == w.weight_bits;
          std::int64_t sum = 0;
          for (std::uint32_t j = 0; j < length; ++j) {
            sum += offset || w.bit(first + p, row, begin + j) ? segment.a[j] : -segment.a[j];
          }
          const float scale = offset ? w.offset_of(group, row) : w.alpha_of(group, row, first + p);
          slots[p] = reference_scale_accumulate(0.0f, scale, sum, segment.exponent);
        }
        y[row] =
            fp32(static_cast<double>(y[row]) + reference_tree(spec::NumberFormat::fp32, slots));
      }
    }
  });
  return y;
}

}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/engine/half_lut.h"
#include "models/engine/kernels.h"
#include "models/engine/tree_sum.h"
#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

/// The LUTs of one segment of one token, whole tables: entry(column, key) for every key.
template <class Round>
class SegmentLuts {
 public:
  SegmentLuts(const spec::MatrixSpec& spec, const float* x, std::uint32_t length,
              const Round& round)
      : mu_(spec.mu), columns_(static_cast<std::uint32_t>(spec::ceil_div(length, spec.mu))) {
    entries_.resize(std::size_t{columns_} << mu_);
    std::vector<float> a(mu_);
    for (std::uint32_t c = 0; c < columns_; ++c) {
      for (std::uint32_t t = 0; t < mu_; ++t) {
        const std::uint32_t j = c * mu_ + t;
        a[t] = j < length ? round(round_to(spec.act_format, x[j])) : 0.0f;
      }
      const std::vector<float> stored =
          half_lut_sums(a.data(), mu_, [&](float p, float q) { return round(p + q); });
      float* table = entries_.data() + (std::size_t{c} << mu_);
      const std::size_t half = stored.size();
      for (std::size_t key = 0; key < half; ++key) {
        table[key] = stored[key];
        table[2 * half - 1 - key] = -stored[key];
      }
    }
  }

  std::uint32_t columns() const { return columns_; }
  float entry(std::uint32_t column, std::uint64_t key) const {
    return entries_[(std::size_t{column} << mu_) + key];
  }

 private:
  std::uint32_t mu_;
  std::uint32_t columns_;
  std::vector<float> entries_;  ///< [column][2^mu]
};

template <class Round>
class LutF {
 public:
  LutF(const EngineCall& call, const Round& round)
      : call_(call), round_(round), node_(2 * std::size_t{call.spec.array_cols} - 1) {}

  void run() {
    for (std::uint32_t t = 0; t < call_.m; ++t) {
      const float* x = call_.x + std::size_t{t} * call_.w.k;
      float* acc = call_.acc + t * call_.acc_stride;
      for (const KSegment& segment : call_.segments) {
        const SegmentLuts<Round> luts(call_.spec, x + segment.k_begin, segment.length, round_);
        // The offset's sum is the same for all features.
        const float ones = call_.w.has_offset() ? sum_of_ones(luts) : 0.0f;
        for (std::uint32_t n = call_.n_begin; n < call_.n_end; ++n) {
          float& sum = acc[n - call_.n_begin];
          sum = canonical(add_row(luts, segment, n, ones, sum));
        }
      }
    }
  }

 private:
  float add_row(const SegmentLuts<Round>& luts, const KSegment& segment, std::uint32_t n,
                float ones, float acc) {
    const BcqMatrix& w = call_.w;
    const std::uint32_t slots = call_.spec.slots();
    const std::uint32_t terms = w.weight_bits + (w.has_offset() ? 1 : 0);
    for (std::uint32_t begin = 0; begin < terms; begin += slots) {
      std::array<float, 2 * kMaxWeightBits - 1> node{};
      for (std::uint32_t p = 0; p < std::min(slots, terms - begin); ++p) {
        const std::uint32_t plane = begin + p;
        const bool offset = plane == w.weight_bits;
        const float scale =
            offset ? w.offset_of(segment.group, n) : w.alpha_of(segment.group, n, plane);
        node[slots - 1 + p] = scale * (offset ? ones : sum_of(luts, segment, n, plane));
      }
      tree_sum(node.data(), slots, RoundToFp32{});
      acc += node[0];
    }
    return acc;
  }

  /// Sum over the columns of the array; those past the segment's end read zeros.
  float sum_of(const SegmentLuts<Round>& luts, const KSegment& segment, std::uint32_t n,
               std::uint32_t plane) {
    const std::uint32_t mu = call_.spec.mu;
    float* leaf = leaves();
    for (std::uint32_t c = 0; c < luts.columns(); ++c) {
      const std::uint32_t elements = std::min(mu, segment.length - c * mu);
      leaf[c] = luts.entry(c, call_.w.bits(plane, n, segment.k_begin + c * mu, elements));
    }
    return reduce(luts.columns());
  }
  float sum_of_ones(const SegmentLuts<Round>& luts) {
    float* leaf = leaves();
    const std::uint64_t ones = (std::uint64_t{1} << call_.spec.mu) - 1;
    for (std::uint32_t c = 0; c < luts.columns(); ++c) leaf[c] = luts.entry(c, ones);
    return reduce(luts.columns());
  }

  float* leaves() { return node_.data() + call_.spec.array_cols - 1; }
  float reduce(std::uint32_t used) {
    std::fill(leaves() + used, node_.data() + node_.size(), 0.0f);
    tree_sum(node_.data(), call_.spec.array_cols, round_);
    return node_[0];
  }

  const EngineCall& call_;
  const Round& round_;
  std::vector<float> node_;  ///< heap of the adder tree
};

}  // namespace

void run_lut_f(const EngineCall& call) {
  with_rounding(call.spec.acc_format,
                [&](const auto& round) { LutF<std::decay_t<decltype(round)>>(call, round).run(); });
}

}  // namespace lutsim::models

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

/// Features that are computed side by side: their sums are independent, each in its own order.
constexpr std::uint32_t kRows = 16;

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
        for (std::uint32_t n = call_.n_begin; n < call_.n_end; n += kRows) {
          add_rows(luts, segment, n, std::min(kRows, call_.n_end - n), ones,
                   acc + (n - call_.n_begin));
        }
      }
    }
  }

 private:
  using Lanes = std::array<float, kRows>;

  /// Features [n, n + rows); lanes past them compute with zeros.
  void add_rows(const SegmentLuts<Round>& luts, const KSegment& segment, std::uint32_t n,
                std::uint32_t rows, float ones, float* acc) {
    const BcqMatrix& w = call_.w;
    const std::uint32_t slots = call_.spec.slots();
    const std::uint32_t terms = w.weight_bits + (w.has_offset() ? 1 : 0);
    Lanes sum{};
    std::copy(acc, acc + rows, sum.begin());
    for (std::uint32_t begin = 0; begin < terms; begin += slots) {
      std::array<Lanes, 2 * kMaxWeightBits - 1> node{};
      for (std::uint32_t p = 0; p < std::min(slots, terms - begin); ++p) {
        const std::uint32_t plane = begin + p;
        Lanes scale{};
        for (std::uint32_t row = 0; row < rows; ++row) {
          scale[row] = plane == w.weight_bits ? w.offset_of(segment.group, n + row)
                                              : w.alpha_of(segment.group, n + row, plane);
        }
        Lanes& term = node[slots - 1 + p];
        if (plane == w.weight_bits) {
          for (std::uint32_t row = 0; row < kRows; ++row) term[row] = scale[row] * ones;
        } else {
          const Lanes& value = sums_of(luts, segment, n, rows, plane);
          for (std::uint32_t row = 0; row < kRows; ++row) term[row] = scale[row] * value[row];
        }
      }
      tree_sums(node.data(), slots, RoundToFp32{});
      for (std::uint32_t row = 0; row < kRows; ++row) sum[row] += node[0][row];
    }
    for (std::uint32_t row = 0; row < rows; ++row) acc[row] = canonical(sum[row]);
  }

  /// Sums over the columns of the array; those past the segment's end read zeros.
  const Lanes& sums_of(const SegmentLuts<Round>& luts, const KSegment& segment, std::uint32_t n,
                       std::uint32_t rows, std::uint32_t plane) {
    const std::uint32_t mu = call_.spec.mu;
    // Keys come in whole columns, as many as one word holds.
    const std::uint32_t columns_at_once = 64 / mu;
    const std::uint64_t mask = (std::uint64_t{1} << mu) - 1;
    Lanes* leaf = leaves();
    for (std::uint32_t row = 0; row < rows; ++row) {
      for (std::uint32_t first = 0; first < luts.columns(); first += columns_at_once) {
        const std::uint32_t end = std::min(first + columns_at_once, luts.columns());
        const std::uint32_t begin_bit = first * mu;
        std::uint64_t keys = call_.w.bits(plane, n + row, segment.k_begin + begin_bit,
                                          std::min(end * mu, segment.length) - begin_bit);
        for (std::uint32_t c = first; c < end; ++c, keys >>= mu) {
          leaf[c][row] = luts.entry(c, keys & mask);
        }
      }
    }
    std::fill(leaf + luts.columns(), node_.data() + node_.size(), Lanes{});
    tree_sums(node_.data(), call_.spec.array_cols, round_);
    return node_[0];
  }
  float sum_of_ones(const SegmentLuts<Round>& luts) {
    std::vector<float> node(node_.size(), 0.0f);
    const std::uint64_t ones = (std::uint64_t{1} << call_.spec.mu) - 1;
    for (std::uint32_t c = 0; c < luts.columns(); ++c) {
      node[call_.spec.array_cols - 1 + c] = luts.entry(c, ones);
    }
    tree_sum(node.data(), call_.spec.array_cols, round_);
    return node[0];
  }

  Lanes* leaves() { return node_.data() + call_.spec.array_cols - 1; }

  const EngineCall& call_;
  const Round& round_;
  std::vector<Lanes> node_;  ///< heap of the adder tree
};

}  // namespace

void run_lut_f(const EngineCall& call) {
  with_rounding(call.spec.acc_format,
                [&](const auto& round) { LutF<std::decay_t<decltype(round)>>(call, round).run(); });
}

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/bcq/uniform_view.h"
#include "models/engine/kernels.h"
#include "models/engine/tree_sum.h"
#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

/// Features that are computed side by side: their sums are independent, each in its own order.
constexpr std::uint32_t kRows = 16;

/// Weights of every code of one row and group: scale * (code - zero), rounded once. The product of
/// an FP16 scale and an integer of 9 bits is exact in FP32.
std::array<float, 1u << kMaxWeightBits> dequantize(spec::NumberFormat format,
                                                   const UniformScale& uniform,
                                                   std::uint32_t weight_bits) {
  std::array<float, 1u << kMaxWeightBits> weights;
  for (std::int32_t code = 0; code < 1 << weight_bits; ++code) {
    weights[static_cast<std::size_t>(code)] =
        round_to(format, uniform.scale * static_cast<float>(code - uniform.zero));
  }
  return weights;
}

template <class Round>
class Fp {
 public:
  Fp(const EngineCall& call, const Round& round)
      : call_(call), round_(round), node_(2 * std::size_t{call.spec.array_cols} - 1) {}

  void run() {
    x_.resize(std::size_t{call_.m} * call_.w.k);
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = round_to(call_.spec.act_format, call_.x[i]);
    for (std::uint32_t n = call_.n_begin; n < call_.n_end; n += kRows) {
      const std::uint32_t rows = std::min(kRows, call_.n_end - n);
      for (const KSegment& segment : call_.segments) {
        load_weights(segment, n, rows);
        for (std::uint32_t t = 0; t < call_.m; ++t) {
          const float* x = x_.data() + std::size_t{t} * call_.w.k + segment.k_begin;
          add_token(x, segment.length, rows,
                    call_.acc + t * call_.acc_stride + (n - call_.n_begin));
        }
      }
    }
  }

 private:
  using Lanes = std::array<float, kRows>;

  void load_weights(const KSegment& segment, std::uint32_t n, std::uint32_t rows) {
    weights_.assign(segment.length, Lanes{});
    codes_.resize(spec::ceil_div(segment.length, 8) * 8);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const auto table =
          dequantize(call_.spec.act_format, uniform_scale(call_.w, segment.group, n + row),
                     call_.w.weight_bits);
      uniform_codes(call_.w, n + row, segment.k_begin, segment.length, codes_.data());
      for (std::uint32_t j = 0; j < segment.length; ++j) weights_[j][row] = table[codes_[j]];
    }
  }

  void add_token(const float* x, std::uint32_t length, std::uint32_t rows, float* acc) {
    Lanes* leaf = node_.data() + call_.spec.array_cols - 1;
    for (std::uint32_t j = 0; j < length; ++j) {
      for (std::uint32_t row = 0; row < kRows; ++row) {
        leaf[j][row] = round_(x[j] * weights_[j][row]);
      }
    }
    // Lanes past the segment's end give +0.
    std::fill(leaf + length, node_.data() + node_.size(), Lanes{});
    tree_sums(node_.data(), call_.spec.array_cols, round_);
    for (std::uint32_t row = 0; row < rows; ++row) {
      acc[row] = canonical(acc[row] + node_[0][row]);
    }
  }

  const EngineCall& call_;
  const Round& round_;
  std::vector<float> x_;             ///< [m][k] in act_format
  std::vector<Lanes> weights_;       ///< [length][row], dequantised
  std::vector<std::uint8_t> codes_;  ///< [length] of one row
  std::vector<Lanes> node_;          ///< heap of the adder tree
};

}  // namespace

void run_fp(const EngineCall& call) {
  with_rounding(call.spec.acc_format,
                [&](const auto& round) { Fp<std::decay_t<decltype(round)>>(call, round).run(); });
}

}  // namespace lutsim::models

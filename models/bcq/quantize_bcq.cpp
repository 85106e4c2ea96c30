// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/bcq/quantize_input.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

/// One alpha per plane.
using Alphas = std::array<double, kMaxWeightBits>;

/// Bit i of a code is the sign of plane i; 1 stands for +1.
double sign_of(std::uint32_t code, std::uint32_t plane) {
  return ((code >> plane) & 1u) != 0 ? 1.0 : -1.0;
}

/// One row and group while it is being quantised.
class GroupQuantizer {
 public:
  /// `importance` has one factor for each weight's squared error; null: all 1.
  GroupQuantizer(const float* begin, const float* end, const double* importance,
                 std::uint32_t planes)
      : planes_(planes),
        weights_(begin, end),
        importance_(weights_.size(), 1.0),
        codes_(weights_.size(), 0) {
    if (importance == nullptr) return;
    // A group whose inputs are all 0 is fitted as if they were alike.
    const double* end_of_importance = importance + weights_.size();
    if (std::any_of(importance, end_of_importance, [](double i) { return i > 0; })) {
      importance_.assign(importance, end_of_importance);
    }
  }

  void greedy() {
    std::vector<double> rest = weights_;
    const double total = std::accumulate(importance_.begin(), importance_.end(), 0.0);
    for (std::uint32_t plane = 0; plane < planes_; ++plane) {
      double sum = 0;
      for (std::size_t j = 0; j < rest.size(); ++j) sum += importance_[j] * std::fabs(rest[j]);
      alphas_[plane] = sum / total;
      for (std::size_t j = 0; j < rest.size(); ++j) {
        if (rest[j] >= 0) codes_[j] |= 1u << plane;
        rest[j] -= sign_of(codes_[j], plane) * alphas_[plane];
      }
    }
  }

  /// One round of refinement. False when no weight changed its code: further rounds change nothing.
  bool refine() {
    solve_alphas();
    for (double& alpha : alphas_) alpha = std::fabs(alpha);
    std::sort(alphas_.begin(), alphas_.begin() + planes_, std::greater<>());
    return assign_codes();
  }

  /// Every weight to the nearest of the 2^planes sums; a tie to the smaller. True if a code
  /// changed.
  bool assign_codes() {
    const std::uint32_t count = 1u << planes_;
    std::vector<std::pair<double, std::uint32_t>> sums(count);
    for (std::uint32_t code = 0; code < count; ++code) {
      double sum = 0;
      for (std::uint32_t plane = 0; plane < planes_; ++plane) {
        sum += sign_of(code, plane) * alphas_[plane];
      }
      sums[code] = {sum, code};
    }
    std::sort(sums.begin(), sums.end());
    bool changed = false;
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      // First sum whose boundary to the next one is not below the weight.
      const auto nearest = std::partition_point(sums.begin(), sums.end() - 1, [&](const auto& sum) {
        return (sum.first + (&sum + 1)->first) / 2 < weights_[j];
      });
      changed |= codes_[j] != nearest->second;
      codes_[j] = nearest->second;
    }
    return changed;
  }

  /// False if an alpha overflows FP16.
  bool round_alphas() {
    for (std::uint32_t plane = 0; plane < planes_; ++plane) {
      alphas_[plane] = fp16_from_bits(fp16_bits(static_cast<float>(alphas_[plane])));
      if (!std::isfinite(alphas_[plane])) return false;
    }
    return true;
  }

  double alpha(std::uint32_t plane) const { return alphas_[plane]; }
  std::uint32_t code(std::size_t j) const { return codes_[j]; }

 private:
  /// Least squares: solves (B^T D B) alpha = B^T D w, D the importance, by `planes` steps of
  /// conjugate gradient from the alphas at hand. Planes may be linearly dependent; the iteration
  /// then stops in the solution space.
  void solve_alphas() {
    std::array<Alphas, kMaxWeightBits> gram{};
    Alphas target{};
    for (std::size_t j = 0; j < weights_.size(); ++j) {
      for (std::uint32_t a = 0; a < planes_; ++a) {
        const double signed_importance = sign_of(codes_[j], a) * importance_[j];
        target[a] += signed_importance * weights_[j];
        for (std::uint32_t b = 0; b < planes_; ++b) {
          gram[a][b] += signed_importance * sign_of(codes_[j], b);
        }
      }
    }
    const auto times_gram = [&](const Alphas& v) {
      Alphas product{};
      for (std::uint32_t a = 0; a < planes_; ++a) product[a] = dot(gram[a], v);
      return product;
    };
    Alphas residual = times_gram(alphas_);
    for (std::uint32_t a = 0; a < planes_; ++a) residual[a] = target[a] - residual[a];
    Alphas direction = residual;
    double norm = dot(residual, residual);
    const double converged = 1e-24 * dot(target, target);
    for (std::uint32_t step = 0; step < planes_ && norm > converged; ++step) {
      const Alphas product = times_gram(direction);
      const double curvature = dot(direction, product);
      if (curvature <= 0) return;
      const double length = norm / curvature;
      for (std::uint32_t a = 0; a < planes_; ++a) {
        alphas_[a] += length * direction[a];
        residual[a] -= length * product[a];
      }
      const double next = dot(residual, residual);
      for (std::uint32_t a = 0; a < planes_; ++a) {
        direction[a] = residual[a] + next / norm * direction[a];
      }
      norm = next;
    }
  }

  double dot(const Alphas& a, const Alphas& b) const {
    double sum = 0;
    for (std::uint32_t plane = 0; plane < planes_; ++plane) sum += a[plane] * b[plane];
    return sum;
  }

  std::uint32_t planes_;
  std::vector<double> weights_, importance_;
  std::vector<std::uint32_t> codes_;
  Alphas alphas_{};
};

}  // namespace

BcqMatrix quantize_bcq(const float* w, std::uint32_t n, std::uint32_t k, std::uint32_t weight_bits,
                       std::uint32_t group_size, std::uint32_t rounds, const double* importance) {
  check_weights(w, n, k, weight_bits, group_size);
  BcqMatrix m = make_bcq(k, n, weight_bits, group_size, false);
  for (std::uint32_t row = 0; row < n; ++row) {
    const float* weights = w + std::size_t{row} * k;
    for (std::uint32_t group = 0; group < m.groups(); ++group) {
      const std::uint32_t begin = group * group_size;
      const std::uint32_t end = std::min(k, begin + group_size);
      GroupQuantizer quantizer(weights + begin, weights + end,
                               importance == nullptr ? nullptr : importance + begin, weight_bits);
      quantizer.greedy();
      for (std::uint32_t round = 0; round < rounds && quantizer.refine(); ++round) {
      }
      if (!quantizer.round_alphas()) {
        throw spec::SpecError("BCQ: row " + std::to_string(row) + ", group " +
                              std::to_string(group) + ": an alpha overflows FP16");
      }
      if (rounds > 0) quantizer.assign_codes();
      for (std::uint32_t plane = 0; plane < weight_bits; ++plane) {
        m.alpha[m.alpha_index(group, row, plane)] =
            fp16_bits(static_cast<float>(quantizer.alpha(plane)));
        for (std::uint32_t col = begin; col < end; ++col) {
          const bool positive = ((quantizer.code(col - begin) >> plane) & 1u) != 0;
          if (positive) m.set_bit(plane, row, col, true);
        }
      }
    }
  }
  return m;
}

}  // namespace lutsim::models

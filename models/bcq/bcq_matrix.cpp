// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/bcq_matrix.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw spec::SpecError("BCQ matrix: " + text); }

void check_size(const char* what, std::size_t size, std::size_t expected) {
  if (size != expected) {
    refuse(std::string(what) + " holds " + std::to_string(size) + " values, expected " +
           std::to_string(expected));
  }
}

}  // namespace

float BcqMatrix::alpha_of(std::uint32_t group, std::uint32_t row, std::uint32_t plane) const {
  return fp16_from_bits(alpha[alpha_index(group, row, plane)]);
}

float BcqMatrix::weight(std::uint32_t row, std::uint32_t col) const {
  const std::uint32_t group = col / group_size;
  float sum = 0.0f;
  for (std::uint32_t plane = 0; plane < weight_bits; ++plane) {
    const float scale = alpha_of(group, row, plane);
    sum += bit(plane, row, col) ? scale : -scale;
  }
  return has_offset() ? sum + offset_of(group, row) : sum;
}

void check_shape(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                 std::uint32_t group_size) {
  if (k == 0 || n == 0) {
    refuse("K = " + std::to_string(k) + ", N = " + std::to_string(n) + ": both must be at least 1");
  }
  if (weight_bits < 1 || weight_bits > kMaxWeightBits) {
    refuse("weight_bits = " + std::to_string(weight_bits) + ": must be 1 to " +
           std::to_string(kMaxWeightBits));
  }
  if (group_size < 1 || group_size > k) {
    refuse("group_size = " + std::to_string(group_size) +
           ": must be 1 to K = " + std::to_string(k));
  }
}

BcqMatrix make_bcq(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                   std::uint32_t group_size, bool with_offset) {
  check_shape(k, n, weight_bits, group_size);
  BcqMatrix matrix;
  matrix.k = k;
  matrix.n = n;
  matrix.weight_bits = weight_bits;
  matrix.group_size = group_size;
  const std::size_t groups = std::size_t{matrix.groups()} * n;
  matrix.plane_words.assign(std::size_t{weight_bits} * n * matrix.words_per_row(), 0);
  matrix.alpha.assign(groups * weight_bits, 0);
  if (with_offset) matrix.offset.assign(groups, 0.0f);
  return matrix;
}

std::vector<float> in_column_order(const BcqMatrix& matrix, const float* x, std::uint64_t m) {
  std::vector<float> ordered(m * matrix.k);
  for (std::uint64_t row = 0; row < m; ++row) {
    const float* from = x + row * matrix.k;
    for (std::uint32_t col = 0; col < matrix.k; ++col) {
      ordered[row * matrix.k + col] =
          from[matrix.input_order.empty() ? col : matrix.input_order[col]];
    }
  }
  return ordered;
}

void validate(const BcqMatrix& matrix) {
  check_shape(matrix.k, matrix.n, matrix.weight_bits, matrix.group_size);
  const std::size_t rows = std::size_t{matrix.weight_bits} * matrix.n;
  const std::size_t groups = std::size_t{matrix.groups()} * matrix.n;
  check_size("plane_words", matrix.plane_words.size(), rows * matrix.words_per_row());
  check_size("alpha", matrix.alpha.size(), groups * matrix.weight_bits);
  if (matrix.has_offset()) check_size("offset", matrix.offset.size(), groups);
  if (!matrix.input_order.empty()) {
    check_size("input_order", matrix.input_order.size(), matrix.k);
    std::vector<bool> seen(matrix.k, false);
    for (const std::uint32_t input : matrix.input_order) {
      if (input >= matrix.k || seen[input]) refuse("input_order is no permutation of 0..K-1");
      seen[input] = true;
    }
  }
  if (matrix.k % 64 != 0) {
    const std::uint64_t past = ~std::uint64_t{0} << (matrix.k % 64);
    for (std::size_t row = 0; row < rows; ++row) {
      if ((matrix.plane_words[(row + 1) * matrix.words_per_row() - 1] & past) != 0) {
        refuse("row " + std::to_string(row % matrix.n) + " of plane " +
               std::to_string(row / matrix.n) + " has bits past K = " + std::to_string(matrix.k));
      }
    }
  }
  const auto finite_fp16 = [](std::uint16_t bits) { return std::isfinite(fp16_from_bits(bits)); };
  const auto bad_alpha = std::find_if_not(matrix.alpha.begin(), matrix.alpha.end(), finite_fp16);
  if (bad_alpha != matrix.alpha.end()) {
    refuse("alpha[" + std::to_string(bad_alpha - matrix.alpha.begin()) + "] is not finite");
  }
  const auto bad_offset = std::find_if_not(matrix.offset.begin(), matrix.offset.end(),
                                           [](float value) { return std::isfinite(value); });
  if (bad_offset != matrix.offset.end()) {
    refuse("offset[" + std::to_string(bad_offset - matrix.offset.begin()) + "] is not finite");
  }
}

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_storage.h"

namespace lutsim::models {

/// Most bit-planes that a matrix can have.
constexpr std::uint32_t kMaxWeightBits = 8;

/// Weights W[K,N] in binary-coded quantisation, stored row by row of the output feature n:
///
///   w[n][k] = sum over i < weight_bits of alpha[g][n][i] * b[i][n][k]  +  offset[g][n]
///
/// with b in {-1,+1}, g = k / group_size (the last group holds the remainder of K), alpha in FP16
/// and offset in FP32. The offset is wider than a scale because it is a sum of scales: in FP16 a
/// uniform INT-q weight would no longer be represented exactly
/// (docs/decisions/0003-bcq-offset-is-fp32.md).
struct BcqMatrix {
  std::uint32_t k = 0;            ///< reduction length
  std::uint32_t n = 0;            ///< output features
  std::uint32_t weight_bits = 0;  ///< bit-planes q, 1..8
  std::uint32_t group_size = 0;   ///< weights along K of one row that share their scales, 1..K

  /// Bit k of row n of plane i is bit k%64 of plane_words[(i * n_rows + n) * words_per_row() +
  /// k/64]; 1 stands for +1. Bits past K are 0.
  std::vector<std::uint64_t> plane_words;
  std::vector<std::uint16_t> alpha;  ///< FP16 bits, [groups][n][weight_bits]
  std::vector<float> offset;         ///< [groups][n]; empty: the matrix has no offsets

  /// Column c multiplies activation input_order[c]; empty: activation c. A permutation of 0..K-1:
  /// act-order checkpoints sort K by importance before they cut it into groups.
  std::vector<std::uint32_t> input_order = {};

  std::uint32_t groups() const { return (k + group_size - 1) / group_size; }
  std::uint32_t words_per_row() const { return (k + 63) / 64; }
  bool has_offset() const { return !offset.empty(); }
  bool bit(std::uint32_t plane, std::uint32_t row, std::uint32_t col) const {
    const std::size_t word = (std::size_t{plane} * n + row) * words_per_row() + col / 64;
    return (plane_words[word] >> (col % 64)) & 1u;
  }
  void set_bit(std::uint32_t plane, std::uint32_t row, std::uint32_t col, bool positive) {
    const std::size_t word = (std::size_t{plane} * n + row) * words_per_row() + col / 64;
    const std::uint64_t mask = std::uint64_t{1} << (col % 64);
    plane_words[word] = positive ? plane_words[word] | mask : plane_words[word] & ~mask;
  }
  /// `count` <= 64 bits of a row of a plane from column `col` on, bit 0 first; 0 past the last
  /// word.
  std::uint64_t bits(std::uint32_t plane, std::uint32_t row, std::uint32_t col,
                     std::uint32_t count) const {
    const std::uint32_t words = words_per_row();
    const std::uint64_t* row_words = plane_words.data() + (std::size_t{plane} * n + row) * words;
    const std::uint32_t word = col / 64, shift = col % 64;
    std::uint64_t value = row_words[word] >> shift;
    if (shift != 0 && word + 1 < words) value |= row_words[word + 1] << (64 - shift);
    return count == 64 ? value : value & ((std::uint64_t{1} << count) - 1);
  }
  std::size_t alpha_index(std::uint32_t group, std::uint32_t row, std::uint32_t plane) const {
    return (std::size_t{group} * n + row) * weight_bits + plane;
  }
  float alpha_of(std::uint32_t group, std::uint32_t row, std::uint32_t plane) const;
  float offset_of(std::uint32_t group, std::uint32_t row) const {
    return has_offset() ? offset[std::size_t{group} * n + row] : 0.0f;
  }

  /// The represented weight, the sum above evaluated in FP32 from plane 0 upwards, the offset last.
  float weight(std::uint32_t row, std::uint32_t col) const;

  BcqStorage storage() const { return {k, n, weight_bits, group_size, has_offset()}; }
};

/// A matrix of that shape with all bits and scales 0; offsets exist if `with_offset`. Throws
/// spec::SpecError for a shape that check_shape refuses.
BcqMatrix make_bcq(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                   std::uint32_t group_size, bool with_offset);

/// Throws spec::SpecError naming the value and what is legal: k, n >= 1; weight_bits 1..8;
/// group_size 1..k.
void check_shape(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                 std::uint32_t group_size);

/// `m` rows of activations x[m][k] in the order of the matrix' columns.
std::vector<float> in_column_order(const BcqMatrix& matrix, const float* x, std::uint64_t m);

/// Checks a matrix that came from outside: its shape, the sizes of its vectors, bits past K, that
/// every scale and offset is finite and input_order a permutation. Throws spec::SpecError.
void validate(const BcqMatrix& matrix);

}  // namespace lutsim::models

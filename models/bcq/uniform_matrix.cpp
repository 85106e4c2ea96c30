// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/uniform_matrix.h"

#include <cmath>
#include <string>

#include "models/bcq/scale_step.h"
#include "models/numerics/float_format.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw spec::SpecError("uniform matrix: " + text);
}

std::string at(std::uint32_t row, std::uint32_t group) {
  return "row " + std::to_string(row) + ", group " + std::to_string(group) + ": ";
}

void check_sizes(const UniformMatrix& m) {
  check_shape(m.k, m.n, m.weight_bits, m.group_size);
  const std::size_t groups = std::size_t{m.groups()} * m.n;
  if (m.scale.size() != groups || m.zero.size() != groups || m.q.size() != std::size_t{m.n} * m.k) {
    refuse("expected " + std::to_string(groups) + " scales and zeros and " +
           std::to_string(std::size_t{m.n} * m.k) + " values, found " +
           std::to_string(m.scale.size()) + ", " + std::to_string(m.zero.size()) + " and " +
           std::to_string(m.q.size()));
  }
}

/// Scales and offset of one row and group.
void convert_scale(const UniformMatrix& m, std::uint32_t group, std::uint32_t row, BcqMatrix& bcq) {
  const std::size_t index = std::size_t{group} * m.n + row;
  const float scale = fp16_from_bits(m.scale[index]);
  const float half = scale / 2;
  const std::int32_t zero = m.zero[index];
  if (!has_exact_bcq_form(scale, m.weight_bits)) {
    refuse(at(row, group) + "scale " + std::to_string(scale) +
           " has no exact BCQ form: scale/2 and scale*2^(weight_bits-2) must be FP16 numbers "
           "(round_scales_for_bcq mends the first)");
  }
  if (zero < -kMaxZeroPoint || zero > kMaxZeroPoint) {
    refuse(at(row, group) + "zero point " + std::to_string(zero) + ": must be within +-" +
           std::to_string(kMaxZeroPoint));
  }
  float alpha = half;
  for (std::uint32_t plane = 0; plane < m.weight_bits; ++plane, alpha *= 2) {
    bcq.alpha[bcq.alpha_index(group, row, plane)] = fp16_bits(alpha);
  }
  // sum of the alphas - scale * zero, in units of half a scale: one exact product.
  const std::int32_t halves = (1 << m.weight_bits) - 1 - 2 * zero;
  bcq.offset[index] = half * static_cast<float>(halves);
}

}  // namespace

float UniformMatrix::weight(std::uint32_t row, std::uint32_t col) const {
  const std::size_t index = std::size_t{col / group_size} * n + row;
  const std::int32_t level = std::int32_t{q[std::size_t{row} * k + col]} - zero[index];
  return fp16_from_bits(scale[index]) * static_cast<float>(level);
}

void UniformMatrix::set_grid(std::uint32_t group, std::uint32_t row, const UniformGrid& grid) {
  scale[std::size_t{group} * n + row] = fp16_bits(grid.scale);
  zero[std::size_t{group} * n + row] = grid.zero;
}

UniformMatrix make_uniform(std::uint32_t k, std::uint32_t n, std::uint32_t weight_bits,
                           std::uint32_t group_size) {
  check_shape(k, n, weight_bits, group_size);
  UniformMatrix m{k, n, weight_bits, group_size, {}, {}, {}};
  m.scale.resize(std::size_t{m.groups()} * n);
  m.zero.resize(m.scale.size());
  m.q.resize(std::size_t{n} * k);
  return m;
}

BcqMatrix to_bcq(const UniformMatrix& m) {
  check_sizes(m);
  BcqMatrix bcq = make_bcq(m.k, m.n, m.weight_bits, m.group_size, true);
  bcq.input_order = m.input_order;
  for (std::uint32_t group = 0; group < m.groups(); ++group) {
    for (std::uint32_t row = 0; row < m.n; ++row) convert_scale(m, group, row, bcq);
  }
  for (std::uint32_t row = 0; row < m.n; ++row) {
    for (std::uint32_t col = 0; col < m.k; ++col) {
      const std::uint32_t level = m.q[std::size_t{row} * m.k + col];
      if (level >> m.weight_bits != 0) {
        refuse("row " + std::to_string(row) + ", column " + std::to_string(col) + ": value " +
               std::to_string(level) +
               " needs more than weight_bits = " + std::to_string(m.weight_bits) + " bits");
      }
      for (std::uint32_t plane = 0; plane < m.weight_bits; ++plane) {
        if (((level >> plane) & 1u) != 0) bcq.set_bit(plane, row, col, true);
      }
    }
  }
  return bcq;
}

std::size_t round_scales_for_bcq(UniformMatrix& matrix) {
  std::size_t changed = 0;
  for (std::uint16_t& bits : matrix.scale) {
    const std::uint16_t rounded = fp16_bits(scale_with_fp16_half(fp16_from_bits(bits)));
    if (rounded == bits) continue;
    bits = rounded;
    ++changed;
  }
  return changed;
}

}  // namespace lutsim::models

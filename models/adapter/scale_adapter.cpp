// SPDX-License-Identifier: Apache-2.0
#include "models/adapter/scale_adapter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/bcq/bcq_storage.h"
#include "models/numerics/float_format.h"
#include "models/support/sha256.h"

namespace lutsim::models {
namespace {

/// A power of two below the largest FP16 number, 65504.
constexpr float kSafeFp16 = 32768.0f;

template <class T>
void add(Sha256& sum, const std::vector<T>& values) {
  sum.add(values.data(), values.size() * sizeof(T));
}

/// One group of one row with the new alpha of plane 0. Ratios are taken in double: those of a
/// uniform matrix are powers of two and odd integers, and its products then exact; with the alpha
/// that it had, every number rounds to what it was.
void set_scale(std::uint16_t bits, std::uint32_t group, std::uint32_t row, const std::string& name,
               BcqMatrix& m) {
  const auto refuse = [&](const char* what) {
    throw spec::SpecError(name + ": the " + what + " of row " + std::to_string(row) + ", group " +
                          std::to_string(group) + " is not finite");
  };
  const double before = m.alpha_of(group, row, 0);
  const double after = fp16_from_bits(bits);
  if (!std::isfinite(after)) refuse("scale");
  if (before == 0) return;
  for (std::uint32_t plane = 0; plane < m.weight_bits; ++plane) {
    const double ratio = m.alpha_of(group, row, plane) / before;
    std::uint16_t& alpha = m.alpha[m.alpha_index(group, row, plane)];
    alpha = plane == 0 ? bits : fp16_bits(static_cast<float>(after * ratio));
    if (!std::isfinite(fp16_from_bits(alpha))) refuse("alpha");
  }
  if (!m.has_offset()) return;
  float& offset = m.offset[std::size_t{group} * m.n + row];
  offset = static_cast<float>(after * (offset / before));
  if (!std::isfinite(offset)) refuse("offset");
}

}  // namespace

std::string base_fingerprint(const QuantizedModel& model) {
  Sha256 sum;
  for (const QuantizedLayer& layer : model.layers) {
    for (const DecoderMatrix id : kDecoderMatrices) {
      const BcqMatrix& m = matrix_of(layer, id);
      const std::array<std::uint32_t, 5> shape{m.k, m.n, m.weight_bits, m.group_size,
                                               m.input_order.empty() ? 0u : 1u};
      sum.add(shape.data(), sizeof shape);
      add(sum, m.input_order);
      add(sum, m.plane_words);
    }
  }
  return hex(sum.digest());
}

ScaleTable scales_of(const BcqMatrix& matrix) {
  ScaleTable table{matrix.groups(), matrix.n, {}};
  table.alpha.reserve(std::size_t{table.groups} * table.n);
  for (std::size_t i = 0; i < matrix.alpha.size(); i += matrix.weight_bits) {
    table.alpha.push_back(matrix.alpha[i]);
  }
  return table;
}

float safe_scale(const BcqMatrix& matrix, std::uint32_t group, std::uint32_t row) {
  const float first = std::abs(matrix.alpha_of(group, row, 0));
  float largest = first;
  for (std::uint32_t plane = 1; plane < matrix.weight_bits; ++plane) {
    largest = std::max(largest, std::abs(matrix.alpha_of(group, row, plane)));
  }
  return largest == 0 ? 0 : std::max(first, kSafeFp16 * (first / largest));
}

void set_scales(const ScaleTable& table, const std::string& name, BcqMatrix& matrix) {
  if (table.groups != matrix.groups() || table.n != matrix.n ||
      table.alpha.size() != std::size_t{table.groups} * table.n) {
    throw spec::SpecError(name + ": expected scales of " + std::to_string(matrix.groups()) +
                          " groups and " + std::to_string(matrix.n) + " rows, found " +
                          std::to_string(table.groups) + " and " + std::to_string(table.n));
  }
  for (std::uint32_t group = 0; group < table.groups; ++group) {
    for (std::uint32_t row = 0; row < table.n; ++row) {
      set_scale(table.alpha[std::size_t{group} * table.n + row], group, row, name, matrix);
    }
  }
}

QuantizedModel apply(const ScaleAdapter& adapter, QuantizedModel base) {
  const std::string fingerprint = base_fingerprint(base);
  if (fingerprint != adapter.base || adapter.layers.size() != base.layers.size()) {
    throw spec::SpecError(
        "adapter '" + adapter.name + "' belongs to another base: expected planes " +
        adapter.base.substr(0, 16) + "..., found " + fingerprint.substr(0, 16) + "...");
  }
  for (std::uint32_t l = 0; l < base.layers.size(); ++l) {
    for (const DecoderMatrixInfo& m : decoder_matrices(base.shape)) {
      set_scales(matrix_of(adapter.layers[l], m.id), layer_prefix(l) + m.tensor,
                 matrix_of(base.layers[l], m.id));
    }
  }
  return base;
}

std::uint64_t scale_bytes(const ScaleAdapter& adapter) {
  std::uint64_t bytes = 0;
  for (const AdapterLayer& layer : adapter.layers) {
    for (const DecoderMatrix id : kDecoderMatrices) {
      bytes += matrix_of(layer, id).alpha.size() * kAlphaBytes;
    }
  }
  return bytes;
}

}  // namespace lutsim::models

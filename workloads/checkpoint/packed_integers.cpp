// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/packed_integers.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>

#include "models/spec/field.h"

namespace lutsim::workloads {
namespace {

using models::UniformMatrix;

constexpr std::uint32_t kWordBits = 32;
constexpr std::uint32_t kAwqBits = 4, kAwqColumns = kWordBits / kAwqBits;
/// Column of a word of eight that lies in its bits 4i..4i+3.
constexpr std::array<std::uint32_t, kAwqColumns> kAwqOrder{0, 2, 4, 6, 1, 3, 5, 7};

/// Value `index` of a bit stream over words that lie `stride` apart from `first` on.
std::uint32_t packed_value(const std::vector<std::int32_t>& words, std::size_t first,
                           std::size_t stride, std::uint32_t index, std::uint32_t bits) {
  const std::uint64_t at = std::uint64_t{index} * bits;
  const std::size_t word = at / kWordBits;
  const std::uint32_t shift = at % kWordBits;
  std::uint64_t window = static_cast<std::uint32_t>(words[first + word * stride]);
  if (shift + bits > kWordBits) {
    window |= std::uint64_t{static_cast<std::uint32_t>(words[first + (word + 1) * stride])} << 32;
  }
  return static_cast<std::uint32_t>(window >> shift) & ((1u << bits) - 1);
}

UniformMatrix empty_matrix(const PackedShape& s, std::vector<std::uint16_t> scales) {
  UniformMatrix m{s.k, s.n, s.weight_bits, s.group_size, std::move(scales), {}, {}};
  m.zero.resize(std::size_t{s.groups()} * s.n);
  m.q.resize(std::size_t{s.n} * s.k);
  return m;
}

/// Rows of W sorted by group, the order within a group kept; empty when they are sorted already.
std::vector<std::uint32_t> order_of_groups(const PackedShape& s,
                                           const std::vector<std::int32_t>& g_idx) {
  std::vector<std::uint64_t> rows(s.groups(), 0);
  for (std::uint32_t k = 0; k < s.k; ++k) {
    if (g_idx[k] < 0 || static_cast<std::uint32_t>(g_idx[k]) >= s.groups()) {
      throw spec::SpecError("g_idx[" + std::to_string(k) + "] = " + std::to_string(g_idx[k]) +
                            ": must be 0.." + std::to_string(s.groups() - 1));
    }
    ++rows[static_cast<std::uint32_t>(g_idx[k])];
  }
  for (std::uint32_t g = 0; g < s.groups(); ++g) {
    const std::uint64_t expected = std::min(s.group_size, s.k - g * s.group_size);
    if (rows[g] != expected) {
      throw spec::SpecError("g_idx names group " + std::to_string(g) + " for " +
                            std::to_string(rows[g]) + " rows, expected " +
                            std::to_string(expected));
    }
  }
  if (std::is_sorted(g_idx.begin(), g_idx.end())) return {};
  std::vector<std::uint32_t> order(s.k);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return g_idx[a] < g_idx[b]; });
  return order;
}

}  // namespace

void require_whole_words(std::uint32_t count, std::uint32_t bits, const char* what) {
  if (std::uint64_t{count} * bits % kWordBits != 0) {
    throw spec::SpecError(std::string(what) + " = " + std::to_string(count) + ": values of " +
                          std::to_string(bits) + " bits do not fill whole words");
  }
}

UniformMatrix unpack_gptq(const PackedShape& s, const GptqTensors& t, std::int32_t zero_bias) {
  UniformMatrix m = empty_matrix(s, t.scales);
  const std::uint32_t zero_words = s.n * s.weight_bits / kWordBits;
  for (std::uint32_t g = 0; g < s.groups(); ++g) {
    for (std::uint32_t n = 0; n < s.n; ++n) {
      const std::size_t first = std::size_t{g} * zero_words;
      m.zero[std::size_t{g} * s.n + n] =
          static_cast<std::int32_t>(packed_value(t.qzeros, first, 1, n, s.weight_bits)) + zero_bias;
    }
  }
  if (!t.g_idx.empty()) m.input_order = order_of_groups(s, t.g_idx);
  for (std::uint32_t n = 0; n < s.n; ++n) {
    for (std::uint32_t col = 0; col < s.k; ++col) {
      const std::uint32_t k = m.input_order.empty() ? col : m.input_order[col];
      m.q[std::size_t{n} * s.k + col] =
          static_cast<std::uint8_t>(packed_value(t.qweight, n, s.n, k, s.weight_bits));
    }
  }
  return m;
}

UniformMatrix unpack_awq(const PackedShape& s, const AwqTensors& t) {
  UniformMatrix m = empty_matrix(s, t.scales);
  const std::size_t words = s.n / kAwqColumns;
  for (std::size_t word = 0; word < words; ++word) {
    for (std::uint32_t i = 0; i < kAwqColumns; ++i) {
      const std::size_t n = word * kAwqColumns + kAwqOrder[i];
      const auto value = [&](std::int32_t packed) {
        return (static_cast<std::uint32_t>(packed) >> (kAwqBits * i)) & ((1u << kAwqBits) - 1);
      };
      for (std::uint32_t k = 0; k < s.k; ++k) {
        m.q[n * s.k + k] = static_cast<std::uint8_t>(value(t.qweight[k * words + word]));
      }
      for (std::uint32_t g = 0; g < s.groups(); ++g) {
        m.zero[std::size_t{g} * s.n + n] =
            static_cast<std::int32_t>(value(t.qzeros[g * words + word]));
      }
    }
  }
  return m;
}

}  // namespace lutsim::workloads

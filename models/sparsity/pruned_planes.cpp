// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/pruned_planes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "models/bcq/uniform_view.h"
#include "models/sparsity/xor_encoder.h"

namespace lutsim::models {
namespace {

/// One stream: `count` rows of a plane from row `begin` on.
struct Part {
  std::uint32_t plane, begin, count;
};

Part part_of(const BcqMatrix& matrix, std::uint32_t rows, std::size_t stream) {
  const std::uint32_t blocks = spec::ceil_div(matrix.n, rows);
  const auto block = static_cast<std::uint32_t>(stream % blocks);
  return {static_cast<std::uint32_t>(stream / blocks), block * rows,
          std::min(rows, matrix.n - block * rows)};
}

bool mask_bit(const std::vector<std::uint64_t>& mask, const BcqMatrix& matrix, std::uint32_t row,
              std::uint32_t col) {
  return (mask[std::size_t{row} * matrix.words_per_row() + col / 64] >> (col % 64)) & 1u;
}

[[noreturn]] void refuse(const std::string& what) {
  throw spec::SpecError("coded planes: " + what);
}

}  // namespace

double PlaneCounts::efficiency(std::uint32_t weight_bits) const {
  const auto bits = static_cast<double>(kept) * weight_bits;
  return bits == 0 ? 1.0 : 1.0 - static_cast<double>(flips) / bits;
}

void PlaneCounts::add(const PlaneCounts& other) {
  bits += other.bits;
  kept += other.kept;
  blocks += other.blocks;
  flips += other.flips;
  tokens += other.tokens;
  code_bits += other.code_bits;
}

PlaneCounts count_planes(const PrunedPlanes& planes) {
  PlaneCounts counts;
  for (std::uint64_t word : planes.mask) {
    for (; word != 0; word &= word - 1) ++counts.kept;
  }
  const auto skip = static_cast<std::uint16_t>(planes.code.skip_token());
  for (const XorStream& stream : planes.streams) {
    counts.bits += stream.bits;
    counts.blocks += stream.blocks.size();
    counts.tokens += stream.patches.size();
    counts.flips += static_cast<std::uint64_t>(
        std::count_if(stream.patches.begin(), stream.patches.end(),
                      [&](std::uint16_t token) { return token != skip; }));
    counts.code_bits += stored_bits(planes.code, stream);
  }
  return counts;
}

void one_by_one(std::size_t count, const std::function<void(std::size_t)>& task) {
  for (std::size_t i = 0; i < count; ++i) task(i);
}

PrunedPlanes encode_planes(const spec::XorCodeSpec& code, const BcqMatrix& matrix,
                           const ForEach& for_each) {
  require_uniform(matrix, "pruned matrix");
  PrunedPlanes planes;
  planes.code = code;
  planes.rows = std::min(rows_per_stream(matrix.k), matrix.n);
  planes.mask.assign(std::size_t{matrix.n} * matrix.words_per_row(), 0);
  for (std::uint32_t row = 0; row < matrix.n; ++row) {
    for (std::uint32_t col = 0; col < matrix.k; ++col) {
      const UniformScale scale = uniform_scale(matrix, col / matrix.group_size, row);
      if (uniform_code(matrix, row, col) == static_cast<std::uint32_t>(scale.zero)) continue;
      planes.mask[std::size_t{row} * matrix.words_per_row() + col / 64] |= std::uint64_t{1}
                                                                           << (col % 64);
    }
  }
  planes.streams.resize(stream_count(matrix, planes.rows));
  for_each(planes.streams.size(), [&](std::size_t s) {
    const Part part = part_of(matrix, planes.rows, s);
    BitVector bits, mask;
    bits.reserve(std::size_t{part.count} * matrix.k);
    mask.reserve(bits.capacity());
    for (std::uint32_t row = part.begin; row < part.begin + part.count; ++row) {
      for (std::uint32_t col = 0; col < matrix.k; ++col) {
        bits.push_back(matrix.bit(part.plane, row, col) ? 1 : 0);
        mask.push_back(mask_bit(planes.mask, matrix, row, col) ? 1 : 0);
      }
    }
    planes.streams[s] = xor_encode(code, bits, mask).stream;
  });
  return planes;
}

void decode_planes(const PrunedPlanes& planes, BcqMatrix& matrix, const ForEach& for_each) {
  const std::size_t row_words = matrix.words_per_row();
  if (planes.rows < 1 || planes.rows > matrix.n) {
    refuse("streams of " + std::to_string(planes.rows) + " rows, expected 1.." +
           std::to_string(matrix.n));
  }
  if (planes.mask.size() != matrix.n * row_words ||
      planes.streams.size() != stream_count(matrix, planes.rows)) {
    refuse("a mask or streams of another matrix");
  }
  require_uniform(matrix, "pruned matrix");
  matrix.plane_words.assign(std::size_t{matrix.weight_bits} * matrix.n * row_words, 0);
  for_each(planes.streams.size(), [&](std::size_t s) {
    const Part part = part_of(matrix, planes.rows, s);
    const BitVector bits = decode(planes.code, planes.streams[s]);
    if (bits.size() != std::size_t{part.count} * matrix.k) {
      refuse("stream " + std::to_string(s) + " has " + std::to_string(bits.size()) + " bits");
    }
    std::size_t at = 0;
    for (std::uint32_t row = part.begin; row < part.begin + part.count; ++row) {
      for (std::uint32_t col = 0; col < matrix.k; ++col, ++at) {
        bool bit = bits[at] != 0;
        if (!mask_bit(planes.mask, matrix, row, col)) {
          const std::int32_t zero = uniform_scale(matrix, col / matrix.group_size, row).zero;
          bit = (zero >> part.plane & 1) != 0;
        }
        if (bit) matrix.set_bit(part.plane, row, col, true);
      }
    }
  });
}

spec::XorCodeSpec code_of_sparsity(double sparsity, std::uint32_t n_stages) {
  // What the code reaches on random bits (docs/units/decoder.md, "Measured").
  constexpr std::array<double, 3> kEfficiency{0.94, 0.99, 0.995};
  if (!(sparsity >= 0 && sparsity < 1)) {
    throw spec::SpecError("sparsity = " + std::to_string(sparsity) + ": must be in [0, 1)");
  }
  if (n_stages >= kEfficiency.size()) {
    throw spec::SpecError("n_stages = " + std::to_string(n_stages) + ": must be 0, 1 or 2");
  }
  spec::XorCodeSpec code;
  code.n_in = 8;
  // A hair above, so that 8 / (1 - 0.9) is 80.
  code.n_out = static_cast<std::uint32_t>(
      std::clamp(std::floor(code.n_in / (1 - sparsity) + 1e-6), 8.0, 256.0));
  code.n_stages = n_stages;
  const double distance = 1 / ((1 - sparsity) * (1 - kEfficiency[n_stages]));
  const double least = std::floor(std::log2(code.n_out)) + 1;  // 2^patch_bits > n_out
  code.patch_bits =
      static_cast<std::uint32_t>(std::clamp(std::ceil(std::log2(distance)) + 1, least, 16.0));
  return code;
}

}  // namespace lutsim::models

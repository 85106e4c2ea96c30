// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/random_tiles.h"

#include <algorithm>

#include "models/bcq/uniform_matrix.h"
#include "models/numerics/float_format.h"

namespace lutsim::tools {
namespace {

models::BcqMatrix random_weights(Random& random, const TileShape& shape, bool special_values) {
  models::BcqMatrix w =
      models::make_bcq(shape.k, shape.n, shape.planes, shape.group_size, shape.has_offset);
  const std::uint32_t words = w.words_per_row();
  for (std::size_t i = 0; i < w.plane_words.size(); ++i) {
    const std::uint32_t used = (i + 1) % words == 0 ? shape.k - (words - 1) * 64 : 64;
    w.plane_words[i] = random() >> (64 - used);
  }
  const auto scale = [&](const spec::FloatEncoding& encoding) {
    return special_values && one_in(random, 50) ? random_float_bits(random, encoding)
                                                : random_moderate_bits(random, encoding);
  };
  // Without planes only the offsets are left, down to the least subnormal.
  const bool zero_alphas = special_values && one_in(random, 8);
  for (std::uint16_t& alpha : w.alpha) {
    alpha = static_cast<std::uint16_t>(
        zero_alphas ? 0u : scale(spec::float_encoding(spec::NumberFormat::fp16)));
  }
  for (float& offset : w.offset) {
    offset = models::fp32_from_bits(scale(spec::float_encoding(spec::NumberFormat::fp32)));
  }
  return w;
}

/// In BCQ form. A scale of 0 stands for a row of zeros.
models::BcqMatrix random_uniform_weights(Random& random, const TileShape& shape) {
  models::UniformMatrix w;
  w.k = shape.k;
  w.n = shape.n;
  w.weight_bits = shape.planes;
  w.group_size = shape.group_size;
  const std::int64_t most = (1 << shape.planes) - 1;
  for (std::size_t i = 0; i < std::size_t{w.groups()} * w.n; ++i) {
    const std::uint32_t scale =
        random_moderate_bits(random, spec::float_encoding(spec::NumberFormat::fp16));
    w.scale.push_back(one_in(random, 20) ? std::uint16_t{0} : static_cast<std::uint16_t>(scale));
    w.zero.push_back(static_cast<std::int32_t>(one_in(random, 4) ? most * random_int(random, 0, 1)
                                                                 : random_int(random, 0, most)));
  }
  for (std::size_t i = 0; i < std::size_t{w.n} * w.k; ++i) {
    w.q.push_back(static_cast<std::uint8_t>(random_int(random, 0, most)));
  }
  models::round_scales_for_bcq(w);
  return models::to_bcq(w);
}

/// What the engine can execute of it: integer weights have at most `planes` bits, and offsets.
TileShape legal_shape(const spec::MatrixSpec& spec, TileShape shape) {
  if (spec::is_bit_serial(spec.engine)) return shape;
  shape.planes = std::min(shape.planes, spec.planes);
  shape.has_offset = true;
  return shape;
}

std::vector<float> random_activations(Random& random, std::size_t count, bool special_values) {
  const spec::FloatEncoding fp32 = spec::float_encoding(spec::NumberFormat::fp32);
  const spec::FloatEncoding fp16 = spec::float_encoding(spec::NumberFormat::fp16);
  // One infinity or NaN spoils its segment: most tiles have none. FP32 values, so that the rounding
  // to act_format is part of the check; small ones are subnormal in FP16.
  const bool spoiled = special_values && one_in(random, 4);
  std::vector<float> x(count);
  for (float& value : x) {
    value = models::fp32_from_bits(random_moderate_bits(random, fp32));
    if (!special_values) continue;
    if (one_in(random, 8)) value *= models::scale_by_power_of_two(1.0f, -18);
    if (one_in(random, 8)) value = one_in(random, 2) ? 0.0f : -0.0f;
    if (spoiled && one_in(random, 40)) {
      value = models::fp16_from_bits(static_cast<std::uint16_t>(random_float_bits(random, fp16)));
    }
  }
  return x;
}

TileShape random_shape(const spec::MatrixSpec& spec, Random& random, const TileLimits& limits) {
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return static_cast<std::uint32_t>(random_int(random, low, high));
  };
  TileShape shape;
  shape.lut_broadcast = spec::is_lut(spec.engine) && one_in(random, 2);
  const std::uint32_t beats = draw(1, std::min(limits.max_beats, spec.psum_depth));
  shape.rows = shape.lut_broadcast ? 1 : beats;
  const std::int64_t blocks = shape.lut_broadcast ? beats : 1;
  const std::int64_t lanes_n = spec.lanes_n();
  shape.n_count = draw((blocks - 1) * lanes_n + 1, blocks * lanes_n);
  shape.n_begin = draw(0, 5);
  shape.m_begin = draw(0, 2);
  shape.k = draw(1, std::int64_t{limits.max_segments} * spec.lanes_k());
  shape.n = shape.n_begin + shape.n_count + draw(0, 2);
  shape.planes = draw(1, 8);
  // Short groups are many segments: they stay the exception.
  const std::uint32_t group = draw(1, shape.k);
  shape.group_size = one_in(random, 3) ? std::max(group, (shape.k + 3) / 4) : shape.k;
  shape.has_offset = one_in(random, 2);

  auto left = static_cast<std::uint32_t>(
      models::k_segments(shape.k, shape.group_size, spec.lanes_k()).size());
  while (left > 0) {
    shape.tile_segments.push_back(one_in(random, 2) ? left : draw(1, left));
    left -= shape.tile_segments.back();
  }
  return shape;
}

}  // namespace

RandomTiles::RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileLimits& limits)
    : RandomTiles(spec, random, random_shape(spec, random, limits), limits.special_values) {}

RandomTiles::RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileShape& wanted,
                         bool special_values, bool non_finite)
    : RandomTiles(spec, random, special_values, non_finite, legal_shape(spec, wanted)) {}

RandomTiles::RandomTiles(const spec::MatrixSpec& spec, Random& random, bool special_values,
                         bool non_finite, const TileShape& shape)
    : weights_(spec::is_bit_serial(spec.engine) ? random_weights(random, shape, special_values)
                                                : random_uniform_weights(random, shape)),
      activations_(random_activations(random, std::size_t{shape.m_begin + shape.rows} * shape.k,
                                      special_values)) {
  for (std::uint32_t row = 0; non_finite && row < shape.rows; ++row) {
    const std::size_t at = random() % shape.k;
    activations_[std::size_t{shape.m_begin + row} * shape.k + at] =
        models::fp16_from_bits(row % 2 == 0 ? 0xfc00u : 0x7e01u);
  }

  sim::MatrixWork work;
  work.lut_broadcast = shape.lut_broadcast;
  work.m_begin = shape.m_begin;
  work.m_count = shape.rows;
  work.n_begin = shape.n_begin;
  work.n_count = shape.n_count;
  work.k = shape.k;
  work.group_size = shape.group_size;
  work.planes = shape.planes;
  work.has_offset = shape.has_offset;
  const auto segments = static_cast<std::uint32_t>(
      models::k_segments(shape.k, shape.group_size, spec.lanes_k()).size());
  std::size_t tile = 0;
  for (std::uint32_t begin = 0; begin < segments; begin += work.segment_count, ++tile) {
    work.segment_begin = begin;
    work.segment_count = tile < shape.tile_segments.size()
                             ? std::min(shape.tile_segments[tile], segments - begin)
                             : segments - begin;
    work.first = begin == 0;
    work.last = begin + work.segment_count == segments;
    works_.push_back(work);
  }
}

std::vector<sim::MatrixTile> RandomTiles::tiles() const {
  std::vector<sim::MatrixTile> tiles;
  for (const sim::MatrixWork& work : works_) {
    tiles.push_back({work, &weights_, activations_.data()});
  }
  return tiles;
}

}  // namespace lutsim::tools

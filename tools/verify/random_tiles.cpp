// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/random_tiles.h"

#include <algorithm>

#include "models/numerics/float_format.h"

namespace lutsim::tools {
namespace {

models::BcqMatrix random_weights(Random& random, std::uint32_t k, std::uint32_t n,
                                 bool special_values) {
  const auto planes = static_cast<std::uint32_t>(random_int(random, 1, 8));
  const auto group = static_cast<std::uint32_t>(random_int(random, 1, k));
  // Short groups are many segments: they stay the exception.
  const std::uint32_t group_size = one_in(random, 3) ? std::max(group, (k + 3) / 4) : k;
  models::BcqMatrix w = models::make_bcq(k, n, planes, group_size, one_in(random, 2));
  const std::uint32_t words = w.words_per_row();
  for (std::size_t i = 0; i < w.plane_words.size(); ++i) {
    const std::uint32_t used = (i + 1) % words == 0 ? k - (words - 1) * 64 : 64;
    w.plane_words[i] = random() >> (64 - used);
  }
  const auto scale = [&](const spec::FloatEncoding& encoding) {
    return special_values && one_in(random, 50) ? random_float_bits(random, encoding)
                                                : random_moderate_bits(random, encoding);
  };
  for (std::uint16_t& alpha : w.alpha) {
    alpha = static_cast<std::uint16_t>(scale(spec::float_encoding(spec::NumberFormat::fp16)));
  }
  for (float& offset : w.offset) {
    offset = models::fp32_from_bits(scale(spec::float_encoding(spec::NumberFormat::fp32)));
  }
  return w;
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

}  // namespace

RandomTiles::RandomTiles(const spec::MatrixSpec& spec, Random& random, const TileLimits& limits) {
  sim::MatrixWork work;
  work.lut_broadcast = one_in(random, 2);
  const std::uint32_t beats = static_cast<std::uint32_t>(
      random_int(random, 1, std::min(limits.max_beats, spec.psum_depth)));
  const std::uint32_t rows = work.lut_broadcast ? 1 : beats;
  const std::int64_t blocks = work.lut_broadcast ? beats : 1;
  const std::int64_t lanes_n = spec.lanes_n();
  work.n_count =
      static_cast<std::uint32_t>(random_int(random, (blocks - 1) * lanes_n + 1, blocks * lanes_n));
  work.n_begin = static_cast<std::uint32_t>(random_int(random, 0, 5));
  work.m_begin = static_cast<std::uint64_t>(random_int(random, 0, 2));
  work.m_count = rows;
  const auto k = static_cast<std::uint32_t>(
      random_int(random, 1, std::int64_t{limits.max_segments} * spec.lanes_k()));
  const std::uint32_t n = work.n_begin + work.n_count + static_cast<std::uint32_t>(random() % 3);

  weights_ = random_weights(random, k, n, limits.special_values);
  activations_ = random_activations(random, (work.m_begin + rows) * k, limits.special_values);
  work.k = k;
  work.group_size = weights_.group_size;
  work.planes = weights_.weight_bits;
  work.has_offset = weights_.has_offset();

  const auto segments =
      static_cast<std::uint32_t>(models::k_segments(k, work.group_size, spec.lanes_k()).size());
  for (std::uint32_t begin = 0; begin < segments; begin += work.segment_count) {
    work.segment_begin = begin;
    work.segment_count = static_cast<std::uint32_t>(
        one_in(random, 2) ? segments - begin : random_int(random, 1, segments - begin));
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

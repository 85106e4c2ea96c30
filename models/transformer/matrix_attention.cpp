// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/matrix_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/engine/engine.h"
#include "models/numerics/float_format.h"
#include "models/transformer/lane_sum.h"

namespace lutsim::models {
namespace {

bool is_lost(const KvGroup& group) { return group.scale == kCanonicalNanFp16; }

/// C, in halves.
std::int32_t middle_in_halves(const spec::MatrixSpec& spec, std::uint32_t bits) {
  return spec::is_bit_serial(spec.engine) ? (1 << bits) - 1 : 1 << bits;
}

/// Scales of one row and group of a matrix scale * (code - C).
void set_scales(std::uint32_t row, float scale, BcqMatrix& w) {
  float alpha = 0.5f * scale;
  // The planes stand for code - (2^q - 1) / 2; the zero point 2^(q-1) is half a scale further.
  if (w.has_offset()) w.offset[row] = -alpha;
  for (std::uint32_t plane = 0; plane < w.weight_bits; ++plane, alpha *= 2) {
    w.alpha[w.alpha_index(0, row, plane)] = fp16_bits(alpha);
  }
}

}  // namespace

void require_matrix_attention(const spec::MatrixSpec& spec, spec::NumberFormat kv_format) {
  const std::string name = spec::to_string_of(kv_format);
  if (kv_format != spec::NumberFormat::int8 && kv_format != spec::NumberFormat::int4) {
    throw spec::SpecError("attention = matrix: the KV cache is " + name +
                          ", the matrix unit multiplies by quantised keys and values (kv_bits = 8 "
                          "or 4); or set attention = lanes");
  }
  if (!spec::is_bit_serial(spec.engine) && spec::width_bits(kv_format) > spec.planes) {
    throw spec::SpecError("attention = matrix: the KV cache is " + name + ", engine " +
                          to_string_of(spec.engine) +
                          " was built for at most matrix.planes = " + std::to_string(spec.planes));
  }
}

void append_kv_groups(const float* x, std::uint32_t m, std::uint32_t kv_heads,
                      std::uint32_t head_dim, std::uint32_t bits, KvGroups& cache) {
  for (std::size_t i = 0; i < std::size_t{m} * kv_heads; ++i) {
    cache.push_back(quantize_kv_group(x + i * head_dim, head_dim, bits));
  }
}

float kv_matrix_scale(const KvGroup& group) {
  return is_lost(group) ? 0.0f : 2 * round_to_fp16(0.5f * fp16_from_bits(group.scale));
}

float kv_constant(const spec::MatrixSpec& spec, const KvGroup& group, std::uint32_t bits) {
  if (is_lost(group)) return fp32_from_bits(kCanonicalNanFp32);
  const float middle = 0.5f * static_cast<float>(middle_in_halves(spec, bits));
  return kv_matrix_scale(group) * middle + fp16_from_bits(group.zero);
}

BcqMatrix key_matrix(const spec::MatrixSpec& spec, const KvRange& keys) {
  const auto head_dim = static_cast<std::uint32_t>(keys.at(0).codes.size());
  BcqMatrix w =
      make_bcq(head_dim, keys.count(), keys.bits, head_dim, !spec::is_bit_serial(spec.engine));
  for (std::uint32_t t = 0; t < keys.count(); ++t) {
    const KvGroup& group = keys.at(t);
    set_scales(t, kv_matrix_scale(group), w);
    for (std::uint32_t plane = 0; plane < keys.bits; ++plane) {
      for (std::uint32_t d = 0; d < head_dim; ++d) {
        w.set_bit(plane, t, d, ((group.codes[d] >> plane) & 1u) != 0);
      }
    }
  }
  return w;
}

BcqMatrix value_matrix(const spec::MatrixSpec& spec, const KvRange& values) {
  const auto head_dim = static_cast<std::uint32_t>(values.at(0).codes.size());
  BcqMatrix w = make_bcq(values.count(), head_dim, values.bits, values.count(),
                         !spec::is_bit_serial(spec.engine));
  const float scale = std::ldexp(1.0f, 2 - static_cast<int>(values.bits));
  for (std::uint32_t d = 0; d < head_dim; ++d) set_scales(d, scale, w);
  for (std::uint32_t t = 0; t < values.count(); ++t) {
    const KvGroup& group = values.at(t);
    for (std::uint32_t plane = 0; plane < values.bits; ++plane) {
      for (std::uint32_t d = 0; d < head_dim; ++d) {
        w.set_bit(plane, d, t, ((group.codes[d] >> plane) & 1u) != 0);
      }
    }
  }
  return w;
}

namespace ops {

void finish_scores(const spec::MatrixSpec& spec, const KvRange& keys, const float* q,
                   std::uint32_t head_dim, std::uint32_t visible, float* y) {
  const float factor = 1.0f / std::sqrt(static_cast<float>(head_dim));
  const float sum = lane_sum(head_dim, [q](std::uint64_t d) { return q[d]; });
  for (std::uint32_t t = 0; t < keys.count(); ++t) {
    const float constant = kv_constant(spec, keys.at(t), keys.bits);
    y[t] = t < visible ? canonical((y[t] + sum * constant) * factor)
                       : -std::numeric_limits<float>::infinity();
  }
}

void scale_probabilities(const spec::MatrixSpec& spec, const KvRange& values, const float* p,
                         std::uint32_t visible, float* y) {
  const float power = std::ldexp(1.0f, static_cast<int>(values.bits) - 2);
  for (std::uint32_t t = 0; t < values.count(); ++t) {
    y[t] = t < visible ? p[t] * (kv_matrix_scale(values.at(t)) * power) : 0.0f;
  }
  convert(spec.act_format, y, values.count(), y);
}

void finish_values(const spec::MatrixSpec& spec, const KvRange& values, const float* p,
                   std::uint32_t visible, std::uint32_t head_dim, float* y) {
  const float sum = lane_sum(visible, [&](std::uint64_t t) {
    return p[t] * kv_constant(spec, values.at(static_cast<std::uint32_t>(t)), values.bits);
  });
  for (std::uint32_t d = 0; d < head_dim; ++d) y[d] = y[d] + sum;
  convert(spec.act_format, y, head_dim, y);
}

void matrix_attention_score(const spec::MatrixSpec& spec, const AttentionShape& shape,
                            std::uint32_t bits, const float* q, std::uint32_t m,
                            std::uint32_t position, const KvGroups& keys, float* y) {
  const std::uint32_t context = position + m;
  const std::size_t d = shape.head_dim;
  std::vector<float> queries(std::size_t{m} * d);
  for (std::uint32_t kv_head = 0; kv_head < shape.kv_heads; ++kv_head) {
    const KvRange range{keys, bits, shape.kv_heads, kv_head, 0, context};
    const BcqMatrix w = key_matrix(spec, range);
    for (std::uint32_t h = kv_head * shape.group(); h < (kv_head + 1) * shape.group(); ++h) {
      for (std::uint32_t r = 0; r < m; ++r) {
        std::copy_n(q + std::size_t{r} * shape.q_dim() + h * d, d, queries.data() + r * d);
      }
      float* out = y + std::size_t{h} * m * context;
      engine_gemm(spec, queries.data(), m, w, out);
      for (std::uint32_t r = 0; r < m; ++r) {
        finish_scores(spec, range, queries.data() + r * d, shape.head_dim, position + r + 1,
                      out + std::size_t{r} * context);
      }
    }
  }
}

void matrix_attention_value(const spec::MatrixSpec& spec, const AttentionShape& shape,
                            std::uint32_t bits, const float* p, std::uint32_t m,
                            std::uint32_t position, const KvGroups& values, float* y) {
  const std::uint32_t context = position + m;
  const std::size_t d = shape.head_dim;
  std::vector<float> scaled(std::size_t{m} * context), sums(std::size_t{m} * d);
  for (std::uint32_t kv_head = 0; kv_head < shape.kv_heads; ++kv_head) {
    const KvRange range{values, bits, shape.kv_heads, kv_head, 0, context};
    const BcqMatrix w = value_matrix(spec, range);
    for (std::uint32_t h = kv_head * shape.group(); h < (kv_head + 1) * shape.group(); ++h) {
      const float* rows = p + std::size_t{h} * m * context;
      for (std::uint32_t r = 0; r < m; ++r) {
        scale_probabilities(spec, range, rows + std::size_t{r} * context, position + r + 1,
                            scaled.data() + std::size_t{r} * context);
      }
      engine_gemm(spec, scaled.data(), m, w, sums.data());
      for (std::uint32_t r = 0; r < m; ++r) {
        finish_values(spec, range, rows + std::size_t{r} * context, position + r + 1,
                      shape.head_dim, sums.data() + r * d);
        std::copy_n(sums.data() + r * d, d, y + std::size_t{r} * shape.q_dim() + h * d);
      }
    }
  }
}

}  // namespace ops

}  // namespace lutsim::models

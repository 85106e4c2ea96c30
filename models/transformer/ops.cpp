// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/ops.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "models/numerics/float_format.h"
#include "models/transformer/lane_sum.h"
#include "models/vector/function_unit.h"
#include "models/vector/kv_quantizer.h"

namespace lutsim::models::ops {
namespace {

/// Outputs that are summed side by side: independent sums hide the latency of an addition and fill
/// vector registers, while each keeps its own order.
constexpr std::size_t kBlock = 16;

}  // namespace

void embedding(const Fp16Matrix& table, const std::uint32_t* tokens, std::uint32_t m, float* y) {
  for (std::uint32_t r = 0; r < m; ++r) {
    assert(tokens[r] < table.n);
    for (std::uint32_t i = 0; i < table.k; ++i) {
      y[std::size_t{r} * table.k + i] = table.at(tokens[r], i);
    }
  }
}

void rms_norm(NumberFormat act, const float* x, std::uint32_t m, std::uint32_t k,
              const float* weight, float epsilon, float* y) {
  const float reciprocal_k = 1.0f / static_cast<float>(k);
  for (std::uint32_t r = 0; r < m; ++r) {
    const float* row = x + std::size_t{r} * k;
    float* out = y + std::size_t{r} * k;
    const float sum = lane_sum(k, [row](std::uint64_t i) { return row[i] * row[i]; });
    const float factor = reciprocal_sqrt(sum * reciprocal_k + epsilon);
    for (std::uint32_t i = 0; i < k; ++i) out[i] = (row[i] * factor) * weight[i];
    convert(act, out, k, out);
  }
}

void layer_norm(NumberFormat act, const float* x, std::uint32_t m, std::uint32_t k,
                const float* weight, const float* bias, float epsilon, float* y) {
  const float reciprocal_k = 1.0f / static_cast<float>(k);
  for (std::uint32_t r = 0; r < m; ++r) {
    const float* row = x + std::size_t{r} * k;
    float* out = y + std::size_t{r} * k;
    const float mean = lane_sum(k, [row](std::uint64_t i) { return row[i]; }) * reciprocal_k;
    for (std::uint32_t i = 0; i < k; ++i) out[i] = row[i] - mean;
    const float sum = lane_sum(k, [out](std::uint64_t i) { return out[i] * out[i]; });
    const float factor = reciprocal_sqrt(sum * reciprocal_k + epsilon);
    for (std::uint32_t i = 0; i < k; ++i) out[i] = (out[i] * factor) * weight[i] + bias[i];
    convert(act, out, k, out);
  }
}

RopeTable::RopeTable(std::uint32_t head_dim, double base, std::uint32_t positions)
    : head_dim_(head_dim), positions_(positions) {
  const std::uint32_t pairs = head_dim / 2;
  cosine_.reserve(std::size_t{positions} * pairs);
  sine_.reserve(std::size_t{positions} * pairs);
  std::vector<double> frequency;
  for (std::uint32_t i = 0; i < pairs; ++i) {
    frequency.push_back(std::pow(base, -2.0 * i / head_dim));
  }
  for (std::uint32_t position = 0; position < positions; ++position) {
    for (std::uint32_t i = 0; i < pairs; ++i) {
      const double angle = position * frequency[i];
      cosine_.push_back(static_cast<float>(std::cos(angle)));
      sine_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

const float* RopeTable::cosine(std::uint32_t position) const {
  assert(position < positions_);
  return cosine_.data() + std::size_t{position} * (head_dim_ / 2);
}

const float* RopeTable::sine(std::uint32_t position) const {
  assert(position < positions_);
  return sine_.data() + std::size_t{position} * (head_dim_ / 2);
}

void rope(NumberFormat format, const RopeTable& table, const float* x, std::uint32_t m,
          std::uint32_t heads, std::uint32_t position, float* y) {
  const std::size_t head_dim = table.head_dim();
  for (std::uint32_t r = 0; r < m; ++r) {
    const float* cosine = table.cosine(position + r);
    const float* sine = table.sine(position + r);
    for (std::uint32_t h = 0; h < heads; ++h) {
      const std::size_t base = (std::size_t{r} * heads + h) * head_dim;
      for (std::size_t i = 0; i < head_dim / 2; ++i) {
        const float a = x[base + 2 * i];
        const float b = x[base + 2 * i + 1];
        y[base + 2 * i] = round_to(format, a * cosine[i] - b * sine[i]);
        y[base + 2 * i + 1] = round_to(format, a * sine[i] + b * cosine[i]);
      }
    }
  }
}

NumberFormat rotated_key_format(NumberFormat kv_format) {
  return spec::is_float(kv_format) ? kv_format : NumberFormat::fp16;
}

void kv_append(NumberFormat kv_format, const float* x, std::uint32_t m, std::uint32_t kv_heads,
               std::uint32_t head_dim, float* rows) {
  const std::size_t heads = std::size_t{m} * kv_heads;
  if (spec::is_float(kv_format)) {
    convert(kv_format, x, heads * head_dim, rows);
    return;
  }
  const std::uint32_t bits = spec::width_bits(kv_format);
  for (std::size_t head = 0; head < heads; ++head) {
    const std::size_t begin = head * head_dim;
    dequantize_kv_group(quantize_kv_group(x + begin, head_dim, bits), rows + begin);
  }
}

void attention_score(const AttentionShape& shape, const float* q, std::uint32_t m,
                     std::uint32_t position, const float* k, std::uint32_t t_begin,
                     std::uint32_t t_end, float* y) {
  const std::size_t head_dim = shape.head_dim;
  const std::size_t width = t_end - t_begin;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  std::vector<float> keys(head_dim * kBlock);  // [head_dim][kBlock], transposed
  for (std::uint32_t kv_head = 0; kv_head < shape.kv_heads; ++kv_head) {
    for (std::size_t t0 = 0; t0 < width; t0 += kBlock) {
      const std::size_t length = std::min(kBlock, width - t0);
      for (std::size_t j = 0; j < length; ++j) {
        const float* row = k + (t0 + j) * shape.kv_dim() + kv_head * head_dim;
        for (std::size_t d = 0; d < head_dim; ++d) keys[d * kBlock + j] = row[d];
      }
      for (std::uint32_t g = 0; g < shape.group(); ++g) {
        const std::uint32_t head = kv_head * shape.group() + g;
        for (std::uint32_t r = 0; r < m; ++r) {
          const float* query = q + std::size_t{r} * shape.q_dim() + head * head_dim;
          float sum[kBlock] = {};
          for (std::size_t d = 0; d < head_dim; ++d) {
            for (std::size_t j = 0; j < kBlock; ++j) sum[j] += query[d] * keys[d * kBlock + j];
          }
          float* out = y + (std::size_t{head} * m + r) * width + t0;
          for (std::size_t j = 0; j < length; ++j) {
            const bool visible = t_begin + t0 + j <= position + r;
            out[j] = visible ? canonical(sum[j] * scale) : -std::numeric_limits<float>::infinity();
          }
        }
      }
    }
  }
}

void softmax(const float* x, std::uint32_t heads, std::uint32_t m, std::uint32_t context,
             std::uint32_t position, float* y) {
  for (std::uint32_t h = 0; h < heads; ++h) {
    for (std::uint32_t r = 0; r < m; ++r) {
      const float* in = x + (std::size_t{h} * m + r) * context;
      float* out = y + (std::size_t{h} * m + r) * context;
      const std::uint32_t visible = std::min(context, position + r + 1);
      float largest = -std::numeric_limits<float>::infinity();
      for (std::uint32_t t = 0; t < visible; ++t) largest = in[t] > largest ? in[t] : largest;
      for (std::uint32_t t = 0; t < visible; ++t) out[t] = exponential(in[t] - largest);
      const float sum = lane_sum(visible, [out](std::uint64_t t) { return out[t]; });
      const float factor = reciprocal(sum);
      for (std::uint32_t t = 0; t < visible; ++t) out[t] = canonical(out[t] * factor);
      std::fill(out + visible, out + context, 0.0f);
    }
  }
}

void attention_value(const AttentionShape& shape, const float* p, std::uint32_t m,
                     std::uint32_t position, const float* v, std::uint32_t t_begin,
                     std::uint32_t t_end, float* acc) {
  const std::size_t head_dim = shape.head_dim;
  const std::size_t width = t_end - t_begin;
  for (std::uint32_t h = 0; h < shape.heads; ++h) {
    const std::size_t column = h / shape.group() * head_dim;
    for (std::uint32_t r = 0; r < m; ++r) {
      const float* weights = p + (std::size_t{h} * m + r) * width;
      float* out = acc + std::size_t{r} * shape.q_dim() + h * head_dim;
      const std::uint32_t end = std::min(t_end, position + r + 1);
      for (std::uint32_t t = t_begin; t < end; ++t) {
        const float weight = weights[t - t_begin];
        const float* row = v + std::size_t{t - t_begin} * shape.kv_dim() + column;
        for (std::size_t d = 0; d < head_dim; ++d) out[d] += weight * row[d];
      }
      for (std::size_t d = 0; d < head_dim; ++d) out[d] = canonical(out[d]);
    }
  }
}

void convert(NumberFormat format, const float* x, std::size_t count, float* y) {
  switch (format) {
    case NumberFormat::fp16:
      for (std::size_t i = 0; i < count; ++i) y[i] = fp16_from_bits(fp16_bits(x[i]));
      break;
    default:
      for (std::size_t i = 0; i < count; ++i) y[i] = round_to(format, x[i]);
  }
}

void silu_multiply(NumberFormat act, const float* gate, const float* up, std::size_t count,
                   float* y) {
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = (gate[i] * sigmoid(gate[i])) * up[i];
  }
  convert(act, y, count, y);
}

void add(const float* a, const float* b, std::size_t count, float* y) {
  for (std::size_t i = 0; i < count; ++i) y[i] = canonical(a[i] + b[i]);
}

void matmul(const float* x, std::uint32_t m, const Fp16Matrix& w, std::uint32_t n_begin,
            std::uint32_t n_end, float* y) {
  const std::size_t width = n_end - n_begin;
  for (std::uint32_t r = 0; r < m; ++r) {
    const float* row = x + std::size_t{r} * w.k;
    float* out = y + r * width;
    for (std::size_t n0 = 0; n0 < width; n0 += kBlock) {
      const std::size_t length = std::min(kBlock, width - n0);
      const float* weights = w.values.data() + n_begin + n0;
      // lane_sum() of kBlock outputs at a time.
      float partial[kSumLanes][kBlock] = {};
      for (std::uint32_t k = 0; k < w.k; ++k) {
        float* sum = partial[k % kSumLanes];
        const float* column = weights + std::size_t{k} * w.n;
        if (length == kBlock) {
          for (std::size_t j = 0; j < kBlock; ++j) sum[j] += row[k] * column[j];
        } else {
          for (std::size_t j = 0; j < length; ++j) sum[j] += row[k] * column[j];
        }
      }
      for (std::uint32_t half = kSumLanes / 2; half > 0; half /= 2) {
        for (std::uint32_t p = 0; p < half; ++p) {
          for (std::size_t j = 0; j < kBlock; ++j) partial[p][j] += partial[p + half][j];
        }
      }
      for (std::size_t j = 0; j < length; ++j) out[n0 + j] = canonical(partial[0][j]);
    }
  }
}

}  // namespace lutsim::models::ops

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_tensors.h"

#include <utility>

namespace lutsim::workloads {

namespace {

using spec::NumberFormat;

/// The residual stream and sums are FP32; what enters a matrix unit or a cache is FP16.
NumberFormat output_format(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::matmul:
    case OperatorKind::bias_add:
    case OperatorKind::embedding:
    case OperatorKind::position_add:
    case OperatorKind::alibi:
    case OperatorKind::route:
    case OperatorKind::combine:
    case OperatorKind::add:
    case OperatorKind::attention_score:
    case OperatorKind::softmax:
    case OperatorKind::all_reduce:
    case OperatorKind::all_gather:
      return NumberFormat::fp32;
    case OperatorKind::sample:
      return NumberFormat::int32;
    default:
      return NumberFormat::fp16;
  }
}

std::vector<std::uint64_t> output_shape(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::rms_norm:
    case OperatorKind::layer_norm:
    case OperatorKind::route:
      return {op.m, op.k};
    case OperatorKind::rope:
    case OperatorKind::attention_value:
      return {op.m, std::uint64_t{op.heads} * op.head_dim};
    case OperatorKind::attention_score:
    case OperatorKind::alibi:
    case OperatorKind::softmax:
      return {op.batch, op.heads, op.rows(), op.context};
    case OperatorKind::sample:
      return {op.m};
    default:
      return {op.m, op.n};
  }
}

Tensor plain_weight(std::string name, std::vector<std::uint64_t> shape, NumberFormat format) {
  return {std::move(name),
          std::move(shape),
          TensorRole::weight,
          format,
          {spec::width_bits(format), 0, false}};
}

}  // namespace

Tensor output_tensor(const Operator& op) {
  const TensorRole role =
      op.kind == OperatorKind::sample ? TensorRole::token : TensorRole::activation;
  return {activation_name(op.name, op.step), output_shape(op), role, output_format(op), {}};
}

Tensor input_tokens(std::uint32_t step, std::uint64_t rows) {
  return {activation_name("tokens", step), {rows}, TensorRole::token, NumberFormat::int32, {}};
}

Tensor decoder_weight(const std::string& name, std::uint64_t k, std::uint64_t n,
                      const WeightFormat& format) {
  return {name, {k, n}, TensorRole::weight, NumberFormat::fp16, format};
}

Tensor norm_weight(const std::string& name, std::uint64_t elements) {
  return plain_weight(name, {elements}, NumberFormat::fp32);
}

Tensor plain_matrix(const std::string& name, std::uint64_t k, std::uint64_t n) {
  return plain_weight(name, {k, n}, NumberFormat::fp16);
}

Tensor embedding_table(const models::ModelShape& shape) {
  return plain_matrix("embedding.weight", shape.vocab, shape.embedding_width());
}

Tensor position_table(const models::ModelShape& shape) {
  return plain_matrix("position.weight", shape.position_rows(), shape.hidden);
}

Tensor lm_head_weight(const models::ModelShape& shape) {
  if (shape.tied_embedding) return embedding_table(shape);
  return plain_matrix("lm_head.weight", shape.embedding_width(), shape.vocab);
}

Tensor cache_tensor(const std::string& name, std::uint64_t rows, std::uint64_t kv_heads,
                    std::uint64_t head_dim, spec::NumberFormat format) {
  return {name, {rows, kv_heads * head_dim}, TensorRole::kv_cache, format, {}, head_dim};
}

}  // namespace lutsim::workloads

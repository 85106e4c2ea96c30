// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/operator_trace.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "models/bcq/bcq_storage.h"
#include "models/vector/kv_storage.h"

namespace lutsim::workloads {

namespace {

using Keys = std::vector<std::string_view>;

const Keys& sizes_of(OperatorKind kind) {
  static const Keys kEmbedding = {"m", "n", "position"};
  static const Keys kNorm = {"m", "k"};
  static const Keys kMatmul = {"m", "n", "k"};
  static const Keys kRope = {"m", "heads", "head_dim", "position", "rotary_dim"};
  static const Keys kAppend = {"m", "kv_heads", "head_dim", "context", "position"};
  static const Keys kAttention = {"m",       "heads",    "kv_heads", "head_dim",
                                  "context", "position", "window"};
  static const Keys kSoftmax = {"m", "heads", "context", "position", "window"};
  static const Keys kRouting = {"m", "n", "k"};
  static const Keys kRows = {"m", "n"};
  switch (kind) {
    case OperatorKind::embedding:
    case OperatorKind::position_add:
      return kEmbedding;
    case OperatorKind::rms_norm:
    case OperatorKind::layer_norm:
      return kNorm;
    case OperatorKind::matmul:
      return kMatmul;
    case OperatorKind::rope:
      return kRope;
    case OperatorKind::kv_append:
      return kAppend;
    case OperatorKind::attention_score:
    case OperatorKind::attention_value:
      return kAttention;
    case OperatorKind::alibi:
    case OperatorKind::softmax:
      return kSoftmax;
    case OperatorKind::route:
    case OperatorKind::combine:
      return kRouting;
    default:
      return kRows;
  }
}

std::uint64_t bits_to_bytes(std::uint64_t bits) { return spec::ceil_div(bits, 8); }

std::uint64_t elements(const Tensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::uint64_t{1},
                         std::multiplies<>());
}

/// Bytes of `count` elements in the tensor's element format.
std::uint64_t bytes_of(const Tensor& tensor, std::uint64_t count) {
  return bits_to_bytes(count * spec::width_bits(tensor.format));
}

/// Cached positions that the operator reads or writes, all sequences together.
std::uint64_t cached_rows(const Operator& op) {
  return op.kind == OperatorKind::kv_append ? op.m : op.batch * op.context;
}

/// Elementary operations apart from multiply-adds. A fused exp, square root, reciprocal or division
/// counts as one.
std::uint64_t elementary_operations(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::rms_norm:
      return 4 * op.m * op.k;  // square, sum, scale, weight
    case OperatorKind::layer_norm:
      return 7 * op.m * op.k;  // sum, subtract, square, sum, scale, weight, bias
    case OperatorKind::rope:
      // 4 mul, 2 add per pair
      return 3 * op.m * op.heads * (op.rotary_dim > 0 ? op.rotary_dim : op.head_dim);
    case OperatorKind::alibi:
      return 2 * causal_pairs(op) * op.heads;  // slope times distance, add
    case OperatorKind::softmax:
      return 5 * causal_pairs(op) * op.heads;  // max, sub, exp, sum, div
    case OperatorKind::silu:
      return 4 * op.m * op.n;  // negate, exp, add, divide
    case OperatorKind::silu_multiply:
      return 5 * op.m * op.n;
    case OperatorKind::gelu:
      return 2 * op.m * op.n;  // normal distribution, multiply
    case OperatorKind::gelu_multiply:
      return 3 * op.m * op.n;
    case OperatorKind::gelu_tanh:
      return 9 * op.m * op.n;  // square, scale, add, scale by x, sigmoid as in silu, multiply
    case OperatorKind::gelu_tanh_multiply:
      return 10 * op.m * op.n;
    case OperatorKind::relu_multiply:
      return 2 * op.m * op.n;
    case OperatorKind::clamped_swiglu:
      return 11 * op.m * op.n;  // 3 bounds, scale, sigmoid as in silu, multiply, add, multiply
    case OperatorKind::route:
      return (5 + op.k) * op.m * op.n;  // softmax, then k maxima
    case OperatorKind::combine:
      return 2 * op.m * op.n * op.k;
    case OperatorKind::relu:
    case OperatorKind::position_add:
    case OperatorKind::bias_add:
    case OperatorKind::add:
    case OperatorKind::sample:
      return op.m * op.n;
    default:
      return 0;
  }
}

/// Bytes of a weight that an operator reads: gathered rows of a table, listed groups, or all.
std::uint64_t weight_bytes_read(const Tensor& tensor, const Operator& op) {
  if (op.kind == OperatorKind::embedding || op.kind == OperatorKind::position_add)
    return bytes_of(tensor, op.m * op.n);
  if (op.groups.empty()) return stored_bytes(tensor);
  Tensor part = tensor;
  part.shape.back() = group_count(op) * op.n;
  return stored_bytes(part);
}

}  // namespace

bool operator==(const GroupRows& a, const GroupRows& b) {
  return a.first == b.first && a.count == b.count && a.rows == b.rows;
}

bool operator==(const PlaneCode& a, const PlaneCode& b) {
  bool equal = true;
  spec::for_each_field<PlaneCode>(
      [&](const auto& f) { equal = equal && a.*f.member == b.*f.member; });
  return equal;
}

bool operator==(const WeightFormat& a, const WeightFormat& b) {
  return a.weight_bits == b.weight_bits && a.group_size == b.group_size &&
         a.has_offset == b.has_offset && a.code == b.code;
}

bool operator==(const Tensor& a, const Tensor& b) {
  return a.name == b.name && a.shape == b.shape && a.role == b.role && a.format == b.format &&
         a.weight == b.weight && a.kv_head_dim == b.kv_head_dim;
}

bool operator==(const Operator& a, const Operator& b) {
  bool sizes_equal = true;
  spec::for_each_field<Operator>(
      [&](const auto& f) { sizes_equal = sizes_equal && a.*f.member == b.*f.member; });
  return sizes_equal && a.kind == b.kind && a.name == b.name && a.phase == b.phase &&
         a.groups == b.groups && a.request == b.request && a.step == b.step && a.layer == b.layer &&
         a.batch == b.batch && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.depends_on == b.depends_on;
}

bool operator==(const MeasuredKind& a, const MeasuredKind& b) {
  return a.kind == b.kind && a.kernels == b.kernels && a.seconds == b.seconds;
}

bool operator==(const MeasuredTimes& a, const MeasuredTimes& b) {
  return a.source == b.source && a.device == b.device && a.precision == b.precision &&
         a.kernels == b.kernels && a.kernel_s == b.kernel_s && a.span_s == b.span_s &&
         a.kinds == b.kinds;
}

bool operator==(const OperatorTrace& a, const OperatorTrace& b) {
  bool models_equal = true;
  spec::for_each_field<models::ModelShape>([&](const auto& f) {
    models_equal = models_equal && a.model.*f.member == b.model.*f.member;
  });
  return models_equal && a.batch == b.batch && a.cached_tokens == b.cached_tokens &&
         a.prompt_tokens == b.prompt_tokens && a.generated_tokens == b.generated_tokens &&
         a.tensors == b.tensors && a.operators == b.operators && a.measured == b.measured;
}

bool uses_size(OperatorKind kind, std::string_view key) {
  const Keys& keys = sizes_of(kind);
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string activation_name(const std::string& operator_name, std::uint32_t step) {
  return operator_name + '@' + std::to_string(step);
}

std::uint64_t stored_bytes(const Tensor& tensor) {
  if (tensor.role == TensorRole::weight && tensor.weight.is_bcq()) {
    const auto& w = tensor.weight;
    const models::BcqStorage storage{tensor.shape.at(0), tensor.shape.at(1), w.weight_bits,
                                     w.group_size, w.has_offset};
    if (w.code.is_coded()) {
      const std::uint64_t bits = storage.k * storage.n * w.weight_bits;
      return w.code.block_bytes(bits) + w.code.token_bytes(w.code.blocks(bits)) +
             w.code.mask_bytes(storage.k * storage.n) + models::scale_bytes(storage);
    }
    return models::stored_bytes(storage);
  }
  if (tensor.role == TensorRole::kv_cache) {
    const std::uint64_t head_dim =
        tensor.kv_head_dim > 0 ? tensor.kv_head_dim : tensor.shape.back();
    return elements(tensor) / head_dim * models::kv_row_bytes(tensor.format, head_dim);
  }
  return bytes_of(tensor, elements(tensor));
}

std::uint64_t causal_pairs(const Operator& op) {
  const std::uint64_t rows = op.rows();
  // Row r of 0..rows-1 sees position + r + 1 positions, but not those before its window.
  const auto before = [&op](std::uint64_t end) { return end * op.position + end * (end + 1) / 2; };
  if (op.window == 0) return op.batch * before(rows);
  const std::uint64_t short_rows =
      std::min(rows, op.window > op.position ? op.window - op.position : 0);
  return op.batch * (before(short_rows) + (rows - short_rows) * op.window);
}

std::uint64_t group_count(const Operator& op) {
  std::uint64_t count = 0;
  for (const GroupRows& run : op.groups) count += run.count;
  return count;
}

std::uint64_t multiply_adds(const Operator& op) {
  switch (op.kind) {
    case OperatorKind::matmul:
      return op.m * op.n * op.k;
    case OperatorKind::attention_score:
    case OperatorKind::attention_value:
      return causal_pairs(op) * op.heads * op.head_dim;
    default:
      return 0;
  }
}

OperatorCost cost_of(const OperatorTrace& trace, const Operator& op) {
  OperatorCost cost;
  if (op.kind == OperatorKind::weight_update) {
    cost.weight_bytes = 2 * stored_bytes(trace.tensors.at(op.inputs.at(0)));  // read and written
    return cost;
  }
  cost.flops = 2 * multiply_adds(op) + elementary_operations(op);
  auto count = [&](TensorId id) {
    const Tensor& tensor = trace.tensors.at(id);
    switch (tensor.role) {
      case TensorRole::weight:
        cost.weight_bytes += weight_bytes_read(tensor, op);
        break;
      case TensorRole::kv_cache:
        cost.kv_bytes +=
            cached_rows(op) * op.kv_heads * models::kv_row_bytes(tensor.format, op.head_dim);
        break;
      case TensorRole::activation:
      case TensorRole::token:
        cost.activation_bytes += stored_bytes(tensor);
        break;
    }
  };
  for (const TensorId id : op.inputs) count(id);
  for (const TensorId id : op.outputs) count(id);
  return cost;
}

}  // namespace lutsim::workloads

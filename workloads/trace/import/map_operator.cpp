// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "workloads/trace/import/work_item.h"

namespace lutsim::workloads {

namespace {

using Mapped = std::optional<MappedOperator>;
using K = OperatorKind;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

std::vector<const SourceArgument*> tensors_of(const SourceOperator& op) {
  std::vector<const SourceArgument*> tensors;
  for (const SourceArgument& argument : op.inputs) {
    if (argument.is_tensor()) tensors.push_back(&argument);
  }
  return tensors;
}

bool is_true(const SourceOperator& op, std::size_t index) {
  if (index >= op.inputs.size()) return false;
  const std::string& text = op.inputs[index].scalar;
  return text == "True" || text == "true";
}

MappedOperator of_kind(K kind, const SourceArgument& typed) {
  MappedOperator op;
  op.kind = kind;
  op.label = kind == K::attention_score ? "attention" : spec::to_string_of(kind);
  op.format = format_of_type(typed.type);
  return op;
}

std::uint64_t bytes(std::uint64_t elements, const SourceArgument& typed) {
  return spec::ceil_div(elements * type_bits(typed.type), 8);
}

Mapped matmul(const SourceArgument& x, std::uint64_t n, std::uint64_t k, const SourceArgument& w,
              bool has_bias) {
  if (k == 0 || x.elements() % k != 0 || w.elements() != n * k) return {};
  MappedOperator op = of_kind(K::matmul, x);
  op.m = x.elements() / k;
  op.n = n;
  op.k = k;
  op.has_bias = has_bias;
  op.bytes = bytes(op.m * k + op.m * n, x) + bytes(n * k + (has_bias ? n : 0), w);
  return op;
}

/// x [.., K], w [N, K], bias.
Mapped linear(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 2 || t[1]->shape.size() != 2) return {};
  return matmul(*t[0], t[1]->shape[0], t[1]->shape[1], *t[1], t.size() > 2);
}

/// x [M, K], w [K, N]
Mapped plain_product(const SourceArgument& x, const SourceArgument& w, bool has_bias) {
  if (w.shape.size() != 2 || x.shape.back() != w.shape[0]) return {};
  return matmul(x, w.shape[1], w.shape[0], w, has_bias);
}

Mapped mm(const SourceOperator& op) {
  const auto t = tensors_of(op);
  return t.size() < 2 ? Mapped() : plain_product(*t[0], *t[1], false);
}

Mapped addmm(const SourceOperator& op) {
  const auto t = tensors_of(op);
  return t.size() < 3 ? Mapped() : plain_product(*t[1], *t[2], true);
}

/// [B, M, K] times [B, K, N], the last two tensors.
Mapped bmm(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 2) return {};
  const SourceArgument& x = *t[t.size() - 2];
  const SourceArgument& w = *t[t.size() - 1];
  if (x.shape.size() != 3 || w.shape.size() != 3 || x.shape[0] != w.shape[0] ||
      x.shape[2] != w.shape[1]) {
    return {};
  }
  MappedOperator mapped = of_kind(K::matmul, x);
  mapped.label = "batched_matmul";
  mapped.groups = x.shape[0];
  mapped.m = x.shape[0] * x.shape[1];
  mapped.k = x.shape[2];
  mapped.n = w.shape[2];
  mapped.bytes = bytes(x.elements() + mapped.m * mapped.n, x) + bytes(w.elements(), w);
  return mapped;
}

/// Images [N, C, H, W], filters [O, C, H, W], as the product of unrolled patches and filters.
Mapped convolution(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 2 || t[0]->shape.size() != 4 || t[1]->shape.size() != 4) return {};
  if (op.outputs.empty() || op.outputs[0].shape.size() != 4) return {};
  const auto& filters = t[1]->shape;
  if (filters[1] != t[0]->shape[1]) return {};  // groups of channels
  const auto& out = op.outputs[0].shape;
  MappedOperator mapped = of_kind(K::matmul, *t[0]);
  mapped.label = "convolution";
  mapped.m = out[0] * out[2] * out[3];
  mapped.n = filters[0];
  mapped.k = filters[1] * filters[2] * filters[3];
  mapped.bytes =
      bytes(t[0]->elements() + op.outputs[0].elements(), *t[0]) + bytes(t[1]->elements(), *t[1]);
  return mapped;
}

/// Queries, keys, values [sequences, heads, rows, head_dim].
Mapped attention(const SourceOperator& op, std::size_t causal_flag) {
  const auto t = tensors_of(op);
  if (t.size() < 3) return {};
  const SourceArgument &q = *t[0], &k = *t[1], &v = *t[2];
  if (q.shape.size() != 4 || k.shape.size() != 4 || v.shape != k.shape) return {};
  MappedOperator mapped = of_kind(K::attention_score, q);
  mapped.sequences = static_cast<std::uint32_t>(q.shape[0]);
  mapped.heads = static_cast<std::uint32_t>(q.shape[1]);
  mapped.kv_heads = static_cast<std::uint32_t>(k.shape[1]);
  mapped.head_dim = static_cast<std::uint32_t>(q.shape[3]);
  mapped.m = q.shape[0] * q.shape[2];
  mapped.context = k.shape[2];
  if (mapped.context < q.shape[2] || mapped.kv_heads == 0) return {};
  mapped.is_causal = is_true(op, causal_flag) || q.shape[2] == 1;
  mapped.bytes = bytes(2 * q.elements() + k.elements() + v.elements(), q);
  return mapped;
}

/// Queries [rows, heads, head_dim], cache pages [pages, page, kv_heads, head_dim]; one row of each
/// sequence. The lengths are in a tensor, so that the file does not say them.
Mapped paged_attention(const SourceOperator& op, const MappingOptions& options) {
  const auto t = tensors_of(op);
  if (t.empty() || t[0]->shape.size() != 3 || options.context == 0) return {};
  const auto page = std::find_if(t.begin(), t.end(),
                                 [](const SourceArgument* a) { return a->shape.size() == 4; });
  if (page == t.end()) return {};
  const SourceArgument& q = *t[0];
  MappedOperator mapped = of_kind(K::attention_score, q);
  mapped.m = q.shape[0];
  mapped.sequences = static_cast<std::uint32_t>(q.shape[0]);
  mapped.heads = static_cast<std::uint32_t>(q.shape[1]);
  mapped.head_dim = static_cast<std::uint32_t>(q.shape[2]);
  mapped.kv_heads = static_cast<std::uint32_t>((*page)->shape[2]);
  mapped.context = options.context;
  const std::uint64_t cached = mapped.sequences * mapped.context;
  mapped.bytes =
      bytes(2 * q.elements(), q) + bytes(2 * cached * mapped.kv_heads * mapped.head_dim, **page);
  return mapped;
}

/// Rows of the last dimension of `x`.
Mapped row_wise(K kind, const SourceArgument& x, std::uint64_t tensors_moved) {
  MappedOperator op = of_kind(kind, x);
  op.n = x.shape.back();
  op.m = x.elements() / std::max<std::uint64_t>(1, op.n);
  if (op.m == 0) return {};
  op.bytes = bytes(tensors_moved * x.elements(), x);
  return op;
}

Mapped activation(K kind, const SourceOperator& op) {
  const auto t = tensors_of(op);
  return t.empty() ? Mapped() : row_wise(kind, *t[0], 2);
}

/// Output [M, N], gate and up [M, 2 N].
Mapped gated_activation(K kind, const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 2 || t[1]->elements() != 2 * t[0]->elements()) return {};
  Mapped mapped = row_wise(kind, *t[0], 3);
  if (mapped) mapped->is_packed = true;
  return mapped;
}

/// Rows, then anything, then weights of one row, the last one-dimensional tensor (RMSNorm) or the
/// first.
Mapped norm(K kind, const SourceOperator& op, bool has_residual) {
  const auto t = tensors_of(op);
  if (t.empty()) return {};
  std::uint64_t k = t[0]->shape.back();
  for (std::size_t i = 1; i < t.size(); ++i) {
    if (t[i]->shape.size() == 1) k = t[i]->shape[0];
  }
  if (k == 0 || t[0]->elements() % k != 0) return {};
  MappedOperator mapped = of_kind(kind, *t[0]);
  mapped.k = k;
  mapped.m = t[0]->elements() / k;
  mapped.has_residual = has_residual;
  mapped.bytes = bytes((has_residual ? 4 : 2) * t[0]->elements() + k, *t[0]);
  return mapped;
}

Mapped addition(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() != 2 || t[0]->shape != t[1]->shape || t[0]->shape.size() < 2) return {};
  return row_wise(K::add, *t[0], 3);
}

Mapped embedding(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 2 || t[0]->shape.size() != 2) return {};
  MappedOperator mapped = of_kind(K::embedding, *t[0]);
  mapped.table_rows = t[0]->shape[0];
  mapped.n = t[0]->shape[1];
  mapped.m = t[1]->elements();
  mapped.bytes = bytes(2 * mapped.m * mapped.n, *t[0]) + bytes(mapped.m, *t[1]);
  return mapped;
}

/// Positions, queries [rows, heads * head_dim], keys, head_dim as a number, cosines and sines.
Mapped rotary(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 4) return {};
  const std::uint64_t head_dim = t[3]->shape.back(), rows = t[0]->elements();
  if (head_dim == 0 || rows == 0) return {};
  MappedOperator mapped = of_kind(K::rope, *t[1]);
  mapped.m = rows;
  mapped.head_dim = static_cast<std::uint32_t>(head_dim);
  mapped.heads = static_cast<std::uint32_t>(t[1]->elements() / rows / head_dim);
  mapped.kv_heads = static_cast<std::uint32_t>(t[2]->elements() / rows / head_dim);
  if (mapped.heads == 0 || mapped.kv_heads == 0) return {};
  mapped.is_packed = true;
  mapped.bytes = bytes(2 * (t[1]->elements() + t[2]->elements()), *t[1]);
  return mapped;
}

/// Keys and values of the new rows, then the caches, whose last two dimensions are heads and
/// elements of a head.
Mapped cache_append(const SourceOperator& op) {
  const auto t = tensors_of(op);
  if (t.size() < 4 || t[0]->shape.size() != 3) return {};
  MappedOperator mapped = of_kind(K::kv_append, *t[0]);
  mapped.m = t[0]->shape[0];
  mapped.kv_heads = static_cast<std::uint32_t>(t[0]->shape[1]);
  mapped.head_dim = static_cast<std::uint32_t>(t[0]->shape[2]);
  mapped.bytes = bytes(4 * t[0]->elements(), *t[0]);
  return mapped;
}

Mapped sample(const SourceOperator& op) {
  const auto t = tensors_of(op);
  return t.empty() ? Mapped() : row_wise(K::sample, *t[0], 1);
}

Mapped gelu(const SourceOperator& op) {
  const bool is_tanh = std::any_of(op.inputs.begin(), op.inputs.end(),
                                   [](const auto& a) { return contains(a.scalar, "tanh"); });
  return activation(is_tanh ? K::gelu_tanh : K::gelu, op);
}

Mapped by_part_of_name(const SourceOperator& op, const MappingOptions& options) {
  const std::string& name = op.name;
  if (contains(name, "paged_attention")) return paged_attention(op, options);
  if (contains(name, "gelu_tanh_and_mul")) return gated_activation(K::gelu_tanh_multiply, op);
  if (contains(name, "gelu_and_mul")) return gated_activation(K::gelu_multiply, op);
  if (contains(name, "silu_and_mul")) return gated_activation(K::silu_multiply, op);
  if (contains(name, "rotary_embedding")) return rotary(op);
  if (contains(name, "set_kv_buffer") || contains(name, "reshape_and_cache")) {
    return cache_append(op);
  }
  if (contains(name, "rmsnorm") || contains(name, "rms_norm")) {
    return norm(K::rms_norm, op, contains(name, "add"));
  }
  return {};
}

Mapped by_name(const SourceOperator& op, const MappingOptions& options) {
  constexpr std::size_t kCausalOfSdpa = 5, kCausalOfFlash = 4;
  using Mapper = Mapped (*)(const SourceOperator&);
  static const std::map<std::string, Mapper> kMappers = {
      {"aten::linear", linear},
      {"aiter::gemm_a16w16", linear},
      {"aten::mm", mm},
      {"aten::_scaled_mm", mm},
      {"aten::addmm", addmm},
      {"aten::bmm", bmm},
      {"aten::baddbmm", bmm},
      {"aten::conv2d", convolution},
      {"aten::convolution", convolution},
      {"aten::cudnn_convolution", convolution},
      {"aten::embedding", embedding},
      {"aten::argmax", sample},
      {"aten::add", addition},
      {"aten::add_", addition},
      {"aten::gelu", gelu},
      {"scalesim::gemm", mm},
      {"aten::layer_norm", [](const SourceOperator& o) { return norm(K::layer_norm, o, false); }},
      {"aten::native_layer_norm",
       [](const SourceOperator& o) { return norm(K::layer_norm, o, false); }},
      {"aten::silu", [](const SourceOperator& o) { return activation(K::silu, o); }},
      {"aten::silu_", [](const SourceOperator& o) { return activation(K::silu, o); }},
      {"aten::relu", [](const SourceOperator& o) { return activation(K::relu, o); }},
      {"aten::relu_", [](const SourceOperator& o) { return activation(K::relu, o); }},
      {"aten::scaled_dot_product_attention",
       [](const SourceOperator& o) { return attention(o, kCausalOfSdpa); }},
      {"aten::_scaled_dot_product_flash_attention",
       [](const SourceOperator& o) { return attention(o, kCausalOfFlash); }}};
  const auto mapper = kMappers.find(op.name);
  return mapper == kMappers.end() ? by_part_of_name(op, options) : mapper->second(op);
}

}  // namespace

std::uint64_t causal_pairs_of(std::uint64_t rows, std::uint64_t context) {
  return rows * (context - rows) + rows * (rows + 1) / 2;
}

void count_work(MappedOperator& op) {
  if (op.kind == K::attention_score) {
    const std::uint64_t rows = op.m / op.sequences;
    const std::uint64_t pairs =
        op.sequences * (op.is_causal ? causal_pairs_of(rows, op.context) : rows * op.context);
    op.multiply_adds = 2 * pairs * op.heads * op.head_dim;
    op.flops = 2 * op.multiply_adds + 5 * pairs * op.heads;  // as softmax in operator_trace.h
    return;
  }
  Operator plain;
  plain.kind = op.kind;
  plain.m = op.m;
  plain.n = op.n;
  plain.k = op.k;
  plain.heads = op.heads + op.kv_heads;
  plain.head_dim = op.head_dim;
  op.multiply_adds = multiply_adds(plain);
  op.flops = cost_of({}, plain).flops + (op.has_bias ? op.m * op.n : 0) +
             (op.has_residual ? op.m * op.k : 0);
}

std::optional<MappedOperator> map_operator(const SourceOperator& op,
                                           const MappingOptions& options) {
  std::optional<MappedOperator> mapped = by_name(op, options);
  if (mapped) count_work(*mapped);
  return mapped;
}

bool is_view(const std::string& name) {
  static const std::set<std::string> kViews = {"aten::view",
                                               "aten::reshape",
                                               "aten::_reshape_alias",
                                               "aten::_unsafe_view",
                                               "aten::transpose",
                                               "aten::t",
                                               "aten::numpy_T",
                                               "aten::permute",
                                               "aten::slice",
                                               "aten::narrow",
                                               "aten::select",
                                               "aten::as_strided",
                                               "aten::expand",
                                               "aten::unsqueeze",
                                               "aten::squeeze",
                                               "aten::split",
                                               "aten::split_with_sizes",
                                               "aten::chunk",
                                               "aten::unbind",
                                               "aten::alias",
                                               "aten::detach",
                                               "aten::detach_",
                                               "aten::lift_fresh",
                                               "aten::to",
                                               "aten::contiguous",
                                               "aten::empty",
                                               "aten::empty_like",
                                               "aten::empty_strided",
                                               "aten::resize_",
                                               "aten::result_type",
                                               "aten::item",
                                               "aten::is_nonzero",
                                               "aten::flatten",
                                               "aten::unflatten",
                                               "aten::view_as",
                                               "aten::expand_as",
                                               "aten::_local_scalar_dense",
                                               "aten::dropout"};
  // What is no operator: annotations, autograd nodes, the root.
  return kViews.count(name) > 0 || !contains(name, "::") || contains(name, "autograd::");
}

bool is_movement(const std::string& name) {
  static const std::set<std::string> kMovement = {"aten::copy_",
                                                  "aten::clone",
                                                  "aten::cat",
                                                  "aten::stack",
                                                  "aten::gather",
                                                  "aten::index",
                                                  "aten::index_select",
                                                  "aten::_to_copy",
                                                  "aten::fill_",
                                                  "aten::zero_",
                                                  "aten::zeros",
                                                  "aten::ones",
                                                  "aten::full",
                                                  "aten::arange",
                                                  "aten::repeat",
                                                  "aten::_foreach_copy_",
                                                  "aten::scalar_tensor",
                                                  "aten::index_put_",
                                                  "aten::_local_scalar_dense",
                                                  "aten::flatten_dense_tensors",
                                                  "aten::unflatten_dense_tensors"};
  return kMovement.count(name) > 0;
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/gpu_kernels.h"

#include <functional>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "workloads/trace/tensor_parallel.h"

namespace lutsim::workloads {

namespace {

using models::GpuKernel;
using models::GpuKernelKind;
using models::GpuStep;

constexpr double kFp16Bytes = 2;
constexpr double kFp32Bytes = 4;
constexpr const char* kLayerPrefix = "layers.";
constexpr std::string_view kRouter = "ffn.router";
constexpr std::string_view kRouterWeight = "ffn.w_router";

bool is_in_layer(const std::string& name) { return name.rfind(kLayerPrefix, 0) == 0; }

/// "attention.q" of "layers.3.attention.q".
std::string without_layer(const std::string& name) {
  if (!is_in_layer(name)) return name;
  return name.substr(name.find('.', std::string(kLayerPrefix).size()) + 1);
}

/// Engines quantise the matrices of the layers, but for the router.
bool takes_precision(const std::string& op_name) {
  return is_in_layer(op_name) && without_layer(op_name) != kRouter;
}

double product(std::uint64_t a, std::uint64_t b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

bool are_equal(const GpuKernel& a, const GpuKernel& b) {
  return a.kind == b.kind && a.name == b.name && a.m == b.m && a.n == b.n && a.k == b.k &&
         a.groups == b.groups && a.is_decoder_weight == b.is_decoder_weight &&
         a.kv_bytes == b.kv_bytes && a.streams == b.streams && a.link_bytes == b.link_bytes &&
         a.activation_bytes == b.activation_bytes && a.flops == b.flops;
}

/// Collects the kernels of one pass.
class StepBuilder {
 public:
  StepBuilder(const OperatorTrace& trace, std::uint32_t gpus, std::size_t begin, std::size_t end)
      : operators_(trace.operators),
        hidden_(trace.model.hidden),
        gpus_(gpus),
        next_(begin),
        end_(end) {
    step_.is_prefill = operators_[begin].phase == Phase::prefill;
    step_.batch = operators_[begin].batch;
    step_.logits = product(step_.batch, trace.model.vocab);
  }

  GpuStep build() {
    while (next_ < end_) launch();
    return std::move(step_);
  }

 private:
  void launch() {
    const Operator& op = operators_[next_++];
    switch (op.kind) {
      case OperatorKind::embedding: {
        // Learned positions are added by the kernel that gathers.
        const bool has_positions = take(OperatorKind::position_add);
        return elementwise(op, (has_positions ? 3 : 2) * kFp16Bytes * product(op.m, op.n));
      }
      case OperatorKind::position_add:
        return elementwise(op, 3 * kFp16Bytes * product(op.m, op.n));
      case OperatorKind::rms_norm:
      case OperatorKind::layer_norm:
        return norm(op);
      case OperatorKind::matmul:
        return gemm(op);
      case OperatorKind::rope: {
        std::uint64_t heads = op.heads;
        while (next_is(OperatorKind::rope)) heads += operators_[next_++].heads;
        return elementwise(op, 2 * kFp16Bytes * product(op.m, heads * op.head_dim));
      }
      case OperatorKind::kv_append: {
        std::uint64_t heads = op.kv_heads;
        while (next_is(OperatorKind::kv_append)) heads += operators_[next_++].kv_heads;
        return elementwise(op, 2 * kFp16Bytes * product(op.m, heads * op.head_dim));
      }
      case OperatorKind::attention_score:
        return attention(op);
      case OperatorKind::relu:
      case OperatorKind::gelu:
      case OperatorKind::gelu_tanh:
      case OperatorKind::silu:
        return elementwise(op, 2 * kFp16Bytes * product(op.m, op.n));
      case OperatorKind::relu_multiply:
      case OperatorKind::gelu_multiply:
      case OperatorKind::gelu_tanh_multiply:
      case OperatorKind::silu_multiply:
      case OperatorKind::clamped_swiglu:
        return elementwise(op, 3 * kFp16Bytes * product(op.m, op.n));
      case OperatorKind::route:
        return elementwise(op, kFp32Bytes * product(op.m, op.n + op.k));
      case OperatorKind::combine:
        return elementwise(op, kFp16Bytes * product(op.m * (op.k + 1), op.n));
      case OperatorKind::bias_add:  // fused into the GEMM before
      case OperatorKind::add:       // fused into the norm that follows
        return;
      case OperatorKind::sample:
        return elementwise(op, kFp32Bytes * product(op.m, op.n));
      case OperatorKind::alibi:
      case OperatorKind::softmax:
      case OperatorKind::attention_value:
        throw std::invalid_argument(op.name + " does not follow an attention_score");
      case OperatorKind::all_reduce:  // a ring: every sum goes round twice
        return collective(op, 2 * kFp16Bytes);
      case OperatorKind::all_gather:
        return collective(op, kFp32Bytes);
      case OperatorKind::weight_update:
        throw std::invalid_argument(op.name + ": GPUs do not keep BCQ weights");
    }
  }

  bool next_is(OperatorKind kind) const { return next_ < end_ && operators_[next_].kind == kind; }
  bool take(OperatorKind kind) {
    const bool is = next_is(kind);
    if (is) ++next_;
    return is;
  }

  /// A norm of the residual reads and writes it as well. Norms of heads and latents that follow one
  /// another are one kernel.
  void norm(const Operator& op) {
    if (op.k == hidden_) return elementwise(op, 4 * kFp16Bytes * product(op.m, op.k));
    double elements = product(op.m, op.k);
    for (; next_is(op.kind) && operators_[next_].k != hidden_; ++next_)
      elements += product(operators_[next_].m, operators_[next_].k);
    elementwise(op, 2 * kFp16Bytes * elements);
  }

  /// Matmuls on one input, of the same groups and the same precision, are one launch.
  void gemm(const Operator& op) {
    std::uint64_t n = op.n;
    while (next_is(OperatorKind::matmul) && is_joined(op, operators_[next_]))
      n += operators_[next_++].n;
    const bool is_decoder = takes_precision(op.name);
    GpuKernel kernel = models::gemm_kernel(without_layer(op.name), op.m, n, op.k, is_decoder);
    if (!op.groups.empty()) {
      // A grouped GEMM: the weights of all groups once, each with its own rows.
      const std::uint64_t groups = group_count(op);
      kernel.m = spec::ceil_div(op.m, groups);
      kernel.n = groups * n;
      kernel.groups = groups;
    }
    add(std::move(kernel));
  }

  static bool is_joined(const Operator& a, const Operator& b) {
    return a.inputs.at(0) == b.inputs.at(0) && a.groups == b.groups &&
           takes_precision(a.name) == takes_precision(b.name);
  }

  void attention(const Operator& op) {
    take(OperatorKind::alibi);
    take(OperatorKind::softmax);
    if (!next_is(OperatorKind::attention_value))
      throw std::invalid_argument(op.name + " is not followed by an attention_value");
    const Operator& value = operators_[next_++];
    const auto dim = [](std::uint64_t heads, const Operator& of) { return heads * of.head_dim; };
    GpuKernel kernel;
    kernel.kind = GpuKernelKind::attention;
    kernel.name = without_layer(op.name);
    // A latent cache is one tensor, which a fused kernel reads once.
    const bool shares_cache = op.inputs.back() == value.inputs.back();
    const std::uint64_t cached =
        dim(op.kv_heads, op) + (shares_cache ? 0 : dim(value.kv_heads, value));
    kernel.kv_bytes = kFp16Bytes * product(op.batch * op.context, cached);
    kernel.streams = product(op.m, op.kv_heads);
    kernel.activation_bytes =
        kFp16Bytes * product(op.m, dim(op.heads, op) + dim(value.heads, value));
    kernel.flops = 2 * static_cast<double>(multiply_adds(op) + multiply_adds(value));
    add(std::move(kernel));
  }

  void collective(const Operator& op, double bytes_per_element) {
    GpuKernel kernel;
    kernel.kind = GpuKernelKind::collective;
    kernel.name = without_layer(op.name);
    kernel.link_bytes = bytes_per_element * product(op.m, op.n) * (gpus_ - 1) / gpus_;
    add(std::move(kernel));
  }

  void elementwise(const Operator& op, double bytes) {
    GpuKernel kernel;
    kernel.name = without_layer(op.name);
    kernel.activation_bytes = bytes;
    add(std::move(kernel));
  }

  void add(GpuKernel kernel) {
    for (GpuKernel& known : step_.kernels) {
      if (are_equal(known, kernel)) {
        ++known.count;
        return;
      }
    }
    step_.kernels.push_back(std::move(kernel));
  }

  const std::vector<Operator>& operators_;
  std::uint64_t hidden_;
  std::uint32_t gpus_;
  std::size_t next_;
  std::size_t end_;
  GpuStep step_;
};

double elements(const Tensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), 1.0, std::multiplies<>());
}

}  // namespace

models::GpuWorkload gpu_workload(const OperatorTrace& whole, std::uint32_t gpus) {
  return gpu_share_workload(tensor_parallel(whole, gpus, 0), gpus);
}

models::GpuWorkload gpu_share_workload(const OperatorTrace& trace, std::uint32_t gpus) {
  models::GpuWorkload workload;
  workload.gpus = gpus;
  const std::vector<Operator>& operators = trace.operators;
  for (std::size_t begin = 0; begin < operators.size();) {
    std::size_t end = begin;
    while (end < operators.size() && operators[end].step == operators[begin].step) ++end;
    workload.steps.push_back(StepBuilder(trace, gpus, begin, end).build());
    begin = end;
  }
  for (const Tensor& tensor : trace.tensors) {
    if (tensor.role == TensorRole::kv_cache) workload.kv_bytes += kFp16Bytes * elements(tensor);
    if (tensor.role != TensorRole::weight) continue;
    const bool is_matrix = tensor.shape.size() == 2;
    const bool is_router = without_layer(tensor.name) == kRouterWeight;
    (is_matrix && is_in_layer(tensor.name) && !is_router ? workload.decoder_weights
                                                         : workload.other_weights) +=
        elements(tensor);
  }
  workload.generated_tokens = std::uint64_t{trace.batch} * trace.generated_tokens;
  return workload;
}

}  // namespace lutsim::workloads

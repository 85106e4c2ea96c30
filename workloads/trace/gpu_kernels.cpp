// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/gpu_kernels.h"

#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace lutsim::workloads {

namespace {

using models::GpuKernel;
using models::GpuKernelKind;
using models::GpuStep;

constexpr double kFp16Bytes = 2;
constexpr double kFp32Bytes = 4;
constexpr const char* kLayerPrefix = "layers.";

bool is_in_layer(const std::string& name) { return name.rfind(kLayerPrefix, 0) == 0; }

/// "attention.q" of "layers.3.attention.q".
std::string without_layer(const std::string& name) {
  if (!is_in_layer(name)) return name;
  return name.substr(name.find('.', std::string(kLayerPrefix).size()) + 1);
}

double product(std::uint64_t a, std::uint64_t b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

bool are_equal(const GpuKernel& a, const GpuKernel& b) {
  return a.kind == b.kind && a.name == b.name && a.m == b.m && a.n == b.n && a.k == b.k &&
         a.is_decoder_weight == b.is_decoder_weight && a.kv_bytes == b.kv_bytes &&
         a.activation_bytes == b.activation_bytes && a.flops == b.flops;
}

/// Collects the kernels of one pass.
class StepBuilder {
 public:
  StepBuilder(const std::vector<Operator>& operators, std::size_t begin, std::size_t end)
      : operators_(operators), next_(begin), end_(end) {
    step_.is_prefill = operators[begin].phase == Phase::prefill;
    step_.batch = operators[begin].batch;
  }

  GpuStep build() {
    while (next_ < end_) launch();
    return std::move(step_);
  }

 private:
  void launch() {
    const Operator& op = operators_[next_++];
    switch (op.kind) {
      case OperatorKind::embedding:
        return elementwise(op, 2 * kFp16Bytes * product(op.m, op.n));
      case OperatorKind::rms_norm:  // reads and writes the residual as well
        return elementwise(op, 4 * kFp16Bytes * product(op.m, op.k));
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
      case OperatorKind::silu_multiply:
        return elementwise(op, 3 * kFp16Bytes * product(op.m, op.n));
      case OperatorKind::add:
        return;  // fused into the norm that follows
      case OperatorKind::sample:
        return elementwise(op, kFp32Bytes * product(op.m, op.n));
      case OperatorKind::softmax:
      case OperatorKind::attention_value:
        throw std::invalid_argument(op.name + " does not follow an attention_score");
      case OperatorKind::all_reduce:
      case OperatorKind::all_gather:
        throw std::invalid_argument(op.name + ": the trace is that of one chip of several");
    }
  }

  bool next_is(OperatorKind kind) const { return next_ < end_ && operators_[next_].kind == kind; }

  void gemm(const Operator& op) {
    std::uint64_t n = op.n;
    while (next_is(OperatorKind::matmul) && operators_[next_].inputs.at(0) == op.inputs.at(0))
      n += operators_[next_++].n;
    add(models::gemm_kernel(without_layer(op.name), op.m, n, op.k, is_in_layer(op.name)));
  }

  void attention(const Operator& op) {
    if (next_is(OperatorKind::softmax)) ++next_;
    if (!next_is(OperatorKind::attention_value))
      throw std::invalid_argument(op.name + " is not followed by an attention_value");
    ++next_;
    const std::uint64_t q_dim = std::uint64_t{op.heads} * op.head_dim;
    const std::uint64_t kv_dim = std::uint64_t{op.kv_heads} * op.head_dim;
    GpuKernel kernel;
    kernel.kind = GpuKernelKind::attention;
    kernel.name = without_layer(op.name);
    kernel.kv_bytes = 2 * kFp16Bytes * product(op.batch * op.context, kv_dim);
    kernel.activation_bytes = 2 * kFp16Bytes * product(op.m, q_dim);
    kernel.flops = 4 * product(causal_pairs(op), q_dim);  // 2 per multiply-add, score and value
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
  std::size_t next_;
  std::size_t end_;
  GpuStep step_;
};

double elements(const Tensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), 1.0, std::multiplies<>());
}

}  // namespace

models::GpuWorkload gpu_workload(const OperatorTrace& trace) {
  models::GpuWorkload workload;
  const std::vector<Operator>& operators = trace.operators;
  for (std::size_t begin = 0; begin < operators.size();) {
    std::size_t end = begin;
    while (end < operators.size() && operators[end].step == operators[begin].step) ++end;
    workload.steps.push_back(StepBuilder(operators, begin, end).build());
    begin = end;
  }
  for (const Tensor& tensor : trace.tensors) {
    if (tensor.role == TensorRole::kv_cache) workload.kv_bytes += kFp16Bytes * elements(tensor);
    if (tensor.role != TensorRole::weight) continue;
    const bool is_matrix = tensor.shape.size() == 2;
    (is_matrix && is_in_layer(tensor.name) ? workload.decoder_weights : workload.other_weights) +=
        elements(tensor);
  }
  workload.generated_tokens = std::uint64_t{trace.batch} * trace.generated_tokens;
  return workload;
}

}  // namespace lutsim::workloads

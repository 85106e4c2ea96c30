// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "workloads/serving/gpu_server.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/tensor_parallel.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {

namespace {

using models::GpuKernel;
using models::GpuKernelKind;

bool is_attention(OperatorKind kind) {
  return kind == OperatorKind::attention_score || kind == OperatorKind::alibi ||
         kind == OperatorKind::softmax || kind == OperatorKind::attention_value;
}

/// The operators that see the sampled rows only.
bool is_head(const std::string& name) {
  return name.rfind("sample", 0) == 0 || name.rfind("lm_head", 0) == 0;
}

template <class Keep>
std::vector<GpuKernel> kernels_of(OperatorTrace trace, std::uint32_t gpus, const Keep& keep) {
  auto& ops = trace.operators;
  ops.erase(std::remove_if(ops.begin(), ops.end(),
                           [&](const Operator& op) { return is_attention(op.kind) || !keep(op); }),
            ops.end());
  return gpu_share_workload(trace, gpus).steps.at(0).kernels;
}

bool are_alike(const Operator& a, const Operator& b) {
  return a.window == b.window && a.heads == b.heads && a.kv_heads == b.kv_heads &&
         a.head_dim == b.head_dim;
}

}  // namespace

MixedSteps::MixedSteps(models::ModelShape shape, std::uint32_t chips, const RoutingRequest& routing)
    : shape_(std::move(shape)), chips_(chips), routing_(routing) {
  const OperatorTrace trace = trace_of(1);
  const auto& ops = trace.operators;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].kind != OperatorKind::attention_score) continue;
    const auto value =
        std::find_if(ops.begin() + static_cast<std::ptrdiff_t>(i), ops.end(),
                     [](const Operator& op) { return op.kind == OperatorKind::attention_value; });
    const auto known = std::find_if(attention_.begin(), attention_.end(), [&](const Attention& a) {
      return are_alike(a.score, ops[i]) && are_alike(a.value, *value);
    });
    if (known != attention_.end()) {
      ++known->layers;
    } else {
      attention_.push_back({ops[i], *value, 1, {}});
    }
  }
}

OperatorTrace MixedSteps::trace_of(std::uint32_t rows) const {
  TraceRequest request;
  request.prompt_tokens = rows;
  request.routing = routing_;
  // Rows of several sequences stand one after the other here: their number may pass the context.
  models::ModelShape shape = shape_;
  shape.max_context = std::max(shape.max_context, rows);
  return tensor_parallel(build_trace(shape, request), chips_, 0);
}

models::GpuKernel MixedSteps::attend(const Attention& attention, std::uint32_t start,
                                     std::uint32_t rows) const {
  OperatorTrace trace;
  trace.model = shape_;
  trace.operators = {attention.score, attention.value};
  for (Operator& op : trace.operators) {
    op.m = rows;
    op.batch = 1;
    op.position = start;
    op.context = start + rows - first_visible(op, 0);
  }
  return gpu_workload(trace).steps.at(0).kernels.at(0);
}

const GpuKernel& MixedSteps::decode(Attention& attention, std::uint32_t start) {
  auto& known = attention.decode;
  while (known.size() <= start)
    known.push_back(attend(attention, static_cast<std::uint32_t>(known.size()), 1));
  return known[start];
}

const std::vector<GpuKernel>& MixedSteps::body(std::uint32_t rows) {
  const auto known = bodies_.find(rows);
  if (known != bodies_.end()) return known->second;
  return bodies_[rows] = kernels_of(trace_of(rows), chips_,
                                    [](const Operator& op) { return !is_head(op.name); });
}

const std::vector<GpuKernel>& MixedSteps::head(std::uint32_t rows) {
  const auto known = heads_.find(rows);
  if (known != heads_.end()) return known->second;
  TraceRequest request;
  request.batch = rows;
  request.cached_tokens = 1;
  request.routing = routing_;
  return heads_[rows] = kernels_of(tensor_parallel(build_trace(shape_, request), chips_, 0), chips_,
                                   [](const Operator& op) { return is_head(op.name); });
}

models::GpuStep MixedSteps::step(const Batch& batch) {
  std::uint32_t rows = 0, sampled = 0;
  models::GpuStep step;
  step.batch = static_cast<std::uint32_t>(batch.slices.size());
  for (const Slice& slice : batch.slices) {
    rows += slice.rows;
    sampled += slice.samples ? 1 : 0;
    step.is_prefill = step.is_prefill || !slice.is_decode();
  }
  step.logits = static_cast<double>(sampled) * shape_.vocab;
  step.kernels = body(rows);
  if (sampled > 0) {
    const auto& kernels = head(sampled);
    step.kernels.insert(step.kernels.end(), kernels.begin(), kernels.end());
  }
  for (Attention& attention : attention_) {
    GpuKernel all;
    all.kind = GpuKernelKind::attention;
    all.count = attention.layers;
    for (const Slice& slice : batch.slices) {
      const GpuKernel chunk = slice.rows == 1 ? decode(attention, slice.start)
                                              : attend(attention, slice.start, slice.rows);
      all.kv_bytes += chunk.kv_bytes;
      all.streams += chunk.streams;
      all.activation_bytes += chunk.activation_bytes;
      all.flops += chunk.flops;
    }
    step.kernels.push_back(std::move(all));
  }
  return step;
}

models::GpuWorkload MixedSteps::storage(std::uint32_t tokens) const {
  TraceRequest request;
  request.cached_tokens = tokens - 1;
  request.routing = routing_;
  return gpu_workload(build_trace(shape_, request), chips_);
}

}  // namespace lutsim::workloads

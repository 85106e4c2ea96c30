// SPDX-License-Identifier: Apache-2.0
#include "tools/gpu/gpu_point.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "models/config/diagnostics.h"
#include "tools/support/choice.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;

/// "M,N,K"
std::array<std::uint64_t, 3> gemm_shape(const std::string& text) {
  std::istringstream in(text);
  char comma1 = 0, comma2 = 0;
  long long m = 0, n = 0, k = 0;
  if (!(in >> m >> comma1 >> n >> comma2 >> k) || comma1 != ',' || comma2 != ',' ||
      !(in >> std::ws).eof() || m < 1 || n < 1 || k < 1) {
    throw config::InputError("--gemm", "'" + text + "' is not M,N,K with three numbers above 0");
  }
  return {static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(n),
          static_cast<std::uint64_t>(k)};
}

std::uint32_t gpus_of(const GpuPoint& p, std::uint32_t named) {
  if (p.tensor_parallel == 0) return std::max(1u, named);
  if (named > 0 && named != p.tensor_parallel) {
    throw config::InputError("--tensor-parallel",
                             std::to_string(p.tensor_parallel) + " contradicts --gpu " + p.gpu);
  }
  return p.tensor_parallel;
}

models::GpuWorkload workload_of(const GpuPoint& p, std::uint32_t gpus) {
  if (!p.gemm.empty()) {
    if (gpus > 1)
      throw config::InputError("--gemm",
                               "runs on one GPU: give the part of the matrix that it has");
    const auto [m, n, k] = gemm_shape(p.gemm);
    models::GpuWorkload workload;
    workload.steps.emplace_back().kernels = {models::gemm_kernel("gemm", m, n, k, true)};
    return workload;
  }
  if (p.model.empty())
    throw config::InputError("lutsim gpu", "neither --gemm nor --model says what to run");
  workloads::TraceRequest request;
  request.batch = p.batch;
  if (choice<workloads::Phase>("--phase", p.phase) == workloads::Phase::prefill) {
    request.prompt_tokens = p.context;
  } else {
    // One step whose row attends to `context` positions, its own included.
    if (p.context < 2)
      throw config::InputError("--context", "must be at least 2 for a decode step");
    request.cached_tokens = p.context - 1;
  }
  return workloads::gpu_workload(build_trace(workloads::find_shape(p.model), request), gpus);
}

json pair(const models::GpuEstimate& e) { return {e.low, e.high}; }

json kernel_json(const GpuPoint& point, const models::GpuSpec& gpu, const models::GpuKernel& k) {
  json out = {{"kind", spec::to_string_of(k.kind)}, {"name", k.name}, {"count", k.count}};
  if (k.kind == models::GpuKernelKind::gemm) {
    out["m"] = k.m;
    out["n"] = k.n;
    out["k"] = k.k;
    out["groups"] = k.groups;
    out["takes_format"] = k.is_decoder_weight;
  }
  out["kv_bytes"] = k.kv_bytes;
  out["streams"] = k.streams;
  out["activation_bytes"] = k.activation_bytes;
  out["link_bytes"] = k.link_bytes;
  out["flops"] = k.flops;
  out["time_s"] =
      models::gpu_kernel_seconds(gpu, choice<models::GpuLine>("--line", point.line),
                                 choice<models::GpuPrecision>("--format", point.format), k);
  return out;
}

}  // namespace

GpuAnswer answer(const GpuPoint& p) {
  const auto line = choice<models::GpuLine>("--line", p.line);
  const auto precision = choice<models::GpuPrecision>("--format", p.format);
  models::GpuGroup group = models::load_gpu_group(p.gpu);
  GpuAnswer a;
  a.gpu = std::move(group.gpu);
  a.workload = workload_of(p, gpus_of(p, group.count));
  const models::GpuStep& step = a.workload.steps.front();
  if (!p.gemm.empty()) {
    a.result = models::evaluate_gpu_kernel(a.gpu, line, precision, step.kernels.front());
    return a;
  }
  a.tokens = step.is_prefill ? static_cast<double>(p.batch) * p.context : p.batch;
  a.result = models::evaluate_gpu(a.gpu, line, precision, a.workload);
  return a;
}

json to_json(const GpuPoint& p, const GpuAnswer& a, bool kernels) {
  const models::GpuResult& r = a.result;
  json out = {{"schema", "lutsim.gpu_result/1"},
              {"gpu", a.gpu.name},
              {"tensor_parallel", a.workload.gpus},
              {"line", p.line},
              {"format", p.format},
              {"fitted", a.gpu.fitted}};
  if (p.gemm.empty()) {
    out["model"] = p.model;
    out["phase"] = p.phase;
    out["batch"] = p.batch;
    out["context"] = p.context;
  } else {
    out["gemm"] = p.gemm;
  }
  out["time_s"] = r.total_s.value;
  out["time_interval_s"] = pair(r.total_s);
  out["power_w"] = r.power_w.value;
  out["power_interval_w"] = pair(r.power_w);
  out["energy_j"] = r.energy_j.value;
  out["energy_interval_j"] = pair(r.energy_j);
  if (a.tokens > 0) {
    const double t = a.tokens;
    out["tokens"] = t;
    out["tokens_per_s"] = t / r.total_s.value;
    out["tokens_per_s_interval"] = {t / r.total_s.high, t / r.total_s.low};
    out["energy_per_token_j"] = r.energy_j.value / t;
    out["energy_per_token_interval_j"] = {r.energy_j.low / t, r.energy_j.high / t};
    out["stored_bytes_per_gpu"] = r.stored_bytes;
    out["fits_memory"] = r.fits_memory;
  }
  if (kernels) {
    json list = json::array();
    for (const models::GpuKernel& k : a.workload.steps.front().kernels)
      list.push_back(kernel_json(p, a.gpu, k));
    out["kernels"] = std::move(list);
    out["logits"] = a.workload.steps.front().logits;
  }
  return out;
}

}  // namespace lutsim::tools

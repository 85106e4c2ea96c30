// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/config/diagnostics.h"
#include "models/gpu/gpu_model.h"
#include "tools/cli/choice.h"
#include "tools/cli/session.h"
#include "tools/run/format_units.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::tools {

namespace {

struct GpuOptions {
  std::string gpu = "a100-80gb", gemm, model;
  std::string phase = "decode", format = "fp16", line = "kernel";
  std::uint32_t batch = 1, context = 512;
  bool json = false, list = false;
};

/// "M,N,K"
std::array<std::uint64_t, 3> gemm_shape(const std::string& text) {
  std::array<std::uint64_t, 3> shape{};
  std::istringstream in(text);
  char comma1 = 0, comma2 = 0;
  long long m = 0, n = 0, k = 0;
  if (!(in >> m >> comma1 >> n >> comma2 >> k) || comma1 != ',' || comma2 != ',' ||
      !(in >> std::ws).eof() || m < 1 || n < 1 || k < 1) {
    throw config::InputError("--gemm", "'" + text + "' is not M,N,K with three numbers above 0");
  }
  shape = {static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(n),
           static_cast<std::uint64_t>(k)};
  return shape;
}

models::GpuResult evaluate(const GpuOptions& o, const models::GpuSpec& gpu) {
  const auto line = choice<models::GpuLine>("--line", o.line);
  const auto precision = choice<models::GpuPrecision>("--format", o.format);
  if (!o.gemm.empty()) {
    const auto [m, n, k] = gemm_shape(o.gemm);
    return models::evaluate_gpu_kernel(gpu, line, precision,
                                       models::gemm_kernel("gemm", m, n, k, true));
  }
  if (o.model.empty()) {
    throw config::InputError("lutsim gpu", "neither --gemm nor --model says what to run");
  }
  workloads::TraceRequest request;
  request.batch = o.batch;
  const auto phase = choice<workloads::Phase>("--phase", o.phase);
  if (phase == workloads::Phase::prefill) {
    request.prompt_tokens = o.context;
  } else {
    // One step whose row attends to `context` positions, its own included.
    if (o.context < 2)
      throw config::InputError("--context", "must be at least 2 for a decode step");
    request.cached_tokens = o.context - 1;
  }
  const auto trace = workloads::build_trace(workloads::find_shape(o.model), request);
  return models::evaluate_gpu(gpu, line, precision, workloads::gpu_workload(trace));
}

int run(const GpuOptions& o) {
  if (o.list) {
    for (const auto& name : models::list_gpus()) std::cout << name << "\n";
    return kDone;
  }
  const models::GpuSpec gpu = models::load_gpu(o.gpu);
  const models::GpuResult r = evaluate(o, gpu);
  const bool is_gemm = !o.gemm.empty();
  if (o.json) {
    nlohmann::ordered_json json = {{"schema", "lutsim.gpu_result/1"},
                                   {"gpu", gpu.name},
                                   {"line", o.line},
                                   {"format", o.format},
                                   {"fitted", gpu.fitted},
                                   {"time_s", r.total_s.value},
                                   {"time_interval_s", {r.total_s.low, r.total_s.high}},
                                   {"power_w", r.power_w.value},
                                   {"power_interval_w", {r.power_w.low, r.power_w.high}},
                                   {"energy_j", r.energy_j.value}};
    if (!is_gemm) {
      json["energy_per_token_j"] = 1.0 / r.tokens_per_j.value;
      json["tokens_per_s"] = r.tokens_per_s.value;
      json["fits_memory"] = r.fits_memory;
    }
    std::cout << json.dump(2) << "\n";
    return kDone;
  }
  fmt::print("{}, {} weights, line {}{}\n", gpu.title, o.format, o.line,
             gpu.fitted ? "" : " (not fitted to measurements)");
  fmt::print("  time    {} [{} .. {}]\n", si(r.total_s.value, "s"), si(r.total_s.low, "s"),
             si(r.total_s.high, "s"));
  fmt::print("  power   {} [{} .. {}]\n", si(r.power_w.value, "W"), si(r.power_w.low, "W"),
             si(r.power_w.high, "W"));
  if (!is_gemm) {
    fmt::print("  tokens  {:.4g} per second, {} each{}\n", r.tokens_per_s.value,
               si(1.0 / r.tokens_per_j.value, "J"),
               r.fits_memory ? "" : "; the model does not fit its memory");
  }
  return kDone;
}

}  // namespace

void add_gpu_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<GpuOptions>();
  CLI::App* c = app.add_subcommand("gpu", "time, power and energy of a GEMM or a step on a GPU");
  c->add_option("--gpu", o->gpu, "named GPU")->capture_default_str();
  c->add_option("--gemm", o->gemm, "M,N,K of one matrix product");
  c->add_option("--model", o->model, "name of a model shape");
  c->add_option("--phase", o->phase, choices<workloads::Phase>())->capture_default_str();
  c->add_option("--batch", o->batch, "sequences")->capture_default_str();
  c->add_option("--context", o->context,
                "tokens: of the prompt (prefill), or that the decoded row attends to")
      ->capture_default_str();
  c->add_option("--format", o->format, choices<models::GpuPrecision>())->capture_default_str();
  c->add_option("--line", o->line, choices<models::GpuLine>())->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the GPUs");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

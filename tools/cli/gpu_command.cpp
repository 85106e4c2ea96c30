// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <iostream>
#include <memory>

#include "models/config/diagnostics.h"
#include "tools/cli/session.h"
#include "tools/gpu/gpu_point.h"
#include "tools/run/format_units.h"
#include "tools/support/choice.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

namespace {

struct GpuOptions {
  GpuPoint point;
  std::string points;
  bool json = false, kernels = false, list = false;
};

std::string range(double value, double low, double high, const char* unit) {
  return fmt::format("{} [{} .. {}]", si(value, unit), si(low, unit), si(high, unit));
}

std::string range(const models::GpuEstimate& e, const char* unit) {
  return range(e.value, e.low, e.high, unit);
}

void print(const GpuPoint& p, const GpuAnswer& a) {
  const models::GpuResult& r = a.result;
  const std::string group = a.workload.gpus == 1 ? "" : std::to_string(a.workload.gpus) + " x ";
  fmt::print("{}{}, {} weights, line {}{}\n", group, a.gpu.title, p.format, p.line,
             a.gpu.fitted ? "" : " (not fitted to measurements)");
  fmt::print("  time    {}\n", range(r.total_s, "s"));
  fmt::print("  power   {}\n", range(r.power_w, "W"));
  if (a.tokens == 0) return;
  fmt::print("  tokens  {:.4g} per second [{:.4g} .. {:.4g}], {} each{}\n",
             a.tokens / r.total_s.value, a.tokens / r.total_s.high, a.tokens / r.total_s.low,
             range(r.energy_j.value / a.tokens, r.energy_j.low / a.tokens,
                   r.energy_j.high / a.tokens, "J"),
             r.fits_memory ? "" : "; the model does not fit its memory");
}

void print_kernels(const nlohmann::ordered_json& result) {
  fmt::print("  kernels\n");
  for (const auto& k : result.at("kernels")) {
    const double seconds = k.at("time_s");
    const int count = k.at("count");
    fmt::print("    {:4} x {:<12} {:<34} {:>9} each, {:>9}\n", count,
               k.at("kind").get<std::string>(), k.at("name").get<std::string>(), si(seconds, "s"),
               si(count * seconds, "s"));
  }
}

int answer_points(const GpuOptions& o) {
  auto all = nlohmann::ordered_json::array();
  for (const GpuPoint& point : read_gpu_points(o.points, o.point))
    all.push_back(to_json(point, answer(point), o.kernels));
  std::cout << all.dump(o.json ? 2 : -1) << "\n";
  return kDone;
}

int run(const GpuOptions& o) {
  if (o.list) {
    for (const auto& name : models::list_gpus()) std::cout << name << "\n";
    return kDone;
  }
  if (!o.points.empty()) return answer_points(o);
  const GpuAnswer a = answer(o.point);
  const bool with_kernels = o.kernels;
  if (o.json) {
    std::cout << to_json(o.point, a, with_kernels).dump(2) << "\n";
    return kDone;
  }
  print(o.point, a);
  if (with_kernels) print_kernels(to_json(o.point, a, true));
  return kDone;
}

}  // namespace

void add_gpu_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<GpuOptions>();
  GpuPoint& p = o->point;
  CLI::App* c = app.add_subcommand("gpu", "time, power and energy of a GEMM or a step on a GPU");
  c->add_option("--gpu", p.gpu, "named GPU or its YAML file; NAME:N is --tensor-parallel N")
      ->capture_default_str();
  c->add_option("--tensor-parallel", p.tensor_parallel, "GPUs that share every layer of the model")
      ->check(CLI::Range(1, 1024));
  c->add_option("--gemm", p.gemm, "M,N,K of one matrix product");
  c->add_option("--model", p.model, "name of a model shape");
  c->add_option("--phase", p.phase, choices<workloads::Phase>())->capture_default_str();
  c->add_option("--batch", p.batch, "sequences")->capture_default_str();
  c->add_option("--context", p.context,
                "tokens: of the prompt (prefill), or that the decoded row attends to")
      ->capture_default_str();
  c->add_option("--format", p.format, choices<models::GpuPrecision>())->capture_default_str();
  c->add_option("--line", p.line, choices<models::GpuLine>())->capture_default_str();
  c->add_option("--points", o->points,
                "CSV file of many points, a column for each option above; prints a JSON array");
  c->add_flag("--kernels", o->kernels, "with every kernel of the step and its time");
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the GPUs");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

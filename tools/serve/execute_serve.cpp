// SPDX-License-Identifier: Apache-2.0
#include "tools/serve/execute_serve.h"

#include <algorithm>

#include "models/config/diagnostics.h"
#include "tools/serve/request_source.h"
#include "tools/serve/serve_devices.h"
#include "tools/support/choice.h"
#include "tools/support/split.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::tools {

namespace {

ServedComparison compare(const ServedDevice& ours, const ServedDevice& gpu, std::size_t index,
                         std::uint64_t seed) {
  ServedComparison c;
  c.gpu = index;
  const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
  c.throughput_ratio =
      ratio(ours.output_tokens() / ours.run.makespan_s, gpu.output_tokens() / gpu.run.makespan_s);
  c.goodput_ratio = ratio(static_cast<double>(ours.metrics.good) / ours.run.makespan_s,
                          static_cast<double>(gpu.metrics.good) / gpu.run.makespan_s);
  c.ttft_ratio = ratio(gpu.metrics.ttft_s.p50, ours.metrics.ttft_s.p50);
  c.tpot_ratio = ratio(gpu.metrics.tpot_s.p50, ours.metrics.tpot_s.p50);
  const double tokens = gpu.output_tokens();
  if (tokens > 0 && ours.output_tokens() > 0) {
    c.tokens_per_j = models::efficiency_ratio_interval(
        *ours.energy, ours.output_tokens(),
        {tokens / gpu.joules.value, tokens / gpu.joules.high, tokens / gpu.joules.low}, {seed});
  }
  return c;
}
}  // namespace

ServeResult execute_serve(const ServeSpec& spec, const ServeOptions& options) {
  ServeResult result;
  result.spec = spec;
  std::vector<models::ModelShape> shapes;
  for (const std::string& name : split_names(spec.models))
    shapes.push_back(workloads::find_shape(name));
  if (shapes.empty()) throw config::InputError("--model", "no model is named");
  std::vector<models::GpuGroup> gpus;
  for (const std::string& name : split_names(spec.gpus))
    gpus.push_back(models::load_gpu_group(name));
  if (!spec.accelerator && gpus.empty())
    throw config::InputError("--gpu", "neither the accelerator nor a GPU is to serve");
  std::vector<models::GpuPrecision> formats;
  for (const std::string& name : split_names(spec.gpu_formats))
    formats.push_back(choice<models::GpuPrecision>("--gpu-format", name));
  std::vector<models::GpuLine> lines;
  for (const std::string& name : split_names(spec.gpu_lines))
    lines.push_back(choice<models::GpuLine>("--gpu-line", name));
  result.trace = requests_of(spec, shapes.size());
  if (spec.long_requests == LongRequests::cut)
    result.cut_requests = cut_long_prompts(result.trace, shapes, spec.max_context);

  double adapter_bytes = 0;
  const workloads::AcceleratorOptions accelerator = accelerator_options(spec, shapes);
  for (const auto& model : accelerator.models)
    adapter_bytes = std::max(adapter_bytes, workloads::scale_bytes(model, 1));
  // What can be refused is refused before the long part.
  std::vector<workloads::GpuServerOptions> servers;
  for (const models::GpuGroup& named : gpus) {
    for (const auto precision : formats) {
      for (const auto line : lines) {
        workloads::GpuServerOptions o;
        o.gpu = named.gpu;
        o.line = line;
        o.precision = precision;
        o.shapes = shapes;
        o.page_tokens = spec.page_tokens;
        o.reserve = spec.gpu_reserve;
        o.adapters = spec.adapters;
        o.adapter_bytes = adapter_bytes;
        servers.push_back(fitted(o, named.count));
      }
    }
  }
  if (spec.accelerator)
    result.devices.push_back(serve_accelerator(spec, options, shapes, result.trace.requests));
  for (const auto& server : servers)
    result.devices.push_back(serve_gpu(spec, options, server, result.trace.requests));
  for (ServedDevice& device : result.devices) {
    device.metrics =
        workloads::metrics_of(device.run.records, {spec.objective_ttft, spec.objective_tpot});
  }
  if (spec.accelerator) {
    for (std::size_t i = 1; i < result.devices.size(); ++i)
      result.comparisons.push_back(compare(result.devices[0], result.devices[i], i, spec.seed));
  }
  return result;
}

}  // namespace lutsim::tools

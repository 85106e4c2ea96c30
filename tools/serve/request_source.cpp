// SPDX-License-Identifier: Apache-2.0
#include "tools/serve/request_source.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "workloads/serving/request_files.h"

namespace lutsim::tools {

namespace {

namespace fs = std::filesystem;

fs::path outside_file(const std::string& name) {
  const char* given = std::getenv("LUTSIM_DATA");
  const fs::path data = given ? fs::path(given) : config::data_root() / "../shared/data";
  fs::path file = data / "traces" / name;
  if (!fs::exists(file)) {
    throw config::InputError("--trace", file.string() + " is not there",
                             "set LUTSIM_DATA to the folder that holds traces/, or give a file");
  }
  return file;
}

fs::path file_of(const std::string& trace) {
  if (trace == "azure-conv") return outside_file("azure2023/AzureLLMInferenceTrace_conv.csv");
  if (trace == "azure-code") return outside_file("azure2023/AzureLLMInferenceTrace_code.csv");
  if (trace == "sharegpt") return outside_file("sharegpt300/sharegpt-llama-3.1-8b-300-sps10.jsonl");
  return trace;
}

}  // namespace

workloads::RequestTrace requests_of(const ServeSpec& spec, std::size_t models) {
  workloads::GeneratorOptions generator;
  generator.seed = spec.seed;
  generator.burstiness = spec.burstiness;
  generator.lengths = spec.lengths;
  generator.shared_share = spec.shared_share;
  generator.shared_groups = spec.shared_groups;
  generator.shared_tokens = spec.shared_tokens;
  generator.models = static_cast<std::uint32_t>(models);
  generator.adapters = spec.adapters;
  if (!spec.trace.empty()) {
    if (spec.rate > 0)
      throw config::InputError("--rate", "is for generated requests; a trace has its own");
    workloads::RequestTrace trace = workloads::read_requests(file_of(spec.trace));
    for (const workloads::Request& request : trace.requests) {
      if (request.adapter < spec.adapters) continue;
      throw config::InputError(spec.trace,
                               "a request has adapter " + std::to_string(request.adapter) +
                                   ", --adapters " + std::to_string(spec.adapters) + " are 0 .. " +
                                   std::to_string(spec.adapters - 1),
                               "give --adapters the number of adapters of the trace");
    }
    if (spec.duration > 0) {
      auto& requests = trace.requests;
      requests.erase(std::remove_if(requests.begin(), requests.end(),
                                    [&](const workloads::Request& request) {
                                      return request.arrival_s >= spec.duration;
                                    }),
                     requests.end());
    }
    workloads::assign(trace, generator);
    return trace;
  }
  if (!(spec.rate > 0) || !(spec.duration > 0)) {
    throw config::InputError("lutsim serve", "there are no requests",
                             "give --trace NAME, or --rate and --duration");
  }
  generator.rate = spec.rate;
  generator.duration_s = spec.duration;
  return workloads::generate_requests(generator);
}

std::uint64_t cut_long_prompts(workloads::RequestTrace& trace,
                               const std::vector<models::ModelShape>& shapes,
                               std::uint32_t max_context) {
  std::uint64_t cut = 0;
  for (workloads::Request& request : trace.requests) {
    const std::uint32_t context = std::min(max_context, shapes[request.model].max_context);
    const std::uint32_t rest = request.output_tokens > 0 ? request.output_tokens - 1 : 0;
    if (rest >= context || request.prompt_tokens + rest <= context) continue;
    request.prompt_tokens = context - rest;
    request.shared_tokens = std::min(request.shared_tokens, request.prompt_tokens);
    if (!request.prompt_ids.empty()) request.prompt_ids.resize(request.prompt_tokens);
    ++cut;
  }
  return cut;
}

}  // namespace lutsim::tools

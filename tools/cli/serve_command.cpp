// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"
#include "models/gpu/gpu_model.h"
#include "tools/cli/model_lists.h"
#include "tools/cli/session.h"
#include "tools/output/output_directory.h"
#include "tools/output/progress.h"
#include "tools/serve/execute_serve.h"
#include "tools/serve/simulated_points.h"
#include "tools/support/choice.h"
#include "tools/support/parallel.h"
#include "tools/support/this_program.h"
#include "tools/support/utc_now.h"

namespace lutsim::tools {

namespace {

/// Options as given; what was not given stays as the file or the default has it.
struct ServeCommand {
  ServeSpec spec;
  std::string arch = "default", config, out, cache, objective, lengths, long_requests;
  std::vector<std::string> sets;
  unsigned jobs = default_jobs();
  bool gpu_only = false, no_prefix_reuse = false, json = false, list = false;
};

/// "ttft=500ms,tpot=0.05": a number of seconds, or with its unit.
void read_objective(const std::string& text, ServeSpec& spec) {
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t equal = part.find('=');
    const std::string key = part.substr(0, equal);
    std::istringstream rest(equal == std::string::npos ? "" : part.substr(equal + 1));
    double value = 0;
    std::string unit;
    const bool has_value = static_cast<bool>(rest >> value);
    rest >> unit;
    const bool is_known = key == "ttft" || key == "tpot";
    if (!is_known || !has_value || !(value > 0) || (!unit.empty() && unit != "s" && unit != "ms"))
      throw config::InputError("--objective", "'" + part + "' is not ttft=TIME or tpot=TIME",
                               "for example ttft=2s,tpot=100ms");
    if (unit == "ms") value /= 1000;
    (key == "ttft" ? spec.objective_ttft : spec.objective_tpot) = value;
  }
}

ServeSpec spec_of(const ServeCommand& c) {
  ServeSpec spec = c.spec;
  if (!c.config.empty()) {
    std::vector<std::string> sets;
    for (const std::string& set : c.sets) sets.push_back("arch." + set);
    return config::read_yaml<ServeSpec>(c.config, sets);
  }
  if (spec.models.empty())
    throw config::InputError("lutsim serve", "no model is named", "try --model llama-3.1-8b");
  spec.arch = config::load_arch(c.arch, c.sets);
  spec.accelerator = !c.gpu_only;
  spec.prefix_reuse = !c.no_prefix_reuse;
  if (!c.lengths.empty()) spec.lengths = choice<workloads::LengthProfile>("--lengths", c.lengths);
  if (!c.long_requests.empty())
    spec.long_requests = choice<LongRequests>("--long-requests", c.long_requests);
  read_objective(c.objective, spec);
  config::apply_sets(spec, {});  // the same checks for options as for files
  return spec;
}

/// One line a request, one column block a device.
std::string requests_csv(const ServeResult& result) {
  std::ostringstream out;
  out << "device,request,arrival_s,prompt_tokens,output_tokens,ttft_s,tpot_s,latency_s,preemptions,"
         "refused\n";
  for (std::size_t i = 0; i < result.devices.size(); ++i) {
    for (const auto& r : result.devices[i].run.records) {
      out << i << ',' << r.request << ',' << r.arrival_s << ',' << r.prompt_tokens << ','
          << r.generated << ',';
      if (r.generated > 0) out << r.first_token_s - r.arrival_s;
      out << ',';
      if (r.generated > 1) out << (r.last_token_s - r.first_token_s) / (r.generated - 1);
      out << ',';
      if (r.finished) out << r.end_s - r.arrival_s;
      out << ',' << r.preemptions << ',' << r.refused << '\n';
    }
  }
  return out.str();
}

int run(const ServeCommand& c, const Session& session) {
  if (c.list) {
    std::cout << all_names();
    return kDone;
  }
  const ServeSpec spec = spec_of(c);
  std::optional<OutputDirectory> output;
  if (!c.out.empty()) output.emplace(c.out);

  ServeOptions options;
  options.program = this_program().string();
  options.point_folder = c.cache.empty() ? default_point_folder() : std::filesystem::path(c.cache);
  options.jobs = c.jobs;
  std::string stage;
  std::optional<Progress> progress;
  options.progress = [&](const std::string& what, std::uint64_t done, std::uint64_t total) {
    if (what != stage) {
      if (progress) progress->finish();
      progress.emplace("lutsim serve, " + what);
      stage = what;
    }
    if (done > 0) progress->update(done, total);
  };
  const ServeResult result = execute_serve(spec, options);
  if (progress) progress->finish();

  for (const ServedDevice& d : result.devices) {
    std::ostringstream line;
    line << std::fixed << std::setprecision(1) << d.name << " " << d.precision << ": ";
    if (d.is_accelerator)
      line << d.simulated_points << " passes simulated and " << d.kept_points << " read in "
           << d.points_s << " s, ";
    line << d.run.iterations << " iterations in " << d.serving_s << " s\n";
    std::cerr << line.str();
  }
  const auto json = to_json(result, {session.command_line, utc_now()});
  const std::string report = serve_report(json);
  if (output) {
    output->add("result.json", json.dump(2) + "\n");
    output->add("config.resolved.yaml", config::write_yaml(spec));
    output->add("report.txt", report);
    output->add("requests.csv", requests_csv(result));
    output->commit();
    std::cerr << "results: " << output->path().string()
              << "/result.json, report.txt, requests.csv\n";
  }
  std::cout << (c.json ? json.dump(2) + "\n" : report);
  return kDone;
}

}  // namespace

void add_serve_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<ServeCommand>();
  ServeSpec& s = o->spec;
  CLI::App* c = app.add_subcommand(
      "serve", "serve a trace of requests: latency, throughput, energy, against GPUs");
  c->add_option("--arch", o->arch, "named accelerator or its YAML file")->capture_default_str();
  c->add_option("--set", o->sets, "change a parameter of the accelerator: key=value");
  c->add_option("--config", o->config, "config.resolved.yaml of an earlier run, run again");
  c->add_option("--model", s.models, "model shapes that are served, separated by commas");
  c->add_option("--weight-bits", s.weight_bits, "accelerator: bit-planes of a weight");
  c->add_option("--group-size", s.group_size, "weights along K that share their scales");
  c->add_option("--kv-bits", s.kv_bits, "accelerator: bits of a cached element");
  c->add_option("--adapters", s.adapters, "sets of scales of each model, drawn by requests");
  c->add_option("--replicas", s.replicas, "accelerators side by side")->capture_default_str();
  c->add_option("--token-budget", s.token_budget, "accelerator: rows of one iteration")
      ->capture_default_str();
  c->add_option("--max-sequences", s.max_sequences, "accelerator: sequences at a time")
      ->capture_default_str();
  c->add_flag("--exact", s.exact, "simulate every distinct pass, no interpolation");
  c->add_flag("--gpu-only", o->gpu_only, "without the accelerator");
  c->add_option("--gpu", s.gpus, "GPUs, NAME or NAME:COUNT (tensor parallel)");
  c->add_option("--gpu-format", s.gpu_formats, choices<models::GpuPrecision>())
      ->capture_default_str();
  c->add_option("--gpu-line", s.gpu_lines, choices<models::GpuLine>())->capture_default_str();
  c->add_option("--gpu-replicas", s.gpu_replicas, "GPUs side by side")->capture_default_str();
  c->add_option("--gpu-token-budget", s.gpu_token_budget, "GPU: rows of one iteration")
      ->capture_default_str();
  c->add_option("--gpu-max-sequences", s.gpu_max_sequences, "GPU: sequences at a time")
      ->capture_default_str();
  c->add_option("--gpu-reserve", s.gpu_reserve,
                "share of its memory that is neither weights nor cache")
      ->capture_default_str();
  c->add_option("--page-tokens", s.page_tokens, "positions of a page of the cache")
      ->capture_default_str();
  c->add_option("--max-context", s.max_context, "longest sequence that is served")
      ->capture_default_str();
  c->add_flag("--no-prefix-reuse", o->no_prefix_reuse, "compute equal beginnings again");
  c->add_option("--trace", s.trace, "azure-conv, azure-code, sharegpt, or a .csv or .jsonl file");
  c->add_option("--rate", s.rate, "generated requests per second");
  c->add_option("--duration", s.duration, "seconds of arrivals; of a trace the first ones");
  c->add_option("--burstiness", s.burstiness, "of generated gaps; 1: Poisson")
      ->capture_default_str();
  c->add_option("--lengths", o->lengths,
                "of generated requests: " + choices<workloads::LengthProfile>());
  c->add_option("--shared-share", s.shared_share, "of requests with a shared beginning");
  c->add_option("--shared-tokens", s.shared_tokens, "its length")->capture_default_str();
  c->add_option("--shared-groups", s.shared_groups, "different ones")->capture_default_str();
  c->add_option("--long-requests", o->long_requests,
                "longer than the context: " + choices<LongRequests>());
  c->add_option("--objective", o->objective, "of a good request: ttft=TIME,tpot=TIME");
  c->add_option("--seed", s.seed, "of requests and intervals")->capture_default_str();
  c->add_option("--cache", o->cache, "folder of simulated passes");
  c->add_option("--jobs", o->jobs, "simulations at a time")->capture_default_str();
  c->add_option("--out", o->out, "folder for result.json, report.txt and requests.csv");
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names that there are");
  c->callback([o, &session] { session.status = run(*o, session); });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"
#include "tools/cli/model_lists.h"
#include "tools/cli/session.h"
#include "tools/cli/workload_options.h"
#include "tools/output/output_directory.h"
#include "tools/output/progress.h"
#include "tools/run/execute_run.h"
#include "tools/run/text_report.h"
#include "tools/run/timeline.h"
#include "tools/support/choice.h"
#include "tools/support/utc_now.h"

namespace lutsim::tools {

namespace {

/// Options as given; an empty text or optional was not given.
struct RunOptions {
  std::string arch = "default";
  std::string config;
  WorkloadOptions workload;
  std::string engine, engine_impl, rtl_layers;
  std::optional<std::string> gpus;
  std::vector<std::string> sets;
  std::optional<std::uint64_t> seed;
  std::string out;
  bool functional = false, exact = false, json = false, list = false;
};

RunSpec run_spec_of(const RunOptions& o) {
  RunSpec spec;
  if (!o.config.empty()) {
    std::vector<std::string> sets;
    for (const std::string& set : o.sets) sets.push_back("arch." + set);
    spec = config::read_yaml<RunSpec>(o.config, sets);
  } else {
    spec.arch = config::load_arch(o.arch, o.sets);
    spec.workload = workload_of(o.workload, "lutsim run");
  }
  if (!o.engine.empty()) {
    spec.arch.matrix =
        spec::with_engine(spec.arch.matrix, choice<spec::Engine>("--engine", o.engine));
  }
  if (!o.engine_impl.empty()) {
    spec.engine_impl = choice<EngineImpl>("--engine-impl", o.engine_impl);
  }
  if (!o.rtl_layers.empty()) spec.rtl_layers = o.rtl_layers;
  if (o.functional) spec.functional = true;
  if (o.exact) spec.exact = true;
  if (o.gpus) spec.gpus = *o.gpus;
  if (o.seed) spec.seed = *o.seed;
  // The same checks for options as for files.
  config::apply_sets(spec, {});
  return spec;
}

int run(const RunOptions& options, const Session& session) {
  if (options.list) {
    std::cout << all_names();
    return kDone;
  }
  const RunSpec spec = run_spec_of(options);
  std::optional<OutputDirectory> output;
  if (!options.out.empty()) output.emplace(options.out);

  Progress progress("lutsim run");
  const RunResult result = execute_run(
      spec, [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
  progress.finish();

  const auto json = to_json(result, {session.command_line, utc_now()});
  const std::string report = run_report(json);
  if (output) {
    output->add("result.json", json.dump(2) + "\n");
    output->add("config.resolved.yaml", config::write_yaml(spec));
    output->add("report.txt", report);
    output->add("timeline.json", timeline_trace(result));
    output->add("timeline.html", timeline_page(result));
    output->commit();
    std::cerr << "results: " << output->path().string()
              << "/result.json, report.txt, timeline.html\n";
  }
  std::cout << (options.json ? json.dump(2) + "\n" : report);
  return result.functional && !result.functional->equals_golden ? kCheckFailed : kDone;
}

}  // namespace

void add_run_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<RunOptions>();
  CLI::App* c = app.add_subcommand(
      "run", "run a model on the accelerator: time, energy, and the ratio against GPUs");
  c->add_option("--arch", o->arch, "named accelerator or its YAML file")->capture_default_str();
  add_workload_options(*c, o->workload);
  c->add_option("--config", o->config, "config.resolved.yaml of an earlier run, run again");
  c->add_option(
      "--engine", o->engine,
      "arithmetic of the matrix unit at equal peak throughput: " + choices<spec::Engine>());
  c->add_option("--engine-impl", o->engine_impl,
                "golden model or Verilated RTL: " + choices<EngineImpl>());
  c->add_option("--rtl-layers", o->rtl_layers,
                "layers that run on the Verilated RTL, for example 0,3-5; the rest is modelled");
  c->add_option(
      "--gpu", o->gpus,
      "GPUs to compare with, NAME[:COUNT][:PRECISION][:LINE], separated by commas; '' for none");
  c->add_option("--set", o->sets, "override of one parameter, key=value (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--seed", o->seed, "seed of sampling and of the uncertainty analysis");
  c->add_option(
      "--out", o->out,
      "folder for result.json, config.resolved.yaml, report.txt, timeline.json and .html");
  c->add_flag("--functional", o->functional,
              "compute every tensor and compare with the golden model");
  c->add_flag("--exact", o->exact, "simulate every command, no shortcut");
  c->add_flag("--json", o->json, "print the result file and nothing else");
  c->add_flag("--list", o->list, "print the names that there are");
  c->callback([o, &session] { session.status = run(*o, session); });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "models/config/read_yaml.h"
#include "tools/cli/model_lists.h"
#include "tools/cli/session.h"
#include "tools/cli/workload_options.h"
#include "tools/compare/execute_compare.h"
#include "tools/output/output_directory.h"
#include "tools/output/progress.h"
#include "tools/support/parallel.h"
#include "tools/support/this_program.h"

namespace lutsim::tools {

namespace {

struct CompareOptions {
  CompareSpec spec;
  WorkloadOptions workload;
  std::string objective = "energy_per_token", out;
  std::vector<std::string> requirements, quality;
  bool json = false, list = false;
};

std::string objective_names() {
  std::vector<std::string> names;
  for (const MetricInfo& m : metrics()) names.emplace_back(m.name);
  return config::comma_list(names);
}

int run(CompareOptions& o) {
  if (o.list) {
    std::cout << "objectives and requirements (--objective, --require)\n";
    for (const MetricInfo& m : metrics()) std::cout << "  " << m.name << ": " << m.doc << "\n";
    std::cout << all_names();
    return kDone;
  }
  CompareSpec& spec = o.spec;
  spec.judgement.objective = metric_of("--objective", o.objective);
  for (const std::string& r : o.requirements) {
    spec.judgement.requirements.push_back(parse_requirement(r));
  }
  spec.has_workload = o.workload.is_given();
  if (spec.has_workload) spec.base.workload = workload_of(o.workload, "lutsim compare");
  // The same checks for options as for files.
  config::apply_sets(spec.base.workload, {});
  spec.base.seed = spec.judgement.sampling.seed;
  spec.quality_tables.insert(spec.quality_tables.end(), o.quality.begin(), o.quality.end());
  spec.program = this_program().string();
  std::optional<OutputDirectory> output;
  if (!o.out.empty()) output.emplace(o.out);

  Progress progress("lutsim compare");
  const Comparison comparison = execute_compare(
      spec, [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
  progress.finish();
  const std::string json = comparison_json(comparison).dump(2) + "\n";
  const std::string report = comparison_report(comparison);
  if (output) {
    output->add("comparison.json", json);
    output->add("report.txt", report);
    output->commit();
    std::cerr << "results: " << output->path().string() << "/comparison.json, report.txt\n";
  }
  std::cout << (o.json ? json : report);
  return comparison.order.front().is_admissible ? kDone : kCheckFailed;
}

}  // namespace

void add_compare_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<CompareOptions>();
  o->spec.jobs = default_jobs();
  CLI::App* c = app.add_subcommand(
      "compare", "which hardware for this workload: ranked, why each loses, what could change it");
  CLI::Option* candidates = c->add_option(
      "CANDIDATE", o->spec.candidates,
      "folder of a run, ARCH[:CHIPS][:KEY=VALUE]..., or GPU[:COUNT][:PRECISION][:LINE]");
  add_workload_options(*c, o->workload);
  c->add_option("--objective", o->objective, objective_names())->capture_default_str();
  c->add_option("--require", o->requirements,
                "bound that a candidate must keep, tpot<=50ms for example (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--cost", o->spec.cost_table, "table of prices")->capture_default_str();
  c->add_option("--quality", o->quality, "file of measured perplexities beside the published ones")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--seed", o->spec.judgement.sampling.seed, "of the draws")->capture_default_str();
  c->add_option("--jobs", o->spec.jobs, "simulations at a time")->capture_default_str();
  c->add_option("--out", o->out, "folder for comparison.json and report.txt");
  c->add_flag("--json", o->json, "print the machine-readable result and nothing else");
  CLI::Option* list = c->add_flag("--list", o->list, "print what can be compared and by what");
  c->callback([o, candidates, list, &session] {
    if (candidates->count() == 0 && list->count() == 0) {
      throw config::InputError("lutsim compare", "no candidate is named",
                               "try: lutsim compare lpddr-chip h100-sxm --model llama-2-7b");
    }
    session.status = run(*o);
  });
}

}  // namespace lutsim::tools

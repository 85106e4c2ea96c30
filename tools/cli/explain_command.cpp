// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "tools/cli/session.h"
#include "tools/output/progress.h"
#include "tools/run/energy_explanation.h"
#include "tools/run/read_result.h"
#include "tools/run/text_report.h"
#include "tools/run/what_if.h"
#include "tools/support/parallel.h"
#include "tools/support/this_program.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;

struct ExplainOptions {
  std::string run;
  bool what_if = false, energy = false;
  std::optional<std::string> conclusion, against;
  unsigned jobs = default_jobs();
  bool json = false;
};

/// Runs the run again with each resource changed, after the configuration beside its result.
std::vector<ChangeOutcome> changes_of(const ExplainOptions& o) {
  const std::filesystem::path run = o.run;
  const auto folder = std::filesystem::is_directory(run) ? run : run.parent_path();
  const auto spec = config::read_yaml<RunSpec>((folder / "config.resolved.yaml").string());
  Progress progress("lutsim explain --what-if");
  return what_if(spec, this_program().string(), o.jobs,
                 [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
}

/// `explain --energy`, which does not run anything.
void explain_energy_of(const ExplainOptions& o, const json& result) {
  const auto explanation =
      explain_energy(result, o.run, parse_conclusion(o.conclusion.value_or("ratio>=8")),
                     parse_gpu_choice(o.against.value_or("")));
  if (o.json) {
    std::cout << energy_explanation_json(result, explanation).dump(2) << "\n";
  } else {
    std::cout << energy_explanation_text(result, explanation);
  }
}

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<ExplainOptions>();
  CLI::App* c = app.add_subcommand("explain", "where the time and energy of a run went");
  c->add_option("RUN", o->run, "folder of a run, or its result.json")->required();
  c->add_flag("--what-if", o->what_if,
              "run it again with each resource changed: what would change it most");
  CLI::Option* energy = c->add_flag(
      "--energy", o->energy,
      "where the energy went by part, event and constant; which constants a conclusion turns on");
  c->add_option("--conclusion", o->conclusion,
                "with --energy: a statement about the power-efficiency ratio; 'ratio>=8' if absent")
      ->needs(energy);
  c->add_option(
       "--against", o->against,
       "with --energy: the GPU of the statement, NAME[:PRECISION[:LINE]]; the first of the "
       "run if absent")
      ->needs(energy);
  energy->excludes("--what-if");
  c->add_option("--jobs", o->jobs, "runs at a time")->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] {
    const json result = read_result(o->run);
    session.status = kDone;
    if (o->energy) return explain_energy_of(*o, result);
    std::vector<ChangeOutcome> changes;
    if (o->what_if) changes = changes_of(*o);
    if (o->json) {
      json answer = {{"bound_by", bottleneck(result)},
                     {"bounds_s", result.at("bounds_s")},
                     {"utilization", result.at("utilization")},
                     {"cycles", result.at("cycles")},
                     {"critical_path", result.at("critical_path")},
                     {"operators", result.at("operators")},
                     {"energy_j", result.at("energy_j")},
                     {"events", result.at("events")}};
      if (o->what_if) answer["what_if"] = to_json(changes);
      std::cout << answer.dump(2) << "\n";
    } else {
      std::cout << explain_report(result);
      if (o->what_if) std::cout << what_if_report(result, changes);
    }
  });
}

}  // namespace lutsim::tools

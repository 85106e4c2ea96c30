// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "tools/cli/session.h"
#include "tools/output/output_directory.h"
#include "tools/output/progress.h"
#include "tools/support/choice.h"
#include "tools/support/parallel.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"
#include "tools/support/this_program.h"
#include "tools/sweep/point_run.h"
#include "tools/sweep/slurm.h"
#include "tools/sweep/sweep.h"

namespace lutsim::tools {

namespace {

namespace fs = std::filesystem;

struct SweepCommand {
  std::string space, shard, merge, cluster, out, config_of;
  std::vector<std::string> reuse, cluster_options;
  std::uint32_t shards = 4;
  unsigned jobs = default_jobs();
  bool resume = false, retry_failed = false, json = false;
};

struct PointCommand {
  std::string config, fidelity;
};

/// What the sweep of a folder says, and the exit status that goes with it.
int report(const SweepCommand& c, const fs::path& folder, const sweep::SweepOutcome& outcome) {
  const bool is_whole = !outcome.summary.is_null();
  if (c.json) {
    std::cout << (is_whole ? outcome.summary.dump(2) : std::string("{}")) << "\n";
  } else {
    std::cout << outcome.text;
  }
  std::cerr << fmt::format("{} points run, {} found; results: {}\n", outcome.points_run,
                           outcome.points_found, (folder / "summary.json").string());
  if (outcome.interrupted) return kInterrupted;
  const bool is_complete = !is_whole || outcome.summary.at("complete").get<bool>();
  return outcome.failed > 0 || !is_complete ? kPointsFailed : kDone;
}

/// Whole lines of all results of a folder.
std::uint64_t records_in(const fs::path& folder) {
  std::uint64_t lines = 0;
  for (const fs::path& file : sweep::record_files(folder)) {
    const std::string text = read_file(file);
    lines += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }
  return lines;
}

int run_cluster(const SweepCommand& c, const sweep::SweepSpace& space, const Interrupt& interrupt) {
  if (c.cluster != "slurm")
    throw config::InputError("--cluster", "'" + c.cluster + "' is not one of: slurm",
                             "on another scheduler use --shard, see docs/sweep.md");
  const fs::path out = fs::absolute(c.out);
  OutputDirectory check(out);
  fs::create_directories(out);
  if (!c.resume && !sweep::record_files(out).empty())
    throw config::InputError(c.out, "holds results of a sweep",
                             "go on with --resume, or choose another --out");
  const std::string job =
      sweep::submit_slurm({this_program(), fs::absolute(c.space), out, space.keys.name, c.shards,
                           c.jobs, c.cluster_options});
  std::cerr << fmt::format("lutsim sweep: job {} with {} tasks, {}\n", job, c.shards,
                           (out / "slurm.sh").string());
  std::size_t last = 0;
  const bool is_over = sweep::watch_slurm(job, [&](std::size_t left) {
    if (left != last)
      std::cerr << fmt::format("lutsim sweep: {} tasks left, {} points\n", left, records_in(out));
    last = left;
    return !interrupt.stops();
  });
  if (!is_over) {
    std::cerr << fmt::format(
        "lutsim sweep: job {} goes on (scancel {}); then: lutsim sweep "
        "--merge {}\n",
        job, job, out.string());
    return kInterrupted;
  }
  return report(c, out, sweep::merge_sweep(out));
}

int run(const SweepCommand& c) {
  if (!c.merge.empty()) {
    if (!c.config_of.empty()) {
      std::cout << sweep::config_of_point(c.merge, c.config_of);
      return kDone;
    }
    return report(c, c.merge, sweep::merge_sweep(c.merge));
  }
  if (c.space.empty())
    throw config::InputError("lutsim sweep", "no file says what to sweep",
                             "for example lutsim sweep tools/sweep/examples/small.yaml --out DIR");
  if (c.out.empty())
    throw config::InputError("lutsim sweep", "--out is missing: the folder of the results");
  const sweep::SweepSpace space = sweep::read_space(c.space);
  if (!c.config_of.empty()) {
    std::cout << sweep::config_of_point(c.out, c.config_of);
    return kDone;
  }
  const Interrupt interrupt(
      "\nlutsim sweep: finishing the running points; once more to kill them\n");
  if (!c.cluster.empty()) return run_cluster(c, space, interrupt);

  sweep::SweepOptions options;
  options.out = c.out;
  if (!c.shard.empty()) options.shard = sweep::parse_shard(c.shard);
  options.resume = c.resume;
  options.evaluator.worker = {this_program(), "sweep-point"};
  options.evaluator.build = sha256_hex(read_file(this_program()));
  options.evaluator.jobs = c.jobs;
  options.evaluator.retry_failed = c.retry_failed;
  for (const std::string& folder : c.reuse) {
    if (sweep::record_files(folder).empty())
      throw config::InputError("--reuse", "'" + folder + "' holds no results of a sweep");
    options.evaluator.reuse.emplace_back(folder);
  }
  options.evaluator.interrupt = &interrupt;
  Progress progress("lutsim sweep");
  options.evaluator.progress = [&](std::uint64_t done, std::uint64_t total) {
    progress.update(done, total);
  };
  const bool asks = space.keys.strategy.kind == sweep::StrategyKind::ask_tell;
  std::ios::sync_with_stdio(false);  // the door must see which lines lie ready
  options.ask = &std::cin;
  options.tell = &std::cout;
  const sweep::SweepOutcome outcome = sweep::run_sweep(space, options);
  progress.finish();
  if (!asks) return report(c, c.out, outcome);
  std::cerr << outcome.text;  // standard output carries the answers
  return outcome.interrupted ? kInterrupted : outcome.failed > 0 ? kPointsFailed : kDone;
}

int run_worker(const PointCommand& c) {
  const auto run = config::read_yaml<RunSpec>(c.config);
  const auto fidelity = choice<sweep::Fidelity>("--fidelity", c.fidelity);
  std::cout << sweep::run_point(run, fidelity).dump() << "\n";
  return kDone;
}

}  // namespace

void add_sweep_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<SweepCommand>();
  CLI::App* c = app.add_subcommand(
      "sweep", "explore a space of designs: many runs, the Pareto front, tables");
  c->add_option("space", o->space, "YAML file of the space (docs/sweep.md)");
  c->add_option("--out", o->out, "folder of the results");
  c->add_option("--jobs", o->jobs, "points at a time")
      ->check(CLI::Range(1u, 4096u))
      ->capture_default_str();
  c->add_flag("--resume", o->resume, "go on in a folder that holds results of this sweep");
  c->add_flag("--retry-failed", o->retry_failed, "run points that failed again");
  c->add_option("--shard", o->shard, "i/K: this part of the points only, 1 <= i <= K");
  c->add_option("--merge", o->merge, "join the shards of this folder");
  c->add_option("--reuse", o->reuse, "folder of another sweep: points that it has are not run")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--cluster", o->cluster, "slurm: submit a job array of shards and wait for it");
  c->add_option("--shards", o->shards, "of --cluster")
      ->check(CLI::Range(1u, 100000u))
      ->capture_default_str();
  c->add_option(
       "--cluster-option", o->cluster_options,
       "of --cluster: a further option of sbatch, for example --time=02:00:00 (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option(
      "--config-of", o->config_of,
      "print the configuration of the point whose key begins so, for lutsim run --config");
  c->add_flag("--json", o->json, "print summary.json and nothing else");
  c->footer(
      "Exit status: 0 done; 2 the input is wrong; 3 the sweep itself failed; 4 points failed or\n"
      "are missing; 130 interrupted, results kept. The first Ctrl-C finishes the running points,\n"
      "the second kills them.");
  c->callback([o, &session] { session.status = run(*o); });

  auto p = std::make_shared<PointCommand>();
  CLI::App* w = app.add_subcommand("sweep-point", "one point of a sweep, for lutsim sweep");
  w->group("");
  w->add_option("config", p->config, "the run")->required();
  w->add_option("--fidelity", p->fidelity, choices<sweep::Fidelity>())->required();
  w->callback([p, &session] { session.status = run_worker(*p); });
}

}  // namespace lutsim::tools

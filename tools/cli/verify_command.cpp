// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "models/config/diagnostics.h"
#include "tools/cli/session.h"
#include "tools/cli/verify_report.h"
#include "tools/coverage/waivers.h"
#include "tools/output/output_directory.h"
#include "tools/output/progress.h"
#include "tools/support/this_program.h"
#include "tools/verify/instrumented_worker.h"

namespace lutsim::tools {

namespace {

struct VerifyOptions {
  std::vector<std::string> blocks;
  CheckOptions check;
  bool coverage = false;
  std::vector<std::string> mutate;  ///< what stood behind --mutate
  std::uint32_t mutants = 0;        ///< for each block; 0: no mutation
  std::string out, coverage_dir;
  bool json = false, list = false;
};

/// The number behind --mutate is optional, and what stands there may be a block.
void read_mutate(VerifyOptions& o) {
  // A quarter of a minute a block on two cores.
  constexpr std::uint32_t kMutants = 25;
  o.mutants = kMutants;
  for (const std::string& word : o.mutate) {
    if (word.empty()) continue;
    if (word.find_first_not_of("0123456789") != std::string::npos) {
      o.blocks.push_back(word);
      continue;
    }
    o.mutants = word.size() < 7 ? static_cast<std::uint32_t>(std::stoul(word)) : 0;
    if (o.mutants == 0) throw config::InputError("--mutate", "expected 1 to 999999, found " + word);
  }
}

/// This program lies in the build folder, beside the instrumented one.
std::filesystem::path build_folder() { return this_program().parent_path(); }

/// Reruns what failed, so that it can be looked at. A check that cannot be drawn has failed all the
/// same: the words say why.
std::string draw_failure(const VerifyOptions& o, const std::string& block) {
  try {
    const InstrumentedWorker worker(build_folder() / "lutsim_verify_instrumented");
    if (!worker.has(block)) return "none: the unit is too large to be instrumented";
    const auto replay = worker.replay(block, o.check, o.out.empty() ? "." : o.out);
    return replay.waveform.empty() ? "none: the instrumented block does not fail"
                                   : replay.waveform.string();
  } catch (const std::exception& error) {
    return std::string("none: ") + error.what();
  }
}

void measure_coverage(const VerifyOptions& o, std::vector<VerifiedBlock>& blocks) {
  const InstrumentedWorker worker(build_folder() / "lutsim_verify_instrumented");
  const std::vector<Waiver> waivers = read_waivers(waiver_file());
  std::vector<std::string> tops;
  for (const std::string& block : block_names()) tops.push_back(top_of(block));
  for (VerifiedBlock& block : blocks) {
    const std::string& name = block.result.name;
    if (!worker.has(name)) continue;
    const auto run = worker.check(name, o.check);
    block.coverage = block_coverage(name, run.coverage, run.result.bins, tops, waivers);
    if (o.coverage_dir.empty()) continue;
    std::string folder = name;
    std::replace(folder.begin(), folder.end(), ':', '-');
    write_annotated_sources(run.coverage, std::filesystem::path(o.coverage_dir) / folder);
  }
}

void run_mutants(const VerifyOptions& o, const MutationCampaign& campaign,
                 std::vector<VerifiedBlock>& blocks) {
  std::vector<std::string> names;
  for (const VerifiedBlock& block : blocks) {
    if (campaign.has(block.result.name)) names.push_back(block.result.name);
  }
  std::cerr << "building the mutants of " << config::comma_list(names) << "\n";
  campaign.build(names);
  for (VerifiedBlock& block : blocks) {
    const std::string& name = block.result.name;
    // The check of a block that fails without a bug says nothing about bugs.
    if (!campaign.has(name) || !block.result.passed()) continue;
    Progress progress("mutants of " + name);
    block.mutation = campaign.run(
        name, o.mutants, o.check,
        [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
    progress.finish();
  }
}

int run(const VerifyOptions& o) {
  if (o.list) {
    for (const std::string& name : block_names()) std::cout << name << "\n";
    return kDone;
  }
  const std::vector<std::string> names = select_blocks(o.blocks);
  std::unique_ptr<MutationCampaign> campaign;
  if (o.mutants > 0) campaign = std::make_unique<MutationCampaign>(build_folder());
  std::unique_ptr<OutputDirectory> out;
  if (!o.out.empty()) out = std::make_unique<OutputDirectory>(o.out);

  std::vector<VerifiedBlock> blocks;
  for (const std::string& name : names) {
    VerifiedBlock block;
    block.result = verify_block(name, o.check);
    if (!block.result.passed()) block.waveform = draw_failure(o, name);
    blocks.push_back(std::move(block));
  }
  if (o.coverage || !o.coverage_dir.empty()) measure_coverage(o, blocks);
  if (campaign) run_mutants(o, *campaign, blocks);

  const std::string json = verify_json(blocks, o.check.seed).dump(2) + "\n";
  if (out) {
    out->add("verify.json", json);
    out->commit();
  }
  if (o.json) {
    std::cout << json;
  } else {
    print_verify_table(blocks);
  }
  const bool passed = !blocks.empty() && std::all_of(blocks.begin(), blocks.end(),
                                                     [](const auto& b) { return b.passed(); });
  return passed ? kDone : kCheckFailed;
}

}  // namespace

void add_verify_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<VerifyOptions>();
  CLI::App* c =
      app.add_subcommand("verify", "RTL blocks against the golden model, bits and cycles");
  c->add_option("BLOCK", o->blocks, "blocks to verify; none: all");
  c->add_option("--vectors", o->check.vectors, "random results for each block, after its corners")
      ->capture_default_str();
  c->add_option("--seed", o->check.seed, "seed of the random vectors and of the choice of mutants")
      ->capture_default_str();
  c->add_flag("--coverage", o->coverage,
              "also measure line, toggle and functional coverage; what is missing fails");
  c->add_option("--coverage-dir", o->coverage_dir,
                "write the sources with their coverage to this folder (turns on --coverage)");
  CLI::Option* mutate =
      c->add_option("--mutate", o->mutate,
                    "also run bugs against each check, N a block (25); those that survive fail")
          ->expected(0, 1)
          ->type_name("[N]");
  c->add_option(
      "--out", o->out,
      "folder for verify.json and, after a failure, for verify-BLOCK.fst (otherwise here)");
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the blocks");
  c->callback([o, mutate, &session] {
    if (mutate->count() > 0) read_mutate(*o);
    session.status = run(*o);
  });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/cli/session.h"
#include "tools/verify/verify.h"

namespace lutsim::tools {

namespace {

struct VerifyOptions {
  std::vector<std::string> blocks;
  std::uint64_t vectors = 1000, seed = 1;
  bool json = false, list = false;
};

nlohmann::ordered_json results_json(const std::vector<BlockResult>& results,
                                    const VerifyOptions& options) {
  nlohmann::ordered_json blocks = nlohmann::ordered_json::array();
  for (const BlockResult& r : results) {
    blocks.push_back({{"name", r.name},
                      {"passed", r.passed()},
                      {"vectors", r.vectors},
                      {"mismatches", r.mismatches},
                      {"cycle_mismatches", r.cycle_mismatches},
                      {"seconds", r.seconds},
                      {"first_mismatch", r.first_mismatch},
                      {"reproduce", r.reproduce_command}});
  }
  return {{"schema", "lutsim.verify/1"}, {"seed", options.seed}, {"blocks", std::move(blocks)}};
}

void print_table(const std::vector<BlockResult>& results) {
  fmt::print("{:<26} {:>10} {:>11} {:>11} {:>9}\n", "block", "vectors", "mismatches", "cycles off",
             "seconds");
  for (const BlockResult& r : results) {
    fmt::print("{:<26} {:>10} {:>11} {:>11} {:>9.2f}  {}\n", r.name, r.vectors, r.mismatches,
               r.cycle_mismatches, r.seconds, r.passed() ? "equal" : "FAILED");
    if (!r.passed()) fmt::print("  {}\n  again: {}\n", r.first_mismatch, r.reproduce_command);
  }
}

int run(const VerifyOptions& o) {
  if (o.list) {
    for (const std::string& name : block_names()) std::cout << name << "\n";
    return kDone;
  }
  const auto results = verify_blocks(o.blocks, o.vectors, o.seed);
  if (o.json) {
    std::cout << results_json(results, o).dump(2) << "\n";
  } else {
    print_table(results);
  }
  const bool passed = !results.empty() && std::all_of(results.begin(), results.end(),
                                                      [](const auto& r) { return r.passed(); });
  return passed ? kDone : kCheckFailed;
}

}  // namespace

void add_verify_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<VerifyOptions>();
  CLI::App* c =
      app.add_subcommand("verify", "RTL blocks against the golden model, bits and cycles");
  c->add_option("BLOCK", o->blocks, "blocks to verify; none: all");
  c->add_option("--vectors", o->vectors, "random vectors for each block")->capture_default_str();
  c->add_option("--seed", o->seed, "seed of the random vectors")->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the blocks");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

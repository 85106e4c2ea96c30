// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/cli/session.h"
#include "tools/verify/verify_blocks.h"

namespace lutsim::tools {

namespace {

struct VerifyOptions {
  std::vector<std::string> blocks;
  std::uint64_t vectors = 1000, seed = 1;
  bool json = false, list = false;
};

}  // namespace

void add_verify_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<VerifyOptions>();
  CLI::App* c = app.add_subcommand("verify", "RTL blocks against the golden model, bits and cycles");
  c->add_option("BLOCK", o->blocks, "blocks to verify; none: all");
  c->add_option("--vectors", o->vectors, "random vectors for each block")->capture_default_str();
  c->add_option("--seed", o->seed, "seed of the random vectors")->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the blocks");
  c->callback([o, &session] { (void)o; (void)session; });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "sim/memory/dram_bench.h"
#include "tools/cli/session.h"
#include "tools/support/choice.h"

namespace lutsim::tools {

namespace {

struct DramOptions {
  std::string memory;
  std::string pattern = "seq", mapping = "ro", refresh = "on", path = "burst";
  sim::DramPatternSpec spec;
  bool json = false, list = false;
};

spec::Refresh refresh_of(const std::string& name) {
  if (name == "on") return spec::Refresh::all_bank;
  return choice<spec::Refresh>("--refresh", name);
}

int run(DramOptions o) {
  if (o.list) {
    for (const auto& name : config::list_named(config::kMemoryFolder)) std::cout << name << "\n";
    return kDone;
  }
  if (o.memory.empty()) {
    throw config::InputError(
        "lutsim dram", "--memory is missing",
        "one of: " + config::comma_list(config::list_named(config::kMemoryFolder)));
  }
  const auto standard = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, o.memory, "memory"));
  o.spec.pattern = choice<sim::DramPattern>("--pattern", o.pattern);
  o.spec.mapping = choice<spec::AddressMapping>("--mapping", o.mapping);
  o.spec.refresh = refresh_of(o.refresh);
  o.spec.path = choice<sim::DramPath>("--path", o.path);
  const sim::DramPatternResult r = sim::run_dram_pattern(standard, o.spec);
  if (o.json) {
    const nlohmann::ordered_json json = {{"schema", "lutsim.dram/1"},
                                         {"memory", standard.name},
                                         {"channels", o.spec.channels},
                                         {"pattern", o.pattern},
                                         {"mapping", o.mapping},
                                         {"refresh", spec::to_string_of(o.spec.refresh)},
                                         {"path", o.path},
                                         {"requests", o.spec.requests},
                                         {"gb_per_s", r.gb_per_s},
                                         {"peak_gb_per_s", r.peak_gb_per_s},
                                         {"mean_latency_ns", r.mean_latency_ns},
                                         {"time_s", r.time_s},
                                         {"bytes_read", r.bytes_read},
                                         {"bytes_written", r.bytes_written},
                                         {"row_hits", r.row_hits},
                                         {"row_misses", r.row_misses},
                                         {"row_conflicts", r.row_conflicts},
                                         {"activates", r.activates},
                                         {"refreshes", r.refreshes},
                                         {"source", standard.source}};
    std::cout << json.dump(2) << "\n";
  } else {
    fmt::print(
        "{} x {}, {} of {} bursts, mapping {}, refresh {}, path {}\n"
        "  bandwidth     {:.2f} GB/s of {:.2f} ({:.1f} %)\n"
        "  mean latency  {:.1f} ns (reads, from entering the queue to the last data)\n"
        "  rows          {} hits, {} misses, {} conflicts, {} activates, {} refreshes\n",
        o.spec.channels, standard.name, o.pattern, o.spec.requests, o.mapping,
        spec::to_string_of(o.spec.refresh), o.path, r.gb_per_s, r.peak_gb_per_s,
        100 * r.gb_per_s / r.peak_gb_per_s, r.mean_latency_ns, r.row_hits, r.row_misses,
        r.row_conflicts, r.activates, r.refreshes);
  }
  return kDone;
}

}  // namespace

void add_dram_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<DramOptions>();
  CLI::App* c =
      app.add_subcommand("dram", "bandwidth and latency of a memory under an access pattern");
  c->add_option("--memory", o->memory, "named memory, for example lpddr5-6400");
  c->add_option("--pattern", o->pattern, choices<sim::DramPattern>())->capture_default_str();
  c->add_option("--requests", o->spec.requests, "bursts, over all channels")->capture_default_str();
  c->add_option("--span", o->spec.span, "bytes that the pattern covers; 0: its default");
  c->add_option("--stride", o->spec.stride, "bytes between neighbours of pattern stride")
      ->capture_default_str();
  c->add_option("--channels", o->spec.channels, "channels")->capture_default_str();
  c->add_option("--mapping", o->mapping, choices<spec::AddressMapping>())->capture_default_str();
  c->add_option("--refresh", o->refresh, "on (all-bank), " + choices<spec::Refresh>())
      ->capture_default_str();
  c->add_option("--path", o->path, choices<sim::DramPath>())->capture_default_str();
  c->add_option("--seed", o->spec.seed, "seed of the random patterns")->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->add_flag("--list", o->list, "print the names of the memories");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/run/what_if.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "tools/run/format_units.h"
#include "tools/run/run_child.h"
#include "tools/support/parallel.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

ChangeOutcome run_change(const RunSpec& spec, const ResourceChange& change,
                         const std::string& program, const fs::path& config) {
  RunSpec changed = spec;
  changed.arch = change.arch;
  changed.gpus.clear();
  ChangeOutcome outcome;
  outcome.name = change.name;
  const ProcessResult run = run_child(program, changed, config);
  if (run.status != 0) {
    outcome.error = run.err.substr(0, run.err.find('\n'));
    return outcome;
  }
  const json result = json::parse(run.out);
  outcome.time_s = result.at("time_s").at("total");
  outcome.energy_j = result.at("energy_j").at("total");
  outcome.area_mm2 = result.at("area_mm2").at("total");
  return outcome;
}

}  // namespace

std::vector<ResourceChange> resource_changes(const spec::ArchSpec& arch) {
  std::vector<ResourceChange> changes;
  const auto add = [&](const char* name,
                       const std::function<std::string(spec::ArchSpec&)>& change) {
    ResourceChange candidate{name, arch};
    candidate.name += ": " + change(candidate.arch);
    try {
      config::apply_sets(candidate.arch, {});
    } catch (const config::InputError&) {
      return;
    }
    changes.push_back(std::move(candidate));
  };
  const auto twice = [](auto& value) {
    const auto before = value;
    value *= 2;
    return fmt::format("{} -> {}", before, value);
  };
  const auto twice_as_large = [](std::uint64_t& bytes) {
    constexpr std::uint64_t kKib = 1024;
    bytes *= 2;
    return fmt::format("{} -> {} KiB", bytes / 2 / kKib, bytes / kKib);
  };
  add("clock", [&](spec::ArchSpec& a) {
    a.clock *= 2;
    return fmt::format("{} -> {}", si(a.clock / 2, "Hz"), si(a.clock, "Hz"));
  });
  add("matrix.array_rows", [&](spec::ArchSpec& a) { return twice(a.matrix.array_rows); });
  add("matrix.psum_depth", [&](spec::ArchSpec& a) { return twice(a.matrix.psum_depth); });
  add("vector.lanes", [&](spec::ArchSpec& a) { return twice(a.vector.lanes); });
  add("weight_buffer.capacity",
      [&](spec::ArchSpec& a) { return twice_as_large(a.weight_buffer.capacity); });
  add("weight_buffer.banks", [&](spec::ArchSpec& a) { return twice(a.weight_buffer.banks); });
  add("activation_buffer.capacity",
      [&](spec::ArchSpec& a) { return twice_as_large(a.activation_buffer.capacity); });
  add("activation_buffer.banks",
      [&](spec::ArchSpec& a) { return twice(a.activation_buffer.banks); });
  add("noc, all links", [&](spec::ArchSpec& a) {
    a.noc.matrix_bytes_per_cycle *= 2;
    a.noc.vector_bytes_per_cycle *= 2;
    a.noc.chip_link_bytes_per_cycle *= 2;
    a.dma.bytes_per_cycle *= 2;
    return std::string("twice as wide");
  });
  add("dma.read_channels", [&](spec::ArchSpec& a) { return twice(a.dma.read_channels); });
  add("dma.write_channels", [&](spec::ArchSpec& a) { return twice(a.dma.write_channels); });
  add("dma.outstanding", [&](spec::ArchSpec& a) { return twice(a.dma.outstanding); });
  add("command.queue_depth", [&](spec::ArchSpec& a) { return twice(a.command.queue_depth); });
  add("memory.channels", [&](spec::ArchSpec& a) { return twice(a.memory.channels); });
  if (arch.memory.refresh == spec::Refresh::all_bank) {
    add("memory.refresh", [](spec::ArchSpec& a) {
      a.memory.refresh = spec::Refresh::per_bank;
      return std::string("all-bank -> per-bank");
    });
  }
  if (arch.system.chips > 1) {
    add("system.link_bandwidth", [](spec::ArchSpec& a) {
      a.system.link_bandwidth *= 2;
      return fmt::format("{} -> {}", si(a.system.link_bandwidth / 2, "B/s"),
                         si(a.system.link_bandwidth, "B/s"));
    });
    add("system.link_latency", [](spec::ArchSpec& a) {
      a.system.link_latency /= 2;
      return fmt::format("{} -> {}", si(a.system.link_latency * 2, "s"),
                         si(a.system.link_latency, "s"));
    });
  }
  return changes;
}

std::vector<ChangeOutcome> what_if(
    const RunSpec& spec, const std::string& program, unsigned jobs,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const std::vector<ResourceChange> changes = resource_changes(spec.arch);
  std::vector<ChangeOutcome> outcomes(changes.size());
  const TemporaryFolder folder;
  std::mutex report;
  std::size_t done = 0;
  for_each_parallel(changes.size(), jobs, [&](std::size_t i) {
    outcomes[i] =
        run_change(spec, changes[i], program, folder.path() / fmt::format("change-{}.yaml", i));
    const std::lock_guard<std::mutex> lock(report);
    if (progress) progress(++done, changes.size());
  });
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const ChangeOutcome& a, const ChangeOutcome& b) {
                     if (a.error.empty() != b.error.empty()) return a.error.empty();
                     return a.time_s < b.time_s;
                   });
  return outcomes;
}

std::string what_if_report(const json& result, const std::vector<ChangeOutcome>& outcomes) {
  const double time = result.at("time_s").at("total");
  const double energy = result.at("energy_j").at("total");
  const double area = result.at("area_mm2").at("total");
  std::string out =
      "\n  What would change it: each resource by itself, run again\n"
      "    change                                            time     speed    energy      area\n";
  for (const ChangeOutcome& o : outcomes) {
    if (!o.error.empty()) {
      out += fmt::format("    {:<42} {}\n", o.name, o.error);
      continue;
    }
    out += fmt::format("    {:<42} {:>11} {:>8.3f}x {:>+8.1f} % {:>+6.1f} %\n", o.name,
                       si(o.time_s, "s"), time / o.time_s, 100 * (o.energy_j / energy - 1),
                       100 * (o.area_mm2 / area - 1));
  }
  return out;
}

json to_json(const std::vector<ChangeOutcome>& outcomes) {
  json list = json::array();
  for (const ChangeOutcome& o : outcomes) {
    if (o.error.empty()) {
      list.push_back({{"change", o.name},
                      {"time_s", o.time_s},
                      {"energy_j", o.energy_j},
                      {"area_mm2", o.area_mm2}});
    } else {
      list.push_back({{"change", o.name}, {"error", o.error}});
    }
  }
  return list;
}

}  // namespace lutsim::tools

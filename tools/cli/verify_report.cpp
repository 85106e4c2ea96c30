// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/verify_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace lutsim::tools {
namespace {

using nlohmann::ordered_json;

std::uint64_t bins_hit(const BlockResult& r) { return r.bins.size() - r.unhit_bins().size(); }

ordered_json covered_json(const Covered& covered) {
  return {{"points", covered.total},
          {"hit", covered.hit},
          {"waived", covered.waived},
          {"unhit", covered.unhit}};
}

ordered_json block_json(const VerifiedBlock& block) {
  const BlockResult& r = block.result;
  ordered_json json = {{"name", r.name},
                       {"passed", block.passed()},
                       {"vectors", r.vectors},
                       {"mismatches", r.mismatches},
                       {"cycle_mismatches", r.cycle_mismatches},
                       {"line_coverage", nullptr},
                       {"toggle_coverage", nullptr},
                       {"bins", r.bins.size()},
                       {"bins_hit", bins_hit(r)},
                       {"bins_unhit", r.unhit_bins()},
                       {"mutants", nullptr},
                       {"survivors", nullptr},
                       {"seconds", r.seconds},
                       {"vectors_per_s", r.vectors_per_s()},
                       {"first_mismatch", r.first_mismatch},
                       {"reproduce", r.reproduce_command},
                       {"waveform", block.waveform}};
  if (block.coverage) {
    json["line_coverage"] = block.coverage->lines.fraction();
    json["toggle_coverage"] = block.coverage->toggles.fraction();
    json["coverage"] = {{"lines", covered_json(block.coverage->lines)},
                        {"toggles", covered_json(block.coverage->toggles)},
                        {"bins", covered_json(block.coverage->bins)},
                        {"stale_waivers", block.coverage->stale_waivers}};
  }
  if (block.mutation) {
    json["mutants"] = block.mutation->mutants;
    json["survivors"] = block.mutation->survivors.size();
    json["killed"] = block.mutation->killed;
    json["equivalent"] = block.mutation->equivalent;
    json["waived"] = block.mutation->waived;
    json["stale_mutant_waivers"] = block.mutation->stale_waivers;
    for (const Mutant& mutant : block.mutation->survivors) {
      json["survived"].push_back({{"number", mutant.number},
                                  {"where", mutant.where()},
                                  {"what", mutant.what()},
                                  {"command", mutant.command}});
    }
  }
  return json;
}

std::string percent(const Covered& covered) {
  return fmt::format("{:.1f}", 100 * covered.fraction());
}

/// "a.sv: x[2]", "a.sv: x[3]" as "a.sv: x[3:2]", in the order of the bits.
std::vector<std::string> joined_bits(const std::vector<std::string>& names) {
  std::map<std::string, std::vector<std::uint64_t>> bits;
  std::vector<std::string> joined;
  for (const std::string& name : names) {
    const std::size_t bracket = name.rfind('[');
    if (bracket == std::string::npos) {
      joined.push_back(name);
    } else {
      bits[name.substr(0, bracket)].push_back(std::stoull(name.substr(bracket + 1)));
    }
  }
  for (auto& [signal, list] : bits) {
    std::sort(list.begin(), list.end());
    for (std::size_t i = 0; i < list.size();) {
      const std::uint64_t first = list[i];
      std::uint64_t last = first;
      while (++i < list.size() && list[i] == last + 1) last = list[i];
      joined.push_back(last == first ? fmt::format("{}[{}]", signal, first)
                                     : fmt::format("{}[{}:{}]", signal, last, first));
    }
  }
  return joined;
}

void print_list(const char* title, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i)
    fmt::print("  {}: {}\n", title, names[i]);
  if (names.size() > kMost) fmt::print("  {}: {} more, see --json\n", title, names.size() - kMost);
}

void print_details(const VerifiedBlock& block) {
  const BlockResult& r = block.result;
  if (!r.passed()) {
    fmt::print("  {}\n  again: {}\n", r.vectors == 0 ? "nothing was compared" : r.first_mismatch,
               r.reproduce_command);
    if (!block.waveform.empty()) fmt::print("  waveform: {}\n", block.waveform);
  }
  if (block.coverage) {
    print_list("line never run", block.coverage->lines.unhit);
    print_list("never toggled", joined_bits(block.coverage->toggles.unhit));
    print_list("bin never hit", block.coverage->bins.unhit);
    print_list("waiver of no use", block.coverage->stale_waivers);
  } else {
    print_list("bin never hit", r.unhit_bins());
  }
  if (block.mutation) {
    std::vector<std::string> survivors;
    for (const Mutant& mutant : block.mutation->survivors) {
      survivors.push_back(
          fmt::format("{} {} (mutant {})", mutant.where(), mutant.what(), mutant.number));
    }
    print_list("bug not noticed", survivors);
    print_list("waiver of no use", block.mutation->stale_waivers);
  }
}

void print_mutation_totals(const std::vector<VerifiedBlock>& blocks) {
  MutationResult total;
  std::size_t survivors = 0;
  for (const VerifiedBlock& block : blocks) {
    if (!block.mutation) continue;
    total.mutants += block.mutation->mutants;
    total.killed += block.mutation->killed;
    total.equivalent += block.mutation->equivalent;
    total.waived += block.mutation->waived;
    survivors += block.mutation->survivors.size();
  }
  if (total.mutants == 0) return;
  fmt::print("mutants: {} run, {} killed, {} proven equivalent, {} waived, {} survived\n",
             total.mutants, total.killed, total.equivalent, total.waived, survivors);
}

}  // namespace

ordered_json verify_json(const std::vector<VerifiedBlock>& blocks, std::uint64_t seed) {
  ordered_json list = ordered_json::array();
  for (const VerifiedBlock& block : blocks) list.push_back(block_json(block));
  return {{"schema", "lutsim.verify/1"}, {"seed", seed}, {"blocks", std::move(list)}};
}

void print_verify_table(const std::vector<VerifiedBlock>& blocks) {
  fmt::print("{:<22} {:>8} {:>10} {:>10} {:>7} {:>7} {:>8} {:>7} {:>9} {:>8} {:>11}\n", "block",
             "vectors", "mismatches", "cycles off", "bins", "line %", "toggle %", "mutants",
             "survivors", "seconds", "vectors/s");
  for (const VerifiedBlock& block : blocks) {
    const BlockResult& r = block.result;
    fmt::print("{:<22} {:>8} {:>10} {:>10} {:>7} {:>7} {:>8} {:>7} {:>9} {:>8.2f} {:>11.0f}  {}\n",
               r.name, r.vectors, r.mismatches, r.cycle_mismatches,
               fmt::format("{}/{}", bins_hit(r), r.bins.size()),
               block.coverage ? percent(block.coverage->lines) : "-",
               block.coverage ? percent(block.coverage->toggles) : "-",
               block.mutation ? std::to_string(block.mutation->mutants) : "-",
               block.mutation ? std::to_string(block.mutation->survivors.size()) : "-", r.seconds,
               r.vectors_per_s(),
               !r.passed()      ? "FAILED"
               : block.passed() ? "equal"
                                : "INCOMPLETE");
    print_details(block);
  }
  print_mutation_totals(blocks);
}

}  // namespace lutsim::tools

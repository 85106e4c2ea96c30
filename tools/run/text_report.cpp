// SPDX-License-Identifier: Apache-2.0
#include "tools/run/text_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "tools/run/format_units.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

/// Parts of the critical path below this share are shown together.
constexpr double kSmallShare = 0.005;

constexpr std::size_t kBarWidth = 32;

double number(const json& value) { return value.get<double>(); }
std::string text(const json& value) { return value.get<std::string>(); }

/// Shares of `parts` (all keys but `total`), largest first.
std::string stack(const json& parts, const std::string& unit) {
  std::vector<std::pair<std::string, double>> rows;
  for (const auto& [name, value] : parts.items()) {
    if (name != "total" && name != "low" && name != "high") rows.emplace_back(name, number(value));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const double total = number(parts.at("total"));
  std::string out;
  for (const auto& [name, value] : rows) {
    const double share = total > 0 ? value / total : 0;
    out += fmt::format("    {:<18} {:>10} {:>8}  {}\n", name, si(value, unit), percent(share),
                       bar(share, kBarWidth));
  }
  return out;
}

/// A line that was measured on a part of unknown power has no energy.
std::string gpu_row(const json& g) {
  const auto& c = g.at("comparison");
  const bool has_energy = !g.at("tokens_per_j").is_null();
  std::string efficiency = "       -";
  if (has_energy) {
    efficiency = fmt::format("{:>8.3g} [{:.3g} .. {:.3g}]", number(c.at("power_efficiency_ratio")),
                             number(c.at("interval").at(0)), number(c.at("interval").at(1)));
  }
  return fmt::format("    {:<13} {:<8} {:<8} {:>9.4g} {:>11} {:>7.3g} {}{}{}\n", text(g.at("name")),
                     text(g.at("precision")), text(g.at("line")), number(g.at("tokens_per_s")),
                     has_energy ? si(1 / number(g.at("tokens_per_j")), "J") : "-",
                     number(c.at("speed_ratio")), efficiency,
                     text(g.at("source")) == "measured" ? "  (measured)" : "",
                     g.at("fits_memory").get<bool>() ? "" : "  (model does not fit this GPU)");
}

std::string gpu_table(const json& r) {
  std::string out =
      "\n  Against GPUs executing the same operator trace (ratio > 1: the accelerator is better)\n"
      "    GPU           weights  line      tokens/s     J/token   speed   power efficiency [90 "
      "%]\n";
  for (const auto& g : r.at("gpus")) {
    out += gpu_row(g);
  }
  out +=
      "    served: with a serving framework; kernel: the GPU's kernels alone; ideal: roofline, "
      "which\n"
      "    no GPU can beat.\n";
  if (text(r.at("gpu").at("source")) == "measured") {
    out +=
        "    measured: times of the profile in the trace, the span of the GPU's work and the sum "
        "of its\n"
        "    kernels; its joules are these times at the power of our model of that GPU.\n";
  }
  // Below this a GPU does nothing but launch kernels.
  constexpr double kSmallModelBytes = 100e6;
  const double steps = number(r.at("workload").at("generated_tokens"));
  if (number(r.at("workload").at("weight_bytes")) / std::max(1.0, steps) < kSmallModelBytes) {
    out +=
        "    This model is so small that a GPU's time is all launches and overhead: these ratios\n"
        "    say nothing about large models.\n";
  }
  const auto& first = r.at("comparison");
  if (first.at("most_sensitive").empty()) return out;
  out += fmt::format("\n  The ratio against {} {} {} moves most with\n", text(first.at("gpu")),
                     text(first.at("precision")), text(first.at("line")));
  for (const auto& s : first.at("most_sensitive")) {
    out += fmt::format("    {:<34} {:.3g} .. {:.3g}\n", text(s.at("name")),
                       number(s.at("ratio_at_low")), number(s.at("ratio_at_high")));
  }
  return out;
}

/// The shares of the critical path, the small ones together.
std::string critical_path(const json& r) {
  std::string out =
      "\n  Critical path: each command begun by the end of the one before, as long as the run\n"
      "    unit         operator               time    share   commands\n";
  const double total = number(r.at("time_s").at("total"));
  double rest = 0;
  for (const auto& share : r.at("critical_path")) {
    const double seconds = number(share.at("seconds"));
    if (seconds < kSmallShare * total) {
      rest += seconds;
      continue;
    }
    out += fmt::format("    {:<12} {:<16} {:>10} {:>8} {:>10}\n", text(share.at("unit")),
                       text(share.at("operator")), si(seconds, "s"), percent(seconds / total),
                       share.at("commands").get<std::uint64_t>());
  }
  if (rest > 0) {
    out +=
        fmt::format("    {:<29} {:>10} {:>8}\n", "the rest", si(rest, "s"), percent(rest / total));
  }
  return out;
}

std::string quality_line(const json& r) {
  if (!r.contains("quality")) return "";
  const json& q = r.at("quality");
  if (q.contains("nll_per_token")) {
    return fmt::format("  Quality     {:.4f} +- {:.4f} nats a token of {} documents of {}\n",
                       number(q.at("nll_per_token")), number(q.at("standard_error")),
                       q.at("documents").get<long>(), text(q.at("source")));
  }
  return fmt::format(
      "  Quality     perplexity {:.3g} times that of its own weights, as published\n",
      number(q.at("perplexity_ratio")));
}

}  // namespace

std::string report_headline(const json& r) {
  const auto& w = r.at("workload");
  const auto& a = r.at("architecture");
  std::string line =
      fmt::format("{}, {:.3g}-bit weights in groups of {}, on {}", text(w.at("model")),
                  number(w.at("weight_bits")), w.at("group_size").get<int>(), text(a.at("name")));
  const int chips = a.at("system").at("chips").get<int>();
  if (chips > 1) line += fmt::format(", {} chips", chips);
  const double switched = number(w.at("task_switch_bytes"));
  const long generated = w.at("generated_tokens").get<long>();
  const std::string task_switch =
      fmt::format("a task switch: {} of {}", si(switched, "B"), text(w.at("task_switch")));
  if (generated == 0) {
    line += "\nnothing but " + task_switch;
  } else {
    line += fmt::format("\nbatch {}, {} prompt + {} cached tokens, {} generated",
                        w.at("batch").get<int>(), w.at("prompt_tokens").get<long>(),
                        w.at("cached_tokens").get<long>(), generated);
    if (switched > 0) line += "; first " + task_switch;
  }
  const auto& mode = r.at("mode");
  line += mode.at("functional").get<bool>()
              ? fmt::format("; functional mode, matrix unit: {}", text(mode.at("engine_impl")))
              : std::string("; timing mode");
  return line + "\n";
}

std::string bottleneck(const json& r) {
  const auto& u = r.at("utilization");
  const double bandwidth = number(u.at("dram_bandwidth"));
  const double matrix = number(u.at("matrix")), vector = number(u.at("vector"));
  const double highest = std::max({bandwidth, matrix, vector});
  const std::string achieved = fmt::format("DRAM moves {} of {}", percent(bandwidth),
                                           si(number(r.at("dram").at("peak_bytes_per_s")), "B/s"));
  if (highest < 0.5) {
    return fmt::format(
        "nothing is busy for half of the time: latencies and dependencies bound it ({}, matrix {}, "
        "vector {})",
        achieved, percent(matrix), percent(vector));
  }
  if (highest == bandwidth) return "memory bandwidth bounds it: " + achieved;
  if (highest == matrix) {
    return fmt::format("the matrix unit bounds it: busy {}, {} of its lanes used", percent(matrix),
                       percent(number(u.at("matrix_lanes"))));
  }
  return fmt::format("the vector unit bounds it: busy {}", percent(vector));
}

std::string run_report(const json& r) {
  const auto& time = r.at("time_s");
  std::string out = report_headline(r);
  out += fmt::format(
      "\n  Time        {:>10}   prefill {}, {} to the first token, {} per further token\n",
      si(number(time.at("total")), "s"), si(number(time.at("prefill")), "s"),
      si(number(time.at("ttft")), "s"), si(number(time.at("tpot")), "s"));
  out += fmt::format("  Throughput  {:>10.4g} tokens/s, {:.3g} TOPS\n",
                     number(r.at("throughput").at("tokens_per_s")),
                     number(r.at("throughput").at("tops")));
  out += fmt::format("  Energy      {:>10}   [{} .. {}], {:.4g} tokens/J\n",
                     si(number(r.at("energy_j").at("total")), "J"),
                     si(number(r.at("energy_interval_j").at(0)), "J"),
                     si(number(r.at("energy_interval_j").at(1)), "J"),
                     number(r.at("efficiency").at("tokens_per_j")));
  const auto& power = r.at("intervals").at("power_w").at("average");
  out += fmt::format("  Power       {:>10}   [{} .. {}] average, chip and DRAM\n",
                     si(number(r.at("power_w").at("average")), "W"), si(number(power.at(0)), "W"),
                     si(number(power.at(1)), "W"));
  out += fmt::format("  Area        {:>7.1f} mm2   [{:.1f} .. {:.1f}]\n",
                     number(r.at("area_mm2").at("total")), number(r.at("area_mm2").at("low")),
                     number(r.at("area_mm2").at("high")));
  out += quality_line(r);
  out += "  Bound by    " + bottleneck(r) + "\n";
  out += "\n  Energy by part\n" + stack(r.at("energy_j"), "J");
  if (r.contains("gpus")) out += gpu_table(r);
  if (r.contains("output")) {
    out += "\n  Output\n    " + text(r.at("output").at("text")) + "\n";
    const auto& g = r.at("golden");
    out +=
        g.at("equal").get<bool>()
            ? fmt::format(
                  "\n  Equal to the golden model, bit for bit: {} tokens, {} tensors, {} values\n",
                  r.at("output").at("tokens").size(), g.at("tensors").get<long>(),
                  g.at("values").get<long>())
            : fmt::format("\n  DIFFERS from the golden model in {} values, first {}\n",
                          g.at("mismatches").get<long>(), text(g.at("first_mismatch")));
  }
  return out;
}

std::string explain_report(const json& r) {
  std::string out = report_headline(r);
  out += "\n  Bound by    " + bottleneck(r) + "\n";
  const double total = number(r.at("time_s").at("total"));
  const auto bound = [&](const char* key) {
    const double seconds = r.at("bounds_s").value(key, 0.0);
    return fmt::format("{} ({})", si(seconds, "s"), percent(seconds / total));
  };
  out += fmt::format(
      "  Lower bounds: memory {} of the time, array {}, vector lanes {}; without any overlap {}\n",
      bound("memory"), bound("compute"), bound("vector"),
      si(number(r.at("bounds_s").at("serial")), "s"));

  out +=
      "\n  Where each unit's time went\n"
      "    unit              busy   wait memory   wait dependency      idle\n";
  const double cycles = number(r.at("cycles").at("total"));
  for (const auto& [unit, c] : r.at("cycles").items()) {
    if (!c.is_object()) continue;
    out += fmt::format(
        "    {:<13} {:>8} {:>13} {:>17} {:>9}\n", unit, percent(number(c.at("busy")) / cycles),
        percent(number(c.at("wait_memory")) / cycles),
        percent(number(c.at("wait_dependency")) / cycles), percent(number(c.at("idle")) / cycles));
  }

  out += critical_path(r);
  out +=
      "\n  By kind of operator (units overlap, so columns do not add up to the run)\n"
      "    kind                   matrix      vector         DMA       links   DRAM bytes   waits: "
      "memory  dependency\n";
  for (const auto& [kind, k] : r.at("operators").items()) {
    out += fmt::format("    {:<16} {:>12} {:>11} {:>11} {:>11} {:>12} {:>15} {:>11}\n", kind,
                       si(number(k.at("matrix_s")), "s"), si(number(k.at("vector_s")), "s"),
                       si(number(k.at("dma_s")), "s"), si(number(k.at("link_s")), "s"),
                       si(number(k.at("dram_bytes")), "B"), si(number(k.at("wait_memory_s")), "s"),
                       si(number(k.at("wait_dependency_s")), "s"));
  }
  const auto& d = r.at("dram");
  const double visits =
      number(d.at("row_hits")) + number(d.at("row_misses")) + number(d.at("row_conflicts"));
  out += fmt::format("\n  DRAM rows: {} hits, {} misses, {} conflicts\n",
                     percent(visits > 0 ? number(d.at("row_hits")) / visits : 0),
                     percent(visits > 0 ? number(d.at("row_misses")) / visits : 0),
                     percent(visits > 0 ? number(d.at("row_conflicts")) / visits : 0));

  out += "\n  Energy by part\n" + stack(r.at("energy_j"), "J");
  out += "\n  Events with the largest energy\n";
  std::vector<std::pair<std::string, json>> events;
  for (const auto& [name, event] : r.at("events").items()) events.emplace_back(name, event);
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return number(a.second.at("joules")) > number(b.second.at("joules"));
  });
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < events.size() && i < kShown; ++i) {
    out += fmt::format("    {:<24} {:>12} {:>10}\n", events[i].first,
                       si(number(events[i].second.at("count")), ""),
                       si(number(events[i].second.at("joules")), "J"));
  }
  out += "\n  Share of the energy by how its constants are known\n";
  for (const auto& [confidence, share] : r.at("energy_confidence").items()) {
    out += fmt::format("    {:<12} {:>8}\n", confidence, percent(number(share)));
  }
  out += "\n  Constants that the energy rests on\n";
  std::size_t shown = 0;
  for (const auto& c : r.at("provenance").at("constants")) {
    if (!c.contains("share_of_energy") || shown++ == kShown) break;
    out += fmt::format(
        "    {:<30} {:>8}  {} [{} .. {}]  {}\n      {}\n", text(c.at("name")),
        percent(number(c.at("share_of_energy"))), si(number(c.at("value")), text(c.at("unit"))),
        si(number(c.at("low")), text(c.at("unit"))), si(number(c.at("high")), text(c.at("unit"))),
        text(c.at("confidence")), text(c.at("source")));
  }
  return out;
}

}  // namespace lutsim::tools

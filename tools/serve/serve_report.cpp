// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "tools/run/format_units.h"
#include "tools/serve/execute_serve.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;

double number(const json& value) { return value.get<double>(); }
std::string text(const json& value) { return value.get<std::string>(); }

std::string title(const json& d) {
  const auto count = d.at("count").get<int>(), replicas = d.at("replicas").get<int>();
  std::string name = text(d.at("name"));
  if (count > 1) name += fmt::format(":{}", count);
  if (replicas > 1) name = fmt::format("{} x {}", replicas, name);
  name += " " + text(d.at("precision"));
  if (!text(d.at("line")).empty()) name += " " + text(d.at("line"));
  return name;
}

std::string headline(const json& r) {
  const auto& w = r.at("workload");
  std::string line = fmt::format(
      "{}: {} requests over {}, {} prompt and {} output tokens\n", text(w.at("models")),
      w.at("requests").get<std::uint64_t>(), si(number(w.at("arrivals_s")), "s"),
      w.at("prompt_tokens").get<std::uint64_t>(), w.at("output_tokens").get<std::uint64_t>());
  line += fmt::format("trace {} ({})\n", text(w.at("trace")), text(w.at("source")));
  const auto cut = w.at("cut_prompts").get<std::uint64_t>();
  if (cut > 0) line += fmt::format("{} prompts were cut to the model's context\n", cut);
  return line;
}

std::string memory_table(const json& devices) {
  std::string out =
      "\n  Memory and batches\n"
      "    device                            capacity  weights  cache for  peak   rows  decoding "
      "preempted refused\n";
  for (const json& d : devices) {
    const auto& m = d.at("memory");
    out += fmt::format(
        "    {:<32} {:>9} {:>8} {:>6}k tok {:>5} {:>6.1f} {:>8.1f} {:>9} {:>7}\n", title(d),
        si(number(m.at("capacity_bytes")), "B"), si(number(m.at("weight_bytes")), "B"),
        m.at("cache_tokens").at(0).get<std::uint64_t>() / 1000,
        fmt::format("{:.0f}%", 100 * number(m.at("peak_pages")) / number(m.at("pages"))),
        number(d.at("iterations").at("mean_rows")), number(d.at("iterations").at("mean_decoding")),
        d.at("requests").at("preemptions").get<std::uint64_t>(),
        d.at("requests").at("refused").get<std::uint64_t>());
  }
  return out;
}

std::string latency_table(const json& devices) {
  std::string out =
      "\n  Latency: mean, p50, p90, p99\n"
      "    device                              to the first token                    per further "
      "token\n";
  for (const json& d : devices) {
    out += fmt::format("    {:<32}", title(d));
    for (const char* key : {"ttft_s", "tpot_s"}) {
      for (const char* p : {"mean", "p50", "p90", "p99"})
        out += fmt::format(" {:>8}", si(number(d.at(key).at(p)), "s"));
      out += "  ";
    }
    out += "\n";
  }
  return out;
}

std::string throughput_table(const json& r) {
  std::string out =
      "\n  Throughput and energy (prompts, idle time and idle power included)\n"
      "    device                             total time  busy  output tok/s  good req/s   J per "
      "token [interval]        power\n";
  for (const json& d : r.at("devices")) {
    const auto& t = d.at("time_s");
    const double span = number(t.at("makespan")) * d.at("replicas").get<int>();
    const auto& e = d.at("energy_j");
    std::string energy = "-";
    if (e.contains("per_output_token")) {
      const auto& interval = e.at("per_output_token_interval");
      energy = fmt::format("{} [{} .. {}]", si(number(e.at("per_output_token")), "J"),
                           si(number(interval.at(0)), "J"), si(number(interval.at(1)), "J"));
    }
    out += fmt::format("    {:<32} {:>12} {:>5} {:>13.4g} {:>11.4g}   {:<30} {:>7}\n", title(d),
                       si(number(t.at("makespan")), "s"),
                       fmt::format("{:.0f}%", span > 0 ? 100 * number(t.at("busy")) / span : 0),
                       number(d.at("throughput").at("output_tokens_per_s")),
                       number(d.at("throughput").at("goodput_requests_per_s")), energy,
                       si(number(d.at("power_w").at("average")), "W"));
  }
  return out;
}

std::string comparison_table(const json& r) {
  if (r.at("comparisons").empty()) return "";
  std::string out =
      "\n  Accelerator over GPU (ratio > 1: the accelerator is better)\n"
      "    GPU                     throughput   goodput  first token  further token   tokens per J "
      "[90 %]\n";
  std::string losses;
  for (const json& c : r.at("comparisons")) {
    const int count = c.at("count").get<int>();
    const std::string name = text(c.at("gpu")) +
                             (count > 1 ? fmt::format(":{}", count) : std::string()) + " " +
                             text(c.at("precision")) + " " + text(c.at("line"));
    out += fmt::format(
        "    {:<24} {:>9.3g} {:>9.3g} {:>12.3g} {:>14.3g} {:>14.3g} [{:.3g} .. {:.3g}]\n", name,
        number(c.at("throughput_ratio")), number(c.at("goodput_ratio")),
        number(c.at("ttft_p50_ratio")), number(c.at("tpot_p50_ratio")),
        number(c.at("power_efficiency_ratio")), number(c.at("interval").at(0)),
        number(c.at("interval").at(1)));
    std::string lost;
    const auto lose = [&](const char* key, const char* what) {
      if (number(c.at(key)) < 1) lost += (lost.empty() ? "" : ", ") + std::string(what);
    };
    lose("throughput_ratio", "throughput");
    lose("goodput_ratio", "goodput");
    lose("ttft_p50_ratio", "time to first token");
    lose("tpot_p50_ratio", "time per further token");
    lose("power_efficiency_ratio", "energy per token");
    if (!lost.empty()) losses += fmt::format("    against {}: {}\n", name, lost);
  }
  if (!losses.empty()) out += "\n  Where the accelerator loses\n" + losses;
  return out;
}

std::string error_text(const json& d) {
  if (!d.contains("interpolation_error")) return "";
  const auto& e = d.at("interpolation_error");
  const auto share = [&](const char* key) { return percent(number(e.at(key))); };
  std::string out = fmt::format(
      "\n  How sure the passes of the accelerator are\n"
      "    interpolation, at {} other simulated passes: time off by {} (median) to {}, energy by "
      "{} "
      "to {}\n",
      e.at("points").get<int>(), share("median_time"), share("largest_time"),
      share("median_energy"), share("largest_energy"));
  out += fmt::format("      most at {}\n", text(e.at("worst_point")));
  const int few = e.at("whole_points").get<int>();
  out += few == 0
             ? "    all layers are simulated: a few did not stand for all within 3 %\n"
             : fmt::format(
                   "    few layers for all, at {} passes: time off by at most {}, energy by at "
                   "most {}\n",
                   few, share("largest_layers_time"), share("largest_layers_energy"));
  out += fmt::format("    mean context of a batch for all contexts: {} (mean) to {}\n",
                     share("mean_context"), share("largest_context"));
  return out;
}

}  // namespace

std::string serve_report(const json& r) {
  std::string out = headline(r);
  const auto& devices = r.at("devices");
  out += latency_table(devices) + throughput_table(r) + memory_table(devices) + comparison_table(r);
  for (const json& d : devices) out += error_text(d);
  return out;
}

}  // namespace lutsim::tools

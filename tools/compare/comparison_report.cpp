// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "tools/compare/execute_compare.h"
#include "tools/run/format_units.h"

namespace lutsim::tools {

namespace {

/// Beside the objective, in this order.
constexpr std::array<Metric, 7> kColumns{
    Metric::tokens_per_s,    Metric::tpot,        Metric::energy_per_token, Metric::power,
    Metric::cost_per_mtoken, Metric::memory_free, Metric::perplexity_ratio};

std::size_t name_width(const Comparison& comparison) {
  std::size_t width = 9;
  for (const Candidate& c : comparison.candidates) width = std::max(width, c.name.size());
  return width;
}

std::string cell(const Standing& s, Metric metric) {
  const auto v = s.values.find(metric);
  return v == s.values.end() ? "-" : metric_text(metric, v->second.nominal);
}

std::string interval(const Standing& s, Metric metric) {
  const auto v = s.values.find(metric);
  if (v == s.values.end()) return "-";
  return fmt::format("{} [{} .. {}]", metric_text(metric, v->second.nominal),
                     metric_text(metric, v->second.low), metric_text(metric, v->second.high));
}

std::string table(const Comparison& comparison) {
  const Metric objective = comparison.judgement.objective;
  const std::size_t width = name_width(comparison);
  std::string out = fmt::format("\n     {:<{}}  {:<34} {:>7}", "candidate", width,
                                std::string(info(objective).name) + " [90 %]", "first");
  for (const Metric m : kColumns) {
    if (m != objective) out += fmt::format(" {:>16}", info(m).name);
  }
  out += "\n";
  for (const Standing& s : comparison.order) {
    const Candidate& c = comparison.candidates[s.candidate];
    out += fmt::format("  {:>2} {:<{}}  {:<34} {:>7}", s.rank == 0 ? "-" : std::to_string(s.rank),
                       c.name, width, interval(s, objective), percent(s.share_first));
    for (const Metric m : kColumns) {
      if (m != objective) out += fmt::format(" {:>16}", cell(s, m));
    }
    out += "\n";
  }
  out += "     first: share of the draws of all uncertain constants in which it ranks first\n";
  return out;
}

std::string why(const Comparison& comparison) {
  const Judgement& judgement = comparison.judgement;
  const std::size_t width = name_width(comparison);
  std::string out = "\n  Why\n";
  for (const Standing& s : comparison.order) {
    const Candidate& c = comparison.candidates[s.candidate];
    const std::string& reason = reason_of(c, judgement.objective);
    std::string text;
    if (s.rank == 0) {
      text = "out: " + s.excluded_by;
    } else if (s.rank == 1) {
      text = "first";
    } else {
      text = fmt::format("{:.3g} times {}", s.behind,
                         info(judgement.objective).higher_is_better ? "less" : "more");
    }
    if (c.failure.empty() && !reason.empty()) text += "; " + reason;
    out += fmt::format("    {:<{}}  {}\n", c.name, width, text);
  }
  return out;
}

std::string flip_text(const Flip& f) {
  const char* where = f.upwards ? "above" : "below";
  if (f.is_common) {
    return fmt::format("{} at {} of the way to its {} ends", f.cause, percent(f.turns_at),
                       f.upwards ? "high" : "low");
  }
  const auto text = [&f](double value) {
    return f.unit == "J" || f.unit == "W" ? si(value, f.unit)
                                          : fmt::format("{:.3g} {}", value, f.unit);
  };
  return fmt::format("{} {} {} (is {}, {} .. {})", f.cause, where, text(f.turns_at),
                     text(f.range.value), text(f.range.low), text(f.range.high));
}

std::string changes(const Comparison& comparison) {
  const Standing& first = comparison.order.front();
  if (!first.is_admissible) return "\n  No candidate is admissible.\n";
  const std::size_t width = name_width(comparison);
  std::string out = fmt::format("\n  What could put another before {}\n",
                                comparison.candidates[first.candidate].name);
  std::size_t never = 0;
  for (std::size_t i = 1; i < comparison.order.size(); ++i) {
    const Standing& s = comparison.order[i];
    if (s.share_before_first == 0 && s.flips.empty()) {
      ++never;
      continue;
    }
    out += fmt::format("    {:<{}}  {} of the draws", comparison.candidates[s.candidate].name,
                       width, percent(s.share_before_first));
    if (s.flips.empty()) out += "; no constant alone";
    for (const Flip& f : s.flips) out += "\n" + std::string(width + 8, ' ') + flip_text(f);
    out += "\n";
  }
  if (never > 0) {
    out += fmt::format("    {} more: in no draw, and no constant alone within its range\n", never);
  }
  return out;
}

/// What the numbers leave out and a reader may not expect.
std::string caveats(const Comparison& comparison) {
  const Metric objective = comparison.judgement.objective;
  if (objective != Metric::price && objective != Metric::cost_per_mtoken) return "";
  return "\n  Not in the dollars: what it costs to develop a chip, hosts, racks, network, idle "
         "power.\n"
         "  An accelerator's price is that of its parts times a markup; a GPU's is what it sells "
         "for.\n";
}

std::string sources(const Comparison& comparison) {
  std::string out;
  for (const Candidate& c : comparison.candidates) {
    if (!c.quality.empty() && c.quality != "its own weights") {
      const std::string line = "    " + c.quality + "\n";
      if (out.find(line) == std::string::npos) out += line;
    }
  }
  return out.empty() ? "" : "\n  Quality is that of\n" + out;
}

}  // namespace

std::string comparison_report(const Comparison& comparison) {
  const ComparedWorkload& w = comparison.workload;
  const Judgement& judgement = comparison.judgement;
  const MetricInfo& objective = info(judgement.objective);
  std::string out =
      fmt::format("{}, batch {}, {} prompt + {} cached tokens, {} generated\n", w.model, w.batch,
                  w.prompt_tokens, w.cached_tokens, w.generated_tokens);
  out += fmt::format("ranked by {}, {} first: {}\n", objective.name,
                     objective.higher_is_better ? "highest" : "lowest", objective.doc);
  for (const Requirement& r : judgement.requirements) {
    out += fmt::format("required: {} ({})\n", r.text(), info(r.metric).doc);
  }
  return out + table(comparison) + why(comparison) + changes(comparison) + caveats(comparison) +
         sources(comparison);
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "tools/sweep/summary.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kShownPoints = 20;
constexpr std::size_t kShownFailures = 5;

std::string front_table(const SweepSpace& space, const json& fidelity, const Records& records) {
  std::string text =
      fmt::format("\n  Pareto front, fidelity {}: {} of {} feasible points\n   ",
                  fidelity.at("fidelity").get<std::string>(), fidelity.at("front").size(),
                  fidelity.at("feasible").get<std::uint64_t>());
  for (const Objective& o : space.keys.objectives) text += fmt::format(" {:>26}", o.key);
  text += "   point\n";
  std::size_t shown = 0;
  for (const json& p : fidelity.at("front")) {
    if (shown++ == kShownPoints) {
      text +=
          fmt::format("    ... {} more in front.csv\n", fidelity.at("front").size() - kShownPoints);
      break;
    }
    text += "   ";
    for (const auto& value : p.at("objectives"))
      text += fmt::format(" {:>26.4g}", value.get<double>());
    text += "   ";
    const json& point = records.at(p.at("key")).at("point");
    for (const Axis& axis : space.axes) {
      if (axis.values.size() < 2) continue;
      const json& value = point.at(axis.name());
      text += fmt::format("{}={} ", axis.name(),
                          value.is_string() ? value.get<std::string>() : value.dump());
    }
    text.back() = '\n';
  }
  return text + fmt::format("    hypervolume {:.6g} against {}\n",
                            fidelity.at("hypervolume").get<double>(),
                            fidelity.at("reference").dump());
}

}  // namespace

std::string summary_text(const SweepSpace& space, const json& summary, const Records& records) {
  const json& counts = summary.at("counts");
  std::string text = fmt::format(
      "{}: {} points, {} ok ({} feasible), {} refused, {} failed{}\n", space.keys.name,
      counts.at("records").get<std::uint64_t>(), counts.at("ok").get<std::uint64_t>(),
      counts.at("feasible").get<std::uint64_t>(), counts.at("refused").get<std::uint64_t>(),
      counts.at("failed").get<std::uint64_t>(),
      summary.at("complete").get<bool>() ? "" : "; NOT COMPLETE, go on with --resume");
  text += fmt::format(
      "{} proposed, {} excluded by constraints on parameters, {} the same run as "
      "another point\n",
      counts.at("proposed").get<std::uint64_t>(), counts.at("excluded").get<std::uint64_t>(),
      counts.at("duplicates").get<std::uint64_t>());
  for (const json& fidelity : summary.at("fidelities"))
    text += front_table(space, fidelity, records);
  for (const json& s : summary.at("searches"))
    text += fmt::format(
        "\n  {:<8} {} evaluations, {} distinct points, {} on its front, "
        "hypervolume {:.6g}",
        s.at("kind").get<std::string>(), s.at("evaluations").get<std::uint64_t>(),
        s.at("distinct").get<std::uint64_t>(), s.at("front_points").get<std::uint64_t>(),
        s.at("hypervolume").get<double>());
  if (!summary.at("searches").empty()) text += "\n";
  std::size_t shown = 0;
  for (const json& f : summary.at("failures")) {
    if (shown++ == kShownFailures) break;
    text += fmt::format("\n  FAILED {} {}\n    {}\n", f.at("key").get<std::string>().substr(0, 12),
                        f.at("point").dump(), f.at("reason").get<std::string>());
  }
  return text;
}

}  // namespace lutsim::tools::sweep

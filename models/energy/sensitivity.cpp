// SPDX-License-Identifier: Apache-2.0
#include "models/energy/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

namespace lutsim::models {
namespace {

/// Constants in the order of the report, then the causes that two or more of them share.
std::vector<Uncertain> uncertain_parts(const EnergyReport& report) {
  std::vector<Uncertain> parts;
  std::map<std::string, std::vector<const ConstantUse*>> causes;
  for (const ConstantUse& use : report.constants) {
    const Constant& c = use.constant;
    parts.push_back({c.name, {}, {c.value, c.low, c.high}, use.amount});
    if (!c.shares.empty()) causes[c.shares].push_back(&use);
  }
  for (const auto& [cause, uses] : causes) {
    if (uses.size() < 2) continue;
    Uncertain together{cause, {}, {}, 0};
    Estimate joules;
    for (const ConstantUse* use : uses) {
      together.members.push_back(use->constant.name);
      joules.value += use->amount * use->constant.value;
      joules.low += use->amount * use->constant.low;
      joules.high += use->amount * use->constant.high;
    }
    if (joules.value == 0) continue;
    together.estimate = {1, joules.low / joules.value, joules.high / joules.value};
    together.joules_per_unit = joules.value;
    parts.push_back(std::move(together));
  }
  return parts;
}

/// Joules with one part at `value`.
double joules_with(const EnergyReport& report, const Uncertain& part, double value) {
  return report.total + part.joules_per_unit * (value - part.estimate.value);
}

bool wider(const Sensitivity& a, const Sensitivity& b) { return a.swing > b.swing; }

void check(const Estimate& e) {
  if (!(0 < e.low && e.low <= e.value && e.value <= e.high)) {
    throw std::invalid_argument("an estimate must have 0 < low <= value <= high");
  }
}

Sensitivity sensitivity(const Uncertain& of, double at_low, double at_high) {
  return {of, at_low, at_high, std::abs(at_high - at_low)};
}

}  // namespace

std::vector<Sensitivity> energy_sensitivity(const EnergyReport& report) {
  std::vector<Sensitivity> list;
  for (const Uncertain& part : uncertain_parts(report)) {
    list.push_back(sensitivity(part, joules_with(report, part, part.estimate.low),
                               joules_with(report, part, part.estimate.high)));
  }
  std::stable_sort(list.begin(), list.end(), wider);
  return list;
}

std::vector<Sensitivity> efficiency_ratio_sensitivity(const EnergyReport& report, double tokens,
                                                      const Estimate& gpu_tokens_per_j) {
  check(gpu_tokens_per_j);
  std::vector<Sensitivity> list;
  for (const Sensitivity& s : energy_sensitivity(report)) {
    list.push_back(sensitivity(s.of, tokens / s.at_low / gpu_tokens_per_j.value,
                               tokens / s.at_high / gpu_tokens_per_j.value));
  }
  const double per_joule = tokens / report.total;
  list.push_back(sensitivity({kGpuTokensPerJoule, {}, gpu_tokens_per_j, 0},
                             per_joule / gpu_tokens_per_j.low, per_joule / gpu_tokens_per_j.high));
  std::stable_sort(list.begin(), list.end(), wider);
  return list;
}

std::vector<Crossover> efficiency_ratio_crossovers(const EnergyReport& report, double tokens,
                                                   const Estimate& gpu_tokens_per_j,
                                                   double threshold) {
  if (!(threshold > 0)) throw std::invalid_argument("a ratio to cross must be above 0");
  // ratio = tokens / joules / gpu: the joules at which it is the threshold.
  const double joules = tokens / threshold / gpu_tokens_per_j.value;
  std::vector<Crossover> list;
  for (Sensitivity& s : efficiency_ratio_sensitivity(report, tokens, gpu_tokens_per_j)) {
    const Uncertain& of = s.of;
    double at = 0;
    if (of.name == kGpuTokensPerJoule) {
      at = tokens / report.total / threshold;
    } else if (of.joules_per_unit > 0) {
      at = of.estimate.value + (joules - report.total) / of.joules_per_unit;
    }
    Crossover crossover{std::move(s), std::nullopt, false};
    if (at > 0) {
      const Estimate& range = crossover.sensitivity.of.estimate;
      crossover.at = at;
      crossover.in_range = range.low <= at && at <= range.high;
    }
    list.push_back(std::move(crossover));
  }
  return list;
}

}  // namespace lutsim::models

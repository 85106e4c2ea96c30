// SPDX-License-Identifier: Apache-2.0
#include "models/energy/uncertainty.h"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <map>
#include <stdexcept>

namespace lutsim::models {
namespace {

// The standard library's distributions differ between compilers; Boost's do not.
using Generator = boost::random::mt19937_64;

/// Where a constant lies: below or above its value, and how far towards the bound, in logarithms.
struct Draw {
  bool below;
  double distance;
};

Draw draw(Generator* generator) {
  boost::random::uniform_01<double> uniform;
  const bool below = uniform(*generator) < 0.5;
  // The density falls linearly from 0 (the value) to 1 (the bound): distance = 1 - sqrt(u).
  return {below, 1 - std::sqrt(uniform(*generator))};
}

double at(const Draw& d, const Estimate& e) {
  return e.value * std::exp(d.distance * std::log((d.below ? e.low : e.high) / e.value));
}

Estimate estimate_of(const Constant& c) { return {c.value, c.low, c.high}; }

void check(const Estimate& e) {
  if (!(0 < e.low && e.low <= e.value && e.value <= e.high)) {
    throw std::invalid_argument("an estimate must have 0 < low <= value <= high");
  }
}

/// Constants with the same key share a draw. Those of one memory family do: the literature
/// disagrees about the energy of an access as a whole, the split into parts is ours.
std::string draw_key(const std::string& constant) {
  if (constant.rfind("dram.", 0) != 0) return constant;
  return constant.substr(0, constant.rfind('.'));
}

double draw_joules(const EnergyReport& report, Generator* generator) {
  std::map<std::string, Draw> draws;
  double joules = 0;
  for (const ConstantUse& use : report.constants) {
    const std::string key = draw_key(use.constant.name);
    auto found = draws.find(key);
    if (found == draws.end()) found = draws.emplace(key, draw(generator)).first;
    joules += use.amount * at(found->second, estimate_of(use.constant));
  }
  return joules;
}

template <class DrawResult>
Interval interval_of(double nominal, const Sampling& sampling, const DrawResult& draw_result) {
  if (sampling.draws == 0) throw std::invalid_argument("an interval needs at least one draw");
  Generator generator(sampling.seed);
  std::vector<double> results(sampling.draws);
  for (double& result : results) result = draw_result(&generator);
  std::sort(results.begin(), results.end());
  const auto percentile = [&results](double p) {
    const double last = static_cast<double>(results.size() - 1);
    return results[static_cast<std::size_t>(std::lround(p * last))];
  };
  return {nominal, percentile(0.05), percentile(0.50), percentile(0.95)};
}

/// Joules with one constant set to `value`.
double joules_with(const EnergyReport& report, const ConstantUse& use, double value) {
  return report.total + use.amount * (value - use.constant.value);
}

void rank(std::vector<Sensitivity>* list) {
  for (Sensitivity& s : *list) s.swing = std::abs(s.at_high - s.at_low);
  std::stable_sort(list->begin(), list->end(),
                   [](const Sensitivity& a, const Sensitivity& b) { return a.swing > b.swing; });
}

}  // namespace

Interval energy_interval(const EnergyReport& report, const Sampling& sampling) {
  return interval_of(report.total, sampling,
                     [&report](Generator* generator) { return draw_joules(report, generator); });
}

Interval efficiency_ratio_interval(const EnergyReport& report, double tokens,
                                   const Estimate& gpu_tokens_per_j, const Sampling& sampling) {
  check(gpu_tokens_per_j);
  return interval_of(tokens / report.total / gpu_tokens_per_j.value, sampling,
                     [&](Generator* generator) {
                       const double gpu = at(draw(generator), gpu_tokens_per_j);
                       return tokens / draw_joules(report, generator) / gpu;
                     });
}

std::vector<Sensitivity> energy_sensitivity(const EnergyReport& report) {
  std::vector<Sensitivity> list;
  for (const ConstantUse& use : report.constants) {
    list.push_back({use.constant.name, joules_with(report, use, use.constant.low),
                    joules_with(report, use, use.constant.high), 0});
  }
  rank(&list);
  return list;
}

std::vector<Sensitivity> efficiency_ratio_sensitivity(const EnergyReport& report, double tokens,
                                                      const Estimate& gpu_tokens_per_j) {
  check(gpu_tokens_per_j);
  std::vector<Sensitivity> list;
  for (const Sensitivity& s : energy_sensitivity(report)) {
    list.push_back({s.name, tokens / s.at_low / gpu_tokens_per_j.value,
                    tokens / s.at_high / gpu_tokens_per_j.value, 0});
  }
  const double per_joule = tokens / report.total;
  list.push_back(
      {"gpu.tokens_per_j", per_joule / gpu_tokens_per_j.low, per_joule / gpu_tokens_per_j.high, 0});
  rank(&list);
  return list;
}

}  // namespace lutsim::models

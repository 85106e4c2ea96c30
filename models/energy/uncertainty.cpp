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

/// What draws of the same name have in common: where a constant lies, below or above its value, and
/// how far towards the bound, in logarithms.
class DrawSequence {
 public:
  DrawSequence(const std::string& name, std::uint64_t seed) : generator_(hash(name) ^ seed) {}

  void next() {
    boost::random::uniform_01<double> uniform;
    below_ = uniform(generator_) < 0.5;
    // The density falls linearly from 0 (the value) to 1 (the bound): distance = 1 - sqrt(u).
    distance_ = 1 - std::sqrt(uniform(generator_));
  }

  double at(const Estimate& e) const {
    return e.value * std::exp(distance_ * std::log((below_ ? e.low : e.high) / e.value));
  }

 private:
  /// FNV-1a; std::hash differs between libraries.
  static std::uint64_t hash(const std::string& text) {
    std::uint64_t h = 14695981039346656037u;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return h;
  }

  // The standard library's distributions differ between compilers; Boost's do not.
  boost::random::mt19937_64 generator_;
  bool below_ = false;
  double distance_ = 0;
};

std::string draw_name(const Constant& constant) {
  return constant.shares.empty() ? constant.name : "shares " + constant.shares;
}

void check(const Estimate& e) {
  if (!(0 < e.low && e.low <= e.value && e.value <= e.high)) {
    throw std::invalid_argument("an estimate must have 0 < low <= value <= high");
  }
}

}  // namespace

std::vector<double> draw_joules(const std::vector<ConstantUse>& constants,
                                const Sampling& sampling) {
  std::map<std::string, std::vector<const ConstantUse*>> by_draw;
  for (const ConstantUse& use : constants) by_draw[draw_name(use.constant)].push_back(&use);
  std::vector<double> joules(sampling.draws);
  for (const auto& [name, uses] : by_draw) {
    DrawSequence sequence(name, sampling.seed);
    for (double& sum : joules) {
      sequence.next();
      for (const ConstantUse* use : uses) {
        const Constant& c = use->constant;
        sum += use->amount * sequence.at({c.value, c.low, c.high});
      }
    }
  }
  return joules;
}

std::vector<double> draw_efficiency_ratios(const std::vector<double>& joules, double tokens,
                                           const Estimate& gpu_tokens_per_j,
                                           const Sampling& sampling) {
  check(gpu_tokens_per_j);
  DrawSequence gpu(kGpuTokensPerJoule, sampling.seed);
  std::vector<double> ratios;
  ratios.reserve(joules.size());
  for (const double energy : joules) {
    gpu.next();
    ratios.push_back(tokens / energy / gpu.at(gpu_tokens_per_j));
  }
  return ratios;
}

Interval interval_of(double nominal, std::vector<double> draws) {
  if (draws.empty()) throw std::invalid_argument("an interval needs at least one draw");
  std::sort(draws.begin(), draws.end());
  const auto percentile = [&draws](double p) {
    const double last = static_cast<double>(draws.size() - 1);
    return draws[static_cast<std::size_t>(std::lround(p * last))];
  };
  return {nominal, percentile(0.05), percentile(0.50), percentile(0.95)};
}

Interval energy_interval(const std::vector<ConstantUse>& constants, const Sampling& sampling) {
  double nominal = 0;
  for (const ConstantUse& use : constants) nominal += use.amount * use.constant.value;
  return interval_of(nominal, draw_joules(constants, sampling));
}

Interval energy_interval(const EnergyReport& report, const Sampling& sampling) {
  return interval_of(report.total, draw_joules(report.constants, sampling));
}

Interval efficiency_ratio_interval(const EnergyReport& report, double tokens,
                                   const Estimate& gpu_tokens_per_j, const Sampling& sampling) {
  return interval_of(tokens / report.total / gpu_tokens_per_j.value,
                     draw_efficiency_ratios(draw_joules(report.constants, sampling), tokens,
                                            gpu_tokens_per_j, sampling));
}

}  // namespace lutsim::models

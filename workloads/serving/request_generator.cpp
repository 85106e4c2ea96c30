// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/request_generator.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

namespace lutsim::workloads {

namespace {

/// Distributions of the C++ library differ between implementations; these do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}

  /// In (0, 1).
  double uniform() {
    constexpr double kStep = 0x1p-53;
    return (static_cast<double>(bits_() >> 11) + 0.5) * kStep;
  }
  std::uint32_t below(std::uint32_t end) {
    return std::min(end - 1, static_cast<std::uint32_t>(uniform() * end));
  }
  /// Box and Muller.
  double normal() {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(kTwoPi * uniform());
  }
  /// Mean `shape`, variance `shape`: Marsaglia and Tsang, ACM TOMS 26(3), 2000.
  double gamma(double shape) {
    if (shape < 1) return gamma(shape + 1) * std::pow(uniform(), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
      const double x = normal();
      const double v = std::pow(1 + c * x, 3);
      if (v > 0 && std::log(uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }

 private:
  std::mt19937_64 bits_;
};

std::uint32_t length(Random& random, const LengthStatistics& statistics) {
  const double sigma = std::sqrt(2 * std::log(statistics.mean / statistics.median));
  const double value = statistics.median * std::exp(sigma * random.normal());
  return static_cast<std::uint32_t>(
      std::clamp(std::round(value), 1.0, static_cast<double>(statistics.largest)));
}

void check(const GeneratorOptions& o) {
  if (!(o.rate > 0) || !(o.duration_s > 0) || !(o.burstiness > 0))
    throw std::invalid_argument("rate, duration and burstiness of requests must be above 0");
  if (!(o.shared_share >= 0 && o.shared_share <= 1))
    throw std::invalid_argument("the share of requests with a shared prefix must lie in 0 to 1");
  if (o.models == 0 || o.adapters == 0 || o.shared_groups == 0)
    throw std::invalid_argument("requests need at least one model, adapter and group");
}

}  // namespace

LengthStatistics prompt_statistics(LengthProfile profile) {
  switch (profile) {
    case LengthProfile::azure_code:
      return {2048, 1469, 7437};
    case LengthProfile::sharegpt:
      return {857, 731.5, 3998};
    case LengthProfile::azure_conv:
      break;
  }
  return {1155, 1020, 14050};
}

LengthStatistics output_statistics(LengthProfile profile) {
  switch (profile) {
    case LengthProfile::azure_code:
      return {27.9, 13, 1899};
    case LengthProfile::sharegpt:
      return {652.5, 632, 1021};
    case LengthProfile::azure_conv:
      break;
  }
  return {211, 129, 1000};
}

RequestTrace generate_requests(const GeneratorOptions& o) {
  check(o);
  Random random(o.seed);
  RequestTrace trace{"generated", "gamma-distributed gaps, lognormal lengths", {}};
  const double shape = 1 / (o.burstiness * o.burstiness);
  const auto gap = [&] { return random.gamma(shape) / shape / o.rate; };
  double now = gap();
  while (now < o.duration_s) {
    Request request;
    request.arrival_s = now;
    request.prompt_tokens = length(random, prompt_statistics(o.lengths));
    request.output_tokens = length(random, output_statistics(o.lengths));
    trace.requests.push_back(std::move(request));
    now += gap();
  }
  assign(trace, o);
  return trace;
}

void assign(RequestTrace& trace, const GeneratorOptions& o) {
  check(o);
  // A stream of its own: more adapters do not move the arrivals.
  Random random(o.seed ^ 0x9e3779b97f4a7c15);
  for (Request& request : trace.requests) {
    request.model = random.below(o.models);
    const std::uint32_t adapter = random.below(o.adapters);
    if (!trace.names_adapters) request.adapter = adapter;
    const bool shares = random.uniform() < o.shared_share;
    const std::uint32_t group = random.below(o.shared_groups);
    if (!shares || !request.prompt_ids.empty()) continue;
    request.shared_group = group;
    request.shared_tokens = std::min(o.shared_tokens, request.prompt_tokens);
  }
}

}  // namespace lutsim::workloads

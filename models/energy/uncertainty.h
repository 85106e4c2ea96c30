// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/account.h"

/// How sure a number is, given the ranges of the constants that it rests on.
///
/// A constant is drawn below its value in half of the draws and above it in the other half; on
/// either side the density of its logarithm falls linearly from the value to the bound. So the
/// median of a draw is the value, the bounds are never left, and a range of 4 to 20 pJ is as wide
/// to both sides as its ratios say. Constants that name a common cause (Constant::shares) lie at
/// the same place of their ranges in every draw; all else is independent. A constant has the same
/// draws whatever it is summed with, so that parts of a run go with their total.
namespace lutsim::models {

/// A number with its lowest and highest credible values, 0 < low <= value <= high.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Nominal value, 5th, 50th and 95th percentile.
struct Interval {
  double nominal = 0;
  double low = 0;
  double median = 0;
  double high = 0;
};

/// Name under which the GPU's tokens per joule are drawn and listed.
constexpr const char* kGpuTokensPerJoule = "gpu.tokens_per_j";

struct Sampling {
  std::uint64_t seed = 1;
  std::uint32_t draws = 10000;
};

/// Joules of every draw of the constants. The same seed gives the same draws on every platform.
std::vector<double> draw_joules(const std::vector<ConstantUse>& constants,
                                const Sampling& sampling);

/// Draws of (units of work per joule of the run) / (units of work per joule of the GPU), where a
/// unit of work is a generated token; `joules` are those of draw_joules() with the same sampling.
/// Throws std::invalid_argument unless 0 < low <= value <= high.
std::vector<double> draw_efficiency_ratios(const std::vector<double>& joules, double tokens,
                                           const Estimate& gpu_tokens_per_j,
                                           const Sampling& sampling);

/// 90 % interval of draws. Throws std::invalid_argument without any.
Interval interval_of(double nominal, std::vector<double> draws);

/// 90 % interval of the joules of constants: of a run, a group, an event.
Interval energy_interval(const std::vector<ConstantUse>& constants, const Sampling& sampling);
Interval energy_interval(const EnergyReport& report, const Sampling& sampling);

/// 90 % interval of draw_efficiency_ratios().
Interval efficiency_ratio_interval(const EnergyReport& report, double tokens,
                                   const Estimate& gpu_tokens_per_j, const Sampling& sampling);

}  // namespace lutsim::models

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
/// to both sides as its ratios say. Energies of one memory family share a draw, all else is
/// independent: docs/energy.md says what that hides.
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

/// What one constant does to a result when it alone goes from its low to its high value.
struct Sensitivity {
  std::string name;
  double at_low = 0;   ///< result with the constant at its low value
  double at_high = 0;  ///< result with the constant at its high value
  double swing = 0;    ///< |at_high - at_low|
};

struct Sampling {
  std::uint64_t seed = 1;
  std::uint32_t draws = 10000;
};

/// 90 % interval of a run's joules. The same seed gives the same interval on every platform.
Interval energy_interval(const EnergyReport& report, const Sampling& sampling);

/// 90 % interval of (units of work per joule of the run) / (units of work per joule of the GPU),
/// where a unit of work is a generated token. Throws std::invalid_argument unless 0 < low <= value
/// <= high.
Interval efficiency_ratio_interval(const EnergyReport& report, double tokens,
                                   const Estimate& gpu_tokens_per_j, const Sampling& sampling);

/// One-at-a-time sensitivity of a run's joules, largest swing first.
std::vector<Sensitivity> energy_sensitivity(const EnergyReport& report);

/// The same for the efficiency ratio; the GPU's estimate stands under "gpu.tokens_per_j".
std::vector<Sensitivity> efficiency_ratio_sensitivity(const EnergyReport& report, double tokens,
                                                      const Estimate& gpu_tokens_per_j);

}  // namespace lutsim::models

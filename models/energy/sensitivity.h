// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "models/energy/uncertainty.h"

/// Which constant a result moves with, and where a conclusion about it turns. Joules are linear in
/// every constant, so both are exact without another simulation.
namespace lutsim::models {

/// Something that is uncertain: a constant, the constants of one common cause together, or the
/// GPU's tokens per joule. `value`, `low` and `high` are in the unit of the constant; those of a
/// common cause are factors on the joules of all its constants, the value being 1.
struct Uncertain {
  std::string name;                  ///< of the constant or the cause; "gpu.tokens_per_j"
  std::vector<std::string> members;  ///< of a common cause, two or more; empty for one constant
  Estimate estimate;
  double joules_per_unit = 0;  ///< of the run, for one unit of its value; 0 for the GPU
};

/// What it does to a result when it alone goes from its low to its high value.
struct Sensitivity {
  Uncertain of;
  double at_low = 0;   ///< result with it at its low value
  double at_high = 0;  ///< result with it at its high value
  double swing = 0;    ///< |at_high - at_low|
};

/// Where the efficiency ratio is `threshold`, everything else as it is.
struct Crossover {
  Sensitivity sensitivity;
  std::optional<double> at;  ///< value of `of`; none when no value above 0 has it
  bool in_range = false;     ///< `at` lies between low and high
};

/// One-at-a-time sensitivity of a run's joules, largest swing first: every constant by itself and
/// every common cause of two or more constants.
std::vector<Sensitivity> energy_sensitivity(const EnergyReport& report);

/// The same for the efficiency ratio of uncertainty.h, with the GPU's estimate.
std::vector<Sensitivity> efficiency_ratio_sensitivity(const EnergyReport& report, double tokens,
                                                      const Estimate& gpu_tokens_per_j);

/// For each of efficiency_ratio_sensitivity(), in its order. Precondition: threshold > 0.
std::vector<Crossover> efficiency_ratio_crossovers(const EnergyReport& report, double tokens,
                                                   const Estimate& gpu_tokens_per_j,
                                                   double threshold);

}  // namespace lutsim::models

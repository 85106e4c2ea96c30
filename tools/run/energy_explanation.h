// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/energy/sensitivity.h"

/// Where the energy of a run went and how sure a conclusion from it is, from its result file alone:
/// joules are linear in the constants, so nothing is simulated again.
namespace lutsim::tools {

/// A statement about the power-efficiency ratio: "ratio>=8".
struct Conclusion {
  enum class Relation { at_least, above, at_most, below };
  Relation relation = Relation::at_least;
  double ratio = 8;

  bool holds(double value) const;
  std::string text() const;
};

/// Throws config::InputError.
Conclusion parse_conclusion(const std::string& text);

/// A GPU of the run with precision and line, each part empty when any will do.
struct GpuChoice {
  std::string name, precision, line;
};
/// "a100-80gb", "a100-80gb:int4" or "a100-80gb:int4:kernel"; the name may be "h100-sxm:4".
GpuChoice parse_gpu_choice(const std::string& text);

/// The run against one GPU line.
struct GpuSensitivity {
  std::string name, precision, line;
  models::Estimate tokens_per_j;  ///< of the GPU
  models::Interval ratio;
  std::vector<models::Sensitivity> tornado;
};

/// What the statement about one GPU line rests on.
struct ConclusionCheck {
  Conclusion conclusion;
  GpuSensitivity against;
  bool holds = false;
  double share_of_draws = 0;  ///< in which it holds
  std::vector<models::Crossover> crossovers;
};

struct EnergyExplanation {
  double tokens = 0;                                ///< generated
  models::EnergyReport report;                      ///< `total`, `constants` and `evidence`
  std::vector<models::Sensitivity> energy;          ///< of the joules of the run
  std::vector<GpuSensitivity> gpus;                 ///< every line of the result
  std::optional<ConclusionCheck> conclusion_check;  ///< none for a run without GPUs
};

/// Joules of a "lutsim.result/1" by constant: `total`, `constants` and `evidence`. Throws
/// config::InputError when a version wrote it that did not write how much of each constant it used.
models::EnergyReport energy_report_of(const nlohmann::ordered_json& result,
                                      const std::string& file);

/// Reads a "lutsim.result/1". Throws config::InputError as energy_report_of(), and when the run was
/// not compared with such a GPU.
EnergyExplanation explain_energy(const nlohmann::ordered_json& result, const std::string& file,
                                 const Conclusion& conclusion, const GpuChoice& against);

/// For people. `result` is what explain_energy() read.
std::string energy_explanation_text(const nlohmann::ordered_json& result,
                                    const EnergyExplanation& explanation);
nlohmann::ordered_json energy_explanation_json(const nlohmann::ordered_json& result,
                                               const EnergyExplanation& explanation);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/energy/account.h"
#include "models/energy/area.h"
#include "models/energy/uncertainty.h"
#include "sim/platform/bounds.h"
#include "sim/platform/platform.h"
#include "tools/run/gpu_comparison.h"
#include "tools/run/run_quality.h"
#include "tools/run/run_spec.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// Time of a run by phase, in seconds. A phase that the run does not have is 0.
struct PhaseTimes {
  double total = 0, prefill = 0, decode = 0;
  double ttft = 0;  ///< time to first token
  double tpot = 0;  ///< time per output token after the first
};

/// Outcome of functional mode.
struct FunctionalOutcome {
  std::vector<std::uint32_t> tokens;  ///< generated
  std::string text;                   ///< prompt and generated text
  bool equals_golden = false;         ///< tokens and every tensor, bit for bit
  std::uint64_t compared_tensors = 0, compared_values = 0, mismatches = 0;
  std::string first_mismatch;
};

/// What the timeline says about an operator.
struct OperatorLabel {
  workloads::OperatorKind kind = workloads::OperatorKind::add;
  std::string name;
};

/// 90 % intervals over the ranges of the constants.
struct EnergyIntervals {
  models::Interval total;
  std::vector<models::Interval> groups;  ///< of EnergyReport::groups
  std::vector<models::Interval> events;  ///< of EnergyReport::events
};

/// Everything that one run found out.
struct RunResult {
  RunSpec spec;
  std::string model_name;
  std::uint32_t batch = 1;
  double weight_bits = 0;  ///< planes of a decoder weight, on average
  std::uint32_t group_size = 0;
  std::uint64_t cached_tokens = 0;     ///< of each sequence, before the run
  std::uint64_t prompt_tokens = 0;     ///< of each sequence
  std::uint64_t generated_tokens = 0;  ///< of all sequences
  std::uint64_t switched_bytes = 0;    ///< that the task switch brings, all chips; 0: none
  std::uint64_t multiply_adds = 0;
  workloads::OperatorCost cost;                            ///< of the whole trace
  std::map<workloads::OperatorKind, std::uint64_t> flops;  ///< of the whole trace, by kind
  sim::RunStatistics statistics;
  std::vector<OperatorLabel> operators;  ///< by OperatorId
  PhaseTimes time;
  sim::RunBounds bounds;
  models::EnergyReport energy;
  EnergyIntervals energy_intervals;
  models::Interval peak_power_w;  ///< of the forward pass with the highest mean power
  models::AreaReport area;
  std::vector<GpuComparison> gpus;
  std::optional<FunctionalOutcome> functional;
  std::optional<RunQuality> quality;

  double tokens_per_s() const { return static_cast<double>(generated_tokens) / time.total; }
  double tokens_per_j() const { return static_cast<double>(generated_tokens) / energy.total; }
};

/// How a run came about; does not influence its numbers.
struct Provenance {
  std::string command;
  std::string when;  ///< UTC, ISO 8601
};

/// The result file, schema "lutsim.result/1" (docs/result.md).
nlohmann::ordered_json to_json(const RunResult& result, const Provenance& provenance);

}  // namespace lutsim::tools

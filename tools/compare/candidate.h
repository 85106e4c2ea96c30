// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/cost/cost_table.h"
#include "tools/compare/metric.h"
#include "tools/compare/uncertain_inputs.h"

namespace lutsim::tools {

/// A metric of a candidate as a function of its own inputs, in their order; as long as they are.
using Formula = std::function<Draws(const InputValues&)>;

enum class CandidateKind { accelerator, gpu };
inline auto enum_names(CandidateKind) {
  return std::array<spec::EnumName<CandidateKind>, 2>{
      {{CandidateKind::accelerator, "accelerator"}, {CandidateKind::gpu, "gpu"}}};
}

/// One piece of hardware that did the workload, or could not.
struct Candidate {
  std::string name;   ///< as it was asked for
  std::string title;  ///< for people
  CandidateKind kind = CandidateKind::accelerator;
  std::string failure;  ///< why it cannot do the work; empty: it can
  std::vector<UncertainInput> inputs;
  std::map<Metric, Formula> formulas;                   ///< metrics that are known
  std::map<Metric, std::string> unknown;                ///< why others are not
  std::string time_reason, energy_reason, cost_reason;  ///< what each of them goes into
  std::string quality;                                  ///< where perplexity_ratio is from
};

/// Adds an input; its index in Candidate::inputs.
std::size_t add_input(Candidate& candidate, const std::string& name, const std::string& unit,
                      const models::Estimate& estimate, const std::string& shares);

/// The same for a row of the cost table; nothing, and the price is unknown, when it has none.
std::optional<std::size_t> add_cost(Candidate& candidate, const models::CostTable& costs,
                                    const std::string& name);

/// cost_per_mtoken from the formulas of price, tokens_per_s and energy_per_token, if there is a
/// price.
void add_cost_per_token(Candidate& candidate, const models::CostTable& costs);

/// Why a candidate has the value that it has of this metric; empty when the value says all.
const std::string& reason_of(const Candidate& candidate, Metric metric);

}  // namespace lutsim::tools

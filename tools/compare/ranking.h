// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/compare/candidate.h"

namespace lutsim::tools {

/// What the candidates are judged by.
struct Judgement {
  Metric objective = Metric::energy_per_token;
  std::vector<Requirement> requirements;
  models::Sampling sampling;
};

/// How a candidate keeps one requirement.
struct RequirementOutcome {
  std::optional<double> value;  ///< none when the metric is unknown: then it is not kept
  bool holds = false;
  double share_of_draws = 0;  ///< in which it holds
};

/// A cause that, alone and within its range, puts the candidate before the first one, or a first
/// one behind.
struct Flip {
  std::string cause;
  bool upwards = false;  ///< towards the high values
  /// Where it turns: for one input its value; for a common cause the part of the way from its best
  /// estimates to the ends of the ranges, 0 to 1.
  double turns_at = 0;
  bool is_common = false;  ///< several inputs with one cause
  std::string unit;        ///< of turns_at when it is one input
  models::Estimate range;  ///< of one input
};

struct Standing {
  std::size_t candidate = 0;                     ///< index
  bool is_admissible = false;                    ///< it can do the work and keeps every requirement
  std::size_t rank = 0;                          ///< from 1; 0: not admissible
  std::map<Metric, models::Interval> values;     ///< every known metric
  std::vector<RequirementOutcome> requirements;  ///< in the order of the judgement
  std::string excluded_by;                       ///< why it is not admissible
  double behind = 1;              ///< objective: how many times better the first one is
  double share_first = 0;         ///< of the draws in which it is the best admissible one
  double share_before_first = 0;  ///< in which it is before the nominally first one
  std::vector<Flip> flips;        ///< what could put it before the nominally first one
};

/// Judges the candidates: admissible ones by the objective at best estimates, then the others.
/// Equal values keep the order in which they were given.
std::vector<Standing> rank(const std::vector<Candidate>& candidates, const Judgement& judgement);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/ranking.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lutsim::tools {

namespace {

/// The candidates over one set of inputs.
class Field {
 public:
  Field(const std::vector<Candidate>& candidates, const Judgement& judgement)
      : candidates_(candidates), judgement_(judgement) {
    for (const Candidate& c : candidates) {
      std::vector<std::size_t> indices;
      for (const UncertainInput& input : c.inputs) indices.push_back(inputs_.add(input, c.name));
      indices_.push_back(std::move(indices));
    }
  }

  const UncertainInputs& inputs() const { return inputs_; }

  /// A metric of a candidate at these values of all inputs; nothing when it is not known.
  std::optional<Draws> value(std::size_t c, Metric metric, const InputValues& values) const {
    const auto formula = candidates_[c].formulas.find(metric);
    if (formula == candidates_[c].formulas.end()) return std::nullopt;
    InputValues own;
    for (const std::size_t i : indices_[c]) own.push_back(values[i]);
    return formula->second(own);
  }

  /// The objective, the less the better; infinite where the candidate is not admissible.
  Draws score(std::size_t c, const InputValues& values) const {
    const auto size = values.empty() ? 1 : values[0].size();
    const Draws never = Draws::Constant(size, std::numeric_limits<double>::infinity());
    const auto objective = value(c, judgement_.objective, values);
    if (!candidates_[c].failure.empty() || !objective) return never;
    Draws score = info(judgement_.objective).higher_is_better ? Draws(-*objective) : *objective;
    for (const Requirement& r : judgement_.requirements) {
      const auto found = value(c, r.metric, values);
      if (!found) return never;
      for (Eigen::Index d = 0; d < size; ++d) {
        if (!r.holds((*found)(d))) score(d) = never(d);
      }
    }
    return score;
  }

 private:
  const std::vector<Candidate>& candidates_;
  const Judgement& judgement_;
  UncertainInputs inputs_;
  std::vector<std::vector<std::size_t>> indices_;
};

double share(const Eigen::Array<bool, Eigen::Dynamic, 1>& of) {
  return static_cast<double>(of.count()) / static_cast<double>(of.size());
}

/// Single causes that put `c` before `first`.
std::vector<Flip> flips(const Field& field, std::size_t c, std::size_t first) {
  std::vector<Flip> found;
  const auto before = [&](const UncertainInputs::Cause& cause, double position) {
    const InputValues values = field.inputs().moved(cause, position);
    return field.score(c, values)(0) < field.score(first, values)(0);
  };
  for (const UncertainInputs::Cause& cause : field.inputs().causes()) {
    for (const double end : {-1.0, 1.0}) {
      if (!before(cause, end)) continue;
      double stays = 0, turns = end;
      constexpr int kHalvings = 40;
      for (int i = 0; i < kHalvings; ++i) {
        const double middle = (stays + turns) / 2;
        (before(cause, middle) ? turns : stays) = middle;
      }
      Flip flip;
      flip.cause = cause.name;
      flip.upwards = end > 0;
      flip.is_common = cause.members.size() > 1;
      const UncertainInput& one = field.inputs().all()[cause.members.front()];
      flip.unit = one.unit;
      flip.range = one.estimate;
      flip.turns_at = flip.is_common ? std::abs(turns)
                                     : field.inputs().moved(cause, turns)[cause.members.front()](0);
      found.push_back(flip);
    }
  }
  return found;
}

std::string exclusion(const Candidate& c, const Standing& s, const Judgement& judgement) {
  if (!c.failure.empty()) return c.failure;
  const auto why_unknown = [&c](Metric metric) {
    const auto why = c.unknown.find(metric);
    return fmt::format("{} is not known{}", info(metric).name,
                       why == c.unknown.end() ? "" : ": " + why->second);
  };
  std::string text;
  for (std::size_t i = 0; i < judgement.requirements.size(); ++i) {
    const RequirementOutcome& outcome = s.requirements[i];
    if (outcome.holds) continue;
    const Requirement& r = judgement.requirements[i];
    if (!text.empty()) text += "; ";
    text += outcome.value ? fmt::format("{} is {}, not {} {}", info(r.metric).name,
                                        metric_text(r.metric, *outcome.value),
                                        r.at_most ? "<=" : ">=", metric_text(r.metric, r.bound))
                          : why_unknown(r.metric);
  }
  if (text.empty() && s.values.count(judgement.objective) == 0) {
    return why_unknown(judgement.objective);
  }
  return text;
}

/// What the draws say of a candidate by itself.
Standing standing(const Field& field, const Candidate& c, std::size_t index,
                  const Judgement& judgement, const InputValues& nominal,
                  const InputValues& draws) {
  Standing s;
  s.candidate = index;
  if (!c.failure.empty()) {
    s.excluded_by = c.failure;
    s.requirements.resize(judgement.requirements.size());
    return s;
  }
  for (const auto& [metric, formula] : c.formulas) {
    const Draws drawn = *field.value(index, metric, draws);
    s.values[metric] = models::interval_of((*field.value(index, metric, nominal))(0),
                                           std::vector<double>(drawn.begin(), drawn.end()));
  }
  for (const Requirement& r : judgement.requirements) {
    RequirementOutcome outcome;
    if (const auto value = field.value(index, r.metric, nominal)) {
      outcome.value = (*value)(0);
      outcome.holds = r.holds(*outcome.value);
      const Draws drawn = *field.value(index, r.metric, draws);
      outcome.share_of_draws =
          static_cast<double>(
              std::count_if(drawn.begin(), drawn.end(), [&r](double v) { return r.holds(v); })) /
          static_cast<double>(drawn.size());
    }
    s.requirements.push_back(outcome);
  }
  s.is_admissible = std::isfinite(field.score(index, nominal)(0));
  if (!s.is_admissible) s.excluded_by = exclusion(c, s, judgement);
  return s;
}

}  // namespace

std::vector<Standing> rank(const std::vector<Candidate>& candidates, const Judgement& judgement) {
  const Field field(candidates, judgement);
  const InputValues nominal = field.inputs().nominal();
  const InputValues draws = field.inputs().draws(judgement.sampling);
  std::vector<Standing> order;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    order.push_back(standing(field, candidates[c], c, judgement, nominal, draws));
  }
  const auto score = [&](const Standing& s) { return field.score(s.candidate, nominal)(0); };
  std::stable_sort(order.begin(), order.end(),
                   [&](const Standing& a, const Standing& b) { return score(a) < score(b); });

  std::vector<Draws> scores;
  for (const Standing& s : order) scores.push_back(field.score(s.candidate, draws));
  Draws best = scores.empty() ? Draws() : scores[0];
  for (const Draws& s : scores) best = best.min(s);
  for (std::size_t i = 0; i < order.size(); ++i) {
    Standing& s = order[i];
    s.share_first = share(scores[i].isFinite() && scores[i] == best);
    if (!order[0].is_admissible) continue;
    if (s.is_admissible) {
      s.rank = i + 1;
      const double mine = s.values.at(judgement.objective).nominal;
      const double first = order[0].values.at(judgement.objective).nominal;
      s.behind = info(judgement.objective).higher_is_better ? first / mine : mine / first;
    }
    if (i > 0) {
      s.share_before_first = share(scores[i] < scores[0]);
      s.flips = flips(field, s.candidate, order[0].candidate);
    }
  }
  return order;
}

}  // namespace lutsim::tools

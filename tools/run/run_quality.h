// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "models/transformer/evaluate.h"
#include "tools/run/prepared_workload.h"
#include "tools/run/run_spec.h"

namespace lutsim::tools {

/// How well the model of a run predicts text: scored here, or published for its shape.
struct RunQuality {
  std::optional<models::Evaluation> scored;
  double perplexity_ratio = 0;  ///< published: over that of the model with its own weights; 0: none
  std::string source;           ///< the text, or who published the ratio
};

/// With a quality_text: its documents through the golden model of the run, its weights, adapter,
/// engine and cache, by one thread. Of a shape without weights: the least ratio that
/// models/quality/published.yaml has for its name and bits. Nothing when there is neither. Throws
/// config::InputError for a text that cannot be read, or that the weights or the adapter were
/// fitted to, and spec::SpecError when there is a text and no weights.
std::optional<RunQuality> quality_of(const RunSpec& spec, const PreparedWorkload& prepared);

/// `quality` of a result file (docs/result.md).
nlohmann::ordered_json to_json(const RunQuality& quality);

}  // namespace lutsim::tools

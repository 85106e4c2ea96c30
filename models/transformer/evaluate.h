// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/transformer/language_model.h"

namespace lutsim::models {

/// Score of one document: the sum over its scored tokens of -ln p(token | tokens before it).
struct DocumentScore {
  std::uint64_t tokens = 0;  ///< scored: all but the first
  double nll = 0.0;          ///< nats, sum
  double nll_squared = 0.0;  ///< sum of the squares of the terms
};

/// How well a model predicts documents.
struct Evaluation {
  double nll_per_token = 0.0;  ///< nats
  std::uint64_t tokens = 0;
  double perplexity = 0.0;  ///< exp(nll_per_token)
  /// Standard error of nll_per_token. Tokens of a document depend on each other, so documents are
  /// the sample: sqrt(D/(D-1) * sum over d of (nll_d - tokens_d * nll_per_token)^2) / tokens, the
  /// linearised error of a ratio (Cochran, Sampling Techniques, 3rd ed., eq. 6.13). With one
  /// document its tokens are taken as independent.
  double standard_error = 0.0;
  std::vector<DocumentScore> documents;  ///< in the order of the input
};

/// What one model predicts worse than another, text by text.
struct PairedDifference {
  double nll_per_token = 0.0;  ///< nats; positive: the first is worse
  /// As Evaluation::standard_error, of the differences of the documents: what both models find hard
  /// drops out.
  double standard_error = 0.0;
};

/// Throws std::invalid_argument unless both have scored the same documents, more than one.
PairedDifference paired_difference(const Evaluation& a, const Evaluation& b);

using ModelFactory = std::function<std::unique_ptr<LanguageModel>()>;

/// Scores each document on its own. A document is the tokens that are fed, the first (BOS) is not
/// scored; of more than max_context + 1 tokens the rest is left out. Log-softmax in double. Every
/// worker thread runs one model made by `make_model`; the result does not depend on `jobs`
/// (0: one for each hardware thread). `progress` is told of the documents done, by one thread at a
/// time. Throws std::invalid_argument when nothing can be scored.
Evaluation evaluate(
    const ModelFactory& make_model, const std::vector<std::vector<std::uint32_t>>& documents,
    std::uint32_t jobs = 0,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include "tools/run/run_quality.h"

#include <memory>

#include "models/quality/quality_table.h"
#include "models/transformer/golden_support.h"
#include "models/transformer/golden_transformer.h"
#include "tools/run/seen_documents.h"
#include "workloads/checkpoint/documents.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::tools {

namespace {

constexpr const char* kPublished = "published";

std::optional<RunQuality> published(const PreparedWorkload& prepared) {
  const auto row = models::best_quality(models::load_quality_table(kPublished), prepared.model_name,
                                        prepared.weight_bits);
  if (!row) return std::nullopt;
  RunQuality quality;
  quality.perplexity_ratio = row->ratio();
  quality.source = row->method + " on " + row->text + ", " + row->source;
  return quality;
}

}  // namespace

std::optional<RunQuality> quality_of(const RunSpec& spec, const PreparedWorkload& prepared) {
  const workloads::WorkloadSpec& workload = spec.workload;
  if (workload.quality_text.empty()) return prepared.model ? std::nullopt : published(prepared);
  if (!prepared.model) {
    throw spec::SpecError("quality_text = '" + workload.quality_text + "': '" +
                          prepared.model_name + "' has no weights to score it with");
  }
  models::require_golden(prepared.model->shape);
  const auto documents =
      workloads::load_documents(workload.quality_text, prepared.tokenizer, workload.quality_items);
  const std::string hint = "score other documents";
  refuse_seen_documents("the quantiser", prepared.model->recipe.calibration, documents,
                        workload.quality_text, hint);
  refuse_seen_documents("the adapter", prepared.adapter_documents, documents, workload.quality_text,
                        hint);
  RunQuality quality;
  quality.source = workload.quality_text;
  quality.scored = models::evaluate(
      [&] {
        return std::make_unique<models::GoldenTransformer>(
            *prepared.model, spec.arch.matrix, workloads::kv_cache_format(workload.kv_bits),
            spec.arch.attention);
      },
      documents, /*jobs=*/1);
  return quality;
}

nlohmann::ordered_json to_json(const RunQuality& q) {
  nlohmann::ordered_json quality = {{"source", q.source}};
  if (q.perplexity_ratio > 0) quality["perplexity_ratio"] = q.perplexity_ratio;
  if (!q.scored) return quality;
  quality["nll_per_token"] = q.scored->nll_per_token;
  quality["standard_error"] = q.scored->standard_error;
  quality["perplexity"] = q.scored->perplexity;
  quality["tokens"] = q.scored->tokens;
  quality["documents"] = q.scored->documents.size();
  return quality;
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "models/config/named.h"
#include "models/transformer/evaluate.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "tools/cli/quantizer_options.h"
#include "tools/cli/session.h"
#include "tools/output/progress.h"
#include "tools/run/format_units.h"
#include "tools/run/load_model.h"
#include "tools/run/seen_documents.h"
#include "tools/support/choice.h"
#include "workloads/checkpoint/adapter_file.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::tools {

namespace {

struct EvalOptions {
  std::string model, text, engine = "lut-i", arch = "default", kv_format = "fp16", against, adapter;
  std::vector<std::string> sets;
  std::size_t items = 0, skip = 0;
  QuantizerOptions quantizer;
  bool json = false;
};

constexpr const char* kReferenceEngine = "fp32";

using Documents = std::vector<std::vector<std::uint32_t>>;

models::Evaluation score(const models::ModelFactory& factory, const Documents& documents,
                         const EvalOptions& o) {
  Progress progress("lutsim eval");
  return models::evaluate(
      factory, documents, o.quantizer.jobs,
      [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
}

models::ModelWeights reference_weights(const workloads::Checkpoint& checkpoint) {
  return checkpoint.weights ? *checkpoint.weights : models::dequantize(*checkpoint.quantized);
}

models::Evaluation score_reference(const models::ModelWeights& weights, const Documents& documents,
                                   const EvalOptions& o) {
  return score([&weights] { return std::make_unique<models::ReferenceTransformer>(weights); },
               documents, o);
}

/// An adapter and what its base does on the same text through the same arithmetic.
struct AdapterResult {
  models::ScaleAdapter adapter;
  models::Evaluation base;
  std::optional<models::PairedDifference> difference;  ///< needs more than one document
};

/// What is printed.
struct EvalResult {
  std::size_t documents = 0;
  models::Evaluation evaluation;
  double seconds = 0;
  std::optional<models::QuantizedModel> quantized;
  std::uint32_t align_bits = 0;
  spec::AttentionUnit attention = spec::AttentionUnit::lanes;
  std::optional<models::PairedDifference> difference;
  std::optional<AdapterResult> adapter;
};

nlohmann::ordered_json adapter_json(const AdapterResult& a) {
  nlohmann::ordered_json json = {{"name", a.adapter.name},
                                 {"base", a.adapter.base},
                                 {"documents", a.adapter.documents.size()},
                                 {"scale_bytes", models::scale_bytes(a.adapter)},
                                 {"base_nll_per_token", a.base.nll_per_token},
                                 {"base_standard_error", a.base.standard_error}};
  if (a.difference) {
    json["difference"] = {{"nll_per_token", a.difference->nll_per_token},
                          {"standard_error", a.difference->standard_error}};
  }
  return json;
}

void print_json(const EvalOptions& o, const EvalResult& r) {
  const models::Evaluation& e = r.evaluation;
  nlohmann::ordered_json json = {{"schema", "lutsim.eval/1"},
                                 {"model", o.model},
                                 {"text", o.text},
                                 {"documents", r.documents},
                                 {"engine", o.engine},
                                 {"tokens", e.tokens},
                                 {"nll_per_token", e.nll_per_token},
                                 {"standard_error", e.standard_error},
                                 {"perplexity", e.perplexity}};
  if (r.quantized) {
    const models::QuantizationRecipe& recipe = r.quantized->recipe;
    json["method"] = spec::to_string_of(recipe.method);
    json["weight_bits"] = models::average_weight_bits(*r.quantized);
    json["layer_bits"] = recipe.layer_bits;
    json["group_size"] = recipe.group_size;
    json["calibration_documents"] = recipe.calibration.size();
    json["align_bits"] = r.align_bits;
    json["kv_format"] = o.kv_format;
    json["attention"] = spec::to_string_of(r.attention);
  }
  if (r.difference) {
    json["difference"] = {{"against", o.against},
                          {"nll_per_token", r.difference->nll_per_token},
                          {"standard_error", r.difference->standard_error}};
  }
  if (r.adapter) json["adapter"] = adapter_json(*r.adapter);
  std::cout << json.dump(2) << "\n";
}

void print_text(const EvalOptions& o, const EvalResult& r) {
  const models::Evaluation& e = r.evaluation;
  fmt::print("{}, engine {}{}\n", o.model, o.engine,
             r.quantized ? ", " + description(*r.quantized) : "");
  fmt::print(
      "  NLL per token  {:.6f} +- {:.6f} nats\n  perplexity     {:.4f}\n"
      "  {} tokens of {} documents, {:.1f} s, {:.0f} tokens/s\n",
      e.nll_per_token, e.standard_error, e.perplexity, e.tokens, r.documents, r.seconds,
      static_cast<double>(e.tokens) / r.seconds);
  if (r.difference) {
    fmt::print("  {:+.6f} +- {:.6f} nats against {} in FP32, text by text\n",
               r.difference->nll_per_token, r.difference->standard_error, o.against);
  }
  if (!r.adapter) return;
  const AdapterResult& a = *r.adapter;
  fmt::print("  adapter {}, {} of scales; its base: {:.6f} +- {:.6f} nats\n", a.adapter.name,
             si(static_cast<double>(models::scale_bytes(a.adapter)), "B"), a.base.nll_per_token,
             a.base.standard_error);
  if (a.difference) {
    fmt::print("  {:+.6f} +- {:.6f} nats against its base, text by text\n",
               a.difference->nll_per_token, a.difference->standard_error);
  }
}

int run(const EvalOptions& o) {
  const bool reference = o.engine == kReferenceEngine;
  if (!reference) {
    const auto names = choice_names<spec::Engine>();
    if (std::find(names.begin(), names.end(), o.engine) == names.end()) {
      throw config::InputError("--engine", "'" + o.engine +
                                               "' is not one of: " + std::string(kReferenceEngine) +
                                               ", " + config::comma_list(names));
    }
  }
  spec::ArchSpec arch = config::load_arch(o.arch, o.sets);
  if (!reference) {
    arch.matrix = spec::with_engine(arch.matrix, choice<spec::Engine>("--engine", o.engine));
  }
  const auto kv_format = choice<spec::NumberFormat>("--kv-format", o.kv_format);

  const workloads::Checkpoint checkpoint = load_model(o.model);
  const Documents documents =
      workloads::load_documents(o.text, checkpoint.tokenizer, o.items, o.skip);
  EvalResult result;
  result.documents = documents.size();
  result.align_bits = arch.matrix.align_bits;
  result.attention = arch.attention;
  result.quantized = checkpoint.quantized;
  if ((!reference || !o.adapter.empty()) && !result.quantized) {
    result.quantized = quantise(checkpoint, o.quantizer, "lutsim eval: quantising");
  }
  if (result.quantized) {
    refuse_seen_documents("the quantiser", result.quantized->recipe.calibration, documents, o.text,
                          "evaluate others, or calibrate on others with --calibration-skip");
  }
  const auto score_quantized = [&](const models::QuantizedModel& model) {
    if (reference) return score_reference(models::dequantize(model), documents, o);
    return score(
        [&] {
          return std::make_unique<models::GoldenTransformer>(model, arch.matrix, kv_format,
                                                             arch.attention);
        },
        documents, o);
  };
  if (!o.adapter.empty()) {
    AdapterResult adapter{workloads::load_adapter(o.adapter), {}, {}};
    refuse_seen_documents("adapter " + adapter.adapter.name, adapter.adapter.documents, documents,
                          o.text, "evaluate others, or train on others with --skip");
    models::QuantizedModel adapted =
        workloads::apply_adapter(o.adapter, adapter.adapter, *result.quantized);
    adapter.base = score_quantized(*result.quantized);
    result.quantized = std::move(adapted);
    result.adapter = std::move(adapter);
  }

  const auto start = std::chrono::steady_clock::now();
  result.evaluation = reference && !result.adapter
                          ? score_reference(reference_weights(checkpoint), documents, o)
                          : score_quantized(*result.quantized);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (result.adapter && documents.size() > 1) {
    result.adapter->difference = models::paired_difference(result.evaluation, result.adapter->base);
  }
  if (!o.against.empty()) {
    const workloads::Checkpoint base = load_model(o.against);
    result.difference = models::paired_difference(
        result.evaluation,
        score_reference(reference_weights(base),
                        workloads::load_documents(o.text, base.tokenizer, o.items, o.skip), o));
  }
  o.json ? print_json(o, result) : print_text(o, result);
  return kDone;
}

}  // namespace

void add_eval_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<EvalOptions>();
  CLI::App* c = app.add_subcommand("eval", "perplexity of a model through exact arithmetic");
  c->add_option("MODEL", o->model, "embedded model or checkpoint file")->required();
  c->add_option("--text", o->text, "documents separated by <|endoftext|>")->required();
  c->add_option("--items", o->items, "documents to score; 0: all")->capture_default_str();
  c->add_option("--skip", o->skip, "documents to leave out before those")->capture_default_str();
  c->add_option("--engine", o->engine,
                "fp32 (the reference transformer), " + choices<spec::Engine>())
      ->capture_default_str();
  c->add_option("--kv-format", o->kv_format,
                "format of cached keys and values: fp16, bf16, fp32, int8, int4")
      ->capture_default_str();
  c->add_option("--against", o->against,
                "model whose FP32 score on the same text is taken off, document by document");
  c->add_option("--adapter", o->adapter,
                "scales of a task (lutsim adapt); the model without them is scored as well");
  o->quantizer.add_to(*c);
  c->add_option("--arch", o->arch, "accelerator whose matrix unit computes")->capture_default_str();
  c->add_option("--set", o->sets, "override of one of its parameters, key=value")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

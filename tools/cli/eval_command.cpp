// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/config/named.h"
#include "models/transformer/evaluate.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "tools/cli/session.h"
#include "tools/support/choice.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::tools {

namespace {

struct EvalOptions {
  std::string model, text, engine = "lut-i", method = "rtn", arch = "default";
  std::vector<std::string> sets;
  std::size_t items = 0;
  std::uint32_t weight_bits = 4, group_size = 32, jobs = 0;
  bool json = false;
};

constexpr const char* kReferenceEngine = "fp32";

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
  models::QuantizationRecipe recipe;
  recipe.method = choice<models::QuantizationMethod>("--method", o.method);
  recipe.weight_bits = o.weight_bits;
  recipe.group_size = o.group_size;
  spec::ArchSpec arch = config::load_arch(o.arch, o.sets);
  if (!reference) {
    arch.matrix = spec::with_engine(arch.matrix, choice<spec::Engine>("--engine", o.engine));
  }

  const workloads::Checkpoint checkpoint =
      workloads::load_checkpoint(workloads::find_model(o.model));
  const auto documents = workloads::load_documents(o.text, checkpoint.tokenizer, o.items);
  std::optional<models::QuantizedModel> quantized = checkpoint.quantized;
  models::ModelFactory factory;
  models::ModelWeights weights;
  if (reference) {
    weights = checkpoint.weights ? *checkpoint.weights : models::dequantize(*checkpoint.quantized);
    factory = [&weights] { return std::make_unique<models::ReferenceTransformer>(weights); };
  } else {
    if (!quantized) quantized = models::quantize(*checkpoint.weights, recipe);
    factory = [&] { return std::make_unique<models::GoldenTransformer>(*quantized, arch.matrix); };
  }
  const auto start = std::chrono::steady_clock::now();
  const models::Evaluation e = models::evaluate(factory, documents, o.jobs);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (o.json) {
    nlohmann::ordered_json json = {{"schema", "lutsim.eval/1"},
                                   {"model", o.model},
                                   {"text", o.text},
                                   {"documents", documents.size()},
                                   {"engine", o.engine},
                                   {"tokens", e.tokens},
                                   {"nll_per_token", e.nll_per_token},
                                   {"standard_error", e.standard_error},
                                   {"perplexity", e.perplexity}};
    if (quantized) {
      json["method"] = spec::to_string_of(quantized->recipe.method);
      json["weight_bits"] = models::average_weight_bits(*quantized);
      json["group_size"] = quantized->recipe.group_size;
      json["align_bits"] = arch.matrix.align_bits;
    }
    std::cout << json.dump(2) << "\n";
    return kDone;
  }
  fmt::print(
      "{}, engine {}{}\n", o.model, o.engine,
      quantized ? fmt::format(", {} {:.3g} bit, groups of {}",
                              spec::to_string_of(quantized->recipe.method),
                              models::average_weight_bits(*quantized), quantized->recipe.group_size)
                : "");
  fmt::print(
      "  NLL per token  {:.6f} +- {:.6f} nats\n  perplexity     {:.4f}\n"
      "  {} tokens of {} documents, {:.1f} s, {:.0f} tokens/s\n",
      e.nll_per_token, e.standard_error, e.perplexity, e.tokens, documents.size(), seconds,
      static_cast<double>(e.tokens) / seconds);
  return kDone;
}

}  // namespace

void add_eval_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<EvalOptions>();
  CLI::App* c = app.add_subcommand("eval", "perplexity of a model through exact arithmetic");
  c->add_option("MODEL", o->model, "embedded model or checkpoint file")->required();
  c->add_option("--text", o->text, "documents separated by <|endoftext|>")->required();
  c->add_option("--items", o->items, "documents to score; 0: all")->capture_default_str();
  c->add_option("--engine", o->engine,
                "fp32 (the reference transformer), " + choices<spec::Engine>())
      ->capture_default_str();
  c->add_option("--method", o->method, choices<models::QuantizationMethod>())
      ->capture_default_str();
  c->add_option("--weight-bits", o->weight_bits, "bit-planes of a weight")->capture_default_str();
  c->add_option("--group-size", o->group_size, "weights along K that share their scales")
      ->capture_default_str();
  c->add_option("--arch", o->arch, "accelerator whose matrix unit computes")->capture_default_str();
  c->add_option("--set", o->sets, "override of one of its parameters, key=value")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--jobs", o->jobs, "threads; 0: one for each core")->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

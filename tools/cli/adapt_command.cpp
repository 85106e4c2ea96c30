// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "models/adapter/train_adapter.h"
#include "models/bcq/bcq_storage.h"
#include "models/config/diagnostics.h"
#include "models/transformer/evaluate.h"
#include "models/transformer/reference_transformer.h"
#include "tools/cli/quantizer_options.h"
#include "tools/cli/session.h"
#include "tools/output/progress.h"
#include "tools/run/format_units.h"
#include "tools/run/load_model.h"
#include "tools/run/seen_documents.h"
#include "tools/support/interrupt.h"
#include "tools/support/parallel.h"
#include "workloads/checkpoint/adapter_file.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::tools {

namespace {

namespace fs = std::filesystem;
using Documents = std::vector<std::vector<std::uint32_t>>;

struct AdaptOptions {
  std::string model, text, out, name;
  std::size_t items = 0, skip = 0, held_out = 0;
  models::AdapterRecipe recipe;
  std::uint32_t jobs = 0;
  bool json = false;
};

/// What is trained on, and what it is judged on.
struct Text {
  Documents trained, held_out;
};

Text load_text(const AdaptOptions& o, const workloads::Tokenizer& tokenizer) {
  Text text{workloads::load_documents(o.text, tokenizer, o.items, o.skip), {}};
  if (o.held_out >= text.trained.size()) {
    throw config::InputError(
        "--held-out",
        "leaves none of the " + std::to_string(text.trained.size()) + " documents to train on");
  }
  const auto first = text.trained.end() - static_cast<std::ptrdiff_t>(o.held_out);
  text.held_out.assign(first, text.trained.end());
  text.trained.erase(first, text.trained.end());
  std::vector<std::uint64_t> seen;
  for (const auto& document : text.trained) seen.push_back(models::fingerprint(document));
  refuse_seen_documents("the adapter", seen, text.held_out, o.text,
                        "a document is there twice; leave one out");
  return text;
}

/// Says before the training what would be said after it.
void check_place(const std::string& out) {
  const fs::path folder = fs::path(out).parent_path();
  if (fs::is_directory(out) || (!folder.empty() && !fs::is_directory(folder))) {
    throw config::InputError(out, "cannot write the file", "give a file in a folder that there is");
  }
}

models::Evaluation score(const models::QuantizedModel& model, const Documents& documents,
                         std::uint32_t jobs) {
  const models::ModelWeights weights = models::dequantize(model);
  return models::evaluate(
      [&weights] { return std::make_unique<models::ReferenceTransformer>(weights); }, documents,
      jobs);
}

std::uint64_t weight_bytes(const models::QuantizedModel& model) {
  std::uint64_t bytes = 0;
  for (const auto& [name, matrix] : models::matrices_by_name(model)) {
    bytes += models::stored_bytes(matrix->storage());
  }
  return bytes;
}

/// What is printed.
struct AdaptResult {
  models::ScaleAdapter adapter;
  std::size_t held_out = 0;
  std::uint64_t file_bytes = 0, weight_bytes = 0;
  std::optional<models::Evaluation> before, after;  ///< of the held-out documents
  std::optional<models::PairedDifference> difference;
};

void print_json(const AdaptOptions& o, const AdaptResult& r) {
  nlohmann::ordered_json json = {{"schema", "lutsim.adapt/1"},
                                 {"model", o.model},
                                 {"text", o.text},
                                 {"out", o.out},
                                 {"name", r.adapter.name},
                                 {"base", r.adapter.base},
                                 {"documents", r.adapter.documents.size()},
                                 {"held_out", r.held_out},
                                 {"steps", r.adapter.recipe.steps},
                                 {"steps_done", r.adapter.steps_done},
                                 {"learning_rate", r.adapter.recipe.learning_rate},
                                 {"batch", r.adapter.recipe.batch},
                                 {"seed", r.adapter.recipe.seed},
                                 {"scale_bytes", models::scale_bytes(r.adapter)},
                                 {"file_bytes", r.file_bytes},
                                 {"weight_bytes", r.weight_bytes}};
  if (r.before) json["base_nll_per_token"] = r.before->nll_per_token;
  if (r.after) json["nll_per_token"] = r.after->nll_per_token;
  if (r.difference) {
    json["difference"] = {{"nll_per_token", r.difference->nll_per_token},
                          {"standard_error", r.difference->standard_error}};
  }
  std::cout << json.dump(2) << "\n";
}

void print_text(const AdaptOptions& o, const AdaptResult& r) {
  fmt::print("{}: adapter {} of {}, {} of {} steps on {} documents\n", o.out, r.adapter.name,
             o.model, r.adapter.steps_done, r.adapter.recipe.steps, r.adapter.documents.size());
  fmt::print("  {} of scales, the decoder's weights take {}\n",
             si(static_cast<double>(models::scale_bytes(r.adapter)), "B"),
             si(static_cast<double>(r.weight_bytes), "B"));
  if (r.after) {
    fmt::print("  NLL per token of {} held-out documents in FP32: {:.6f}, the base {:.6f} nats\n",
               r.held_out, r.after->nll_per_token, r.before->nll_per_token);
  }
  if (r.difference) {
    fmt::print("  {:+.6f} +- {:.6f} nats, text by text\n", r.difference->nll_per_token,
               r.difference->standard_error);
  }
}

int run(const AdaptOptions& o) {
  const Interrupt interrupt("\nlutsim adapt: finishing the step, then writing what there is\n");
  check_place(o.out);
  const workloads::Checkpoint checkpoint = load_model(o.model);
  if (!checkpoint.quantized) {
    throw config::InputError(checkpoint.path, "is not quantised, and an adapter leaves integers",
                             "make the base with lutsim quantize");
  }
  const models::QuantizedModel& base = *checkpoint.quantized;
  const Text text = load_text(o, checkpoint.tokenizer);
  const std::uint32_t jobs = o.jobs > 0 ? o.jobs : default_jobs();

  AdaptResult result;
  result.held_out = text.held_out.size();
  result.weight_bytes = weight_bytes(base);
  if (!text.held_out.empty()) result.before = score(base, text.held_out, jobs);
  {
    Progress progress("lutsim adapt");
    result.adapter = models::train_adapter(base, text.trained, o.recipe,
                                           {jobs, [&](const models::AdapterStep& step) {
                                              progress.update(step.done, o.recipe.steps);
                                              return !interrupt.stops();
                                            }});
  }
  result.adapter.name = o.name.empty() ? fs::path(o.out).stem().string() : o.name;
  workloads::save_adapter(o.out, result.adapter);
  result.file_bytes = fs::file_size(o.out);
  if (result.before && !interrupt.stops()) {
    result.after = score(models::apply(result.adapter, base), text.held_out, jobs);
    if (text.held_out.size() > 1) {
      result.difference = models::paired_difference(*result.after, *result.before);
    }
  }
  o.json ? print_json(o, result) : print_text(o, result);
  return result.adapter.steps_done < o.recipe.steps ? kInterrupted : kDone;
}

}  // namespace

void add_adapt_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<AdaptOptions>();
  CLI::App* c = app.add_subcommand(
      "adapt", "train the scales of a quantised model on a text: an adapter for it");
  c->add_option("MODEL,--model", o->model, "quantised checkpoint; it is not changed")->required();
  c->add_option("--text", o->text, "documents separated by <|endoftext|>")->required();
  c->add_option("-o,--out", o->out, "adapter to write")->required();
  c->add_option("--name", o->name, "name of the adapter; default: that of its file");
  c->add_option("--items", o->items, "documents to use; 0: all")->capture_default_str();
  c->add_option("--skip", o->skip, "documents to leave out before those")->capture_default_str();
  c->add_option("--held-out", o->held_out,
                "documents at the end of those that are scored before and after, not trained on")
      ->capture_default_str();
  c->add_option("--steps", o->recipe.steps, "steps of Adam")->capture_default_str();
  c->add_option("--rate", o->recipe.learning_rate,
                "first step size, of the logarithm of a scale; falls to 0")
      ->capture_default_str();
  c->add_option("--batch", o->recipe.batch, "sequences of a step")->capture_default_str();
  c->add_option("--seed", o->recipe.seed, "seed of the order of the sequences")
      ->capture_default_str();
  c->add_option("--jobs", o->jobs, "threads; 0: one for each core; the result is the same")
      ->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->footer(
      "A document that is longer than the model's context is trained in parts. Ctrl-C finishes "
      "the\n"
      "step and writes the adapter as it is then, exit status 130.");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

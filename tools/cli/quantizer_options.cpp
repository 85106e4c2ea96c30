// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/quantizer_options.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "models/config/diagnostics.h"
#include "models/quantization/calibrated.h"
#include "models/quantization/mixed_precision.h"
#include "tools/output/progress.h"
#include "tools/support/choice.h"
#include "tools/support/parallel.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::tools {

void QuantizerOptions::add_to(CLI::App& c) {
  c.add_option("--method", method, choices<models::QuantizationMethod>())->capture_default_str();
  c.add_option("--weight-bits", recipe.weight_bits, "bit-planes of a weight")
      ->capture_default_str();
  c.add_option("--layer-bits", recipe.layer_bits, "bit-planes of each layer, separated by commas")
      ->delimiter(',');
  c.add_option("--average-bits", average_bits,
               "most bit-planes on average; widths of layers by what each loses on the calibration "
               "text");
  c.add_option("--group-size", recipe.group_size,
               "weights along K that share their scales; 0: a whole row")
      ->capture_default_str();
  c.add_option("--rounds", recipe.rounds, "alternating refinements of method bcq; 0: greedy")
      ->capture_default_str();
  c.add_option("--calibration", calibration,
               "text that the quantiser may look at: for gptq, flexround, --average-bits; bcq fits "
               "its scales to the inputs then");
  c.add_option("--calibration-items", calibration_items, "documents of it; 0: all")
      ->capture_default_str();
  c.add_option("--calibration-skip", calibration_skip, "documents to leave out before those")
      ->capture_default_str();
  c.add_flag("--act-order", recipe.act_order, "gptq: columns of large inputs first");
  c.add_option("--damping", recipe.damping, "gptq: part of the Hessian's mean diagonal added to it")
      ->capture_default_str();
  c.add_option("--iterations", recipe.iterations, "flexround: steps for each layer")
      ->capture_default_str();
  c.add_option("--learning-rate", recipe.learning_rate, "flexround: first step size")
      ->capture_default_str();
  c.add_option("--seed", recipe.seed, "flexround: seed of the draws")->capture_default_str();
  c.add_option("--jobs", jobs, "threads; 0: one for each core")->capture_default_str();
}

models::QuantizedModel quantise(const workloads::Checkpoint& checkpoint,
                                const QuantizerOptions& options, const char* what) {
  if (!checkpoint.weights) {
    throw config::InputError(checkpoint.path, "is quantised already",
                             "give the checkpoint that it was made from");
  }
  models::QuantizationRecipe recipe = options.recipe;
  recipe.method = choice<models::QuantizationMethod>("--method", options.method);
  recipe.weighted =
      recipe.method == models::QuantizationMethod::bcq && !options.calibration.empty();
  const bool has_use = recipe.needs_calibration() || options.average_bits;
  if (has_use && options.calibration.empty()) {
    throw config::InputError(
        options.average_bits ? "--average-bits" : "--method " + options.method,
        "needs calibration text: --calibration FILE",
        "take documents that are not evaluated, with --calibration-skip from the same file");
  }
  if (options.calibration.empty()) return models::quantize(*checkpoint.weights, recipe);
  if (!has_use) {
    throw config::InputError("--calibration", "method " + options.method + " reads no text",
                             "it serves --average-bits, bcq, gptq and flexround");
  }
  if (options.average_bits && !recipe.layer_bits.empty()) {
    throw config::InputError("--average-bits",
                             "chooses the bits of the layers, and so does "
                             "--layer-bits",
                             "give one of them");
  }
  const auto documents =
      workloads::load_documents(options.calibration, checkpoint.tokenizer,
                                options.calibration_items, options.calibration_skip);
  Progress progress(what);
  models::CalibratedOptions run;
  run.jobs = options.jobs > 0 ? options.jobs : default_jobs();
  run.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); };
  if (options.average_bits) {
    recipe.layer_bits = models::choose_layer_bits(
        models::measure_sensitivity(*checkpoint.weights, recipe, *options.average_bits, documents,
                                    run),
        *options.average_bits);
  }
  return models::quantize_calibrated(*checkpoint.weights, recipe, documents, run);
}

std::string description(const models::QuantizedModel& model) {
  const models::QuantizationRecipe& recipe = model.recipe;
  const std::string layers =
      recipe.layer_bits.empty() ? ""
                                : fmt::format(" ({} by layer)", fmt::join(recipe.layer_bits, ", "));
  const std::string group =
      recipe.group_size == 0 ? "whole rows" : fmt::format("groups of {}", recipe.group_size);
  return fmt::format("{}{} {:.3g} bit{}, {}", recipe.weighted ? "weighted " : "",
                     spec::to_string_of(recipe.method), models::average_weight_bits(model), layers,
                     group);
}

}  // namespace lutsim::tools

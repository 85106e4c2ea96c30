// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/sparsity/pruned_planes.h"
#include "models/transformer/prune_model.h"
#include "tools/cli/quantizer_options.h"
#include "tools/cli/session.h"
#include "tools/output/progress.h"
#include "tools/run/format_units.h"
#include "tools/run/load_model.h"
#include "tools/support/parallel.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

namespace {

struct QuantizeOptions {
  std::string model, out;
  QuantizerOptions quantizer;
  std::uint32_t code_stages = 1;
  bool json = false;
};

/// The code for the planes of pruned weights.
std::optional<workloads::PlaneCoding> plane_coding(const QuantizeOptions& o) {
  if (o.quantizer.recipe.sparsity == 0) return std::nullopt;
  return workloads::PlaneCoding{
      models::code_of_sparsity(o.quantizer.recipe.sparsity, o.code_stages)};
}

/// Runs the encoder on so many threads and shows how far it is with the streams of all matrices.
class Encoder {
 public:
  Encoder(const models::QuantizedModel& model, unsigned jobs)
      : jobs_(jobs), progress_("lutsim quantize: encoding") {
    for (const auto& [name, matrix] : models::matrices_by_name(model))
      total_ += models::stream_count(*matrix, models::rows_per_stream(matrix->k));
  }
  void operator()(std::size_t count, const std::function<void(std::size_t)>& task) {
    for_each_parallel(count, jobs_, [&](std::size_t i) {
      task(i);
      const std::lock_guard<std::mutex> lock(mutex_);
      progress_.update(++done_, total_);
    });
  }

 private:
  unsigned jobs_;
  Progress progress_;
  std::uint64_t total_ = 0, done_ = 0;
  std::mutex mutex_;
};

/// Everything that a decoder matrix takes in the file: planes or code, patches and mask, scales and
/// offsets.
double stored_bits_per_weight(const std::string& file, const models::QuantizedModel& model) {
  const auto coded = workloads::load_checkpoint(file).coded;
  double bits = 0, weights = 0;
  for (const auto& [name, matrix] : models::matrices_by_name(model)) {
    const auto storage = matrix->storage();
    const double all = static_cast<double>(storage.k) * static_cast<double>(storage.n);
    weights += all;
    bits += 8 * static_cast<double>(models::scale_bytes(storage));
    bits += coded ? all + static_cast<double>(coded->matrices.at(name).code_bits)
                  : 8 * static_cast<double>(models::plane_bytes(storage));
  }
  return bits / weights;
}

int run(const QuantizeOptions& o) {
  workloads::Checkpoint checkpoint = load_model(o.model);
  auto coding = plane_coding(o);
  if (coding && !o.quantizer.calibration.empty()) {
    throw config::InputError("--sparsity", "prunes weights for methods without calibration text",
                             "leave out --calibration, or --sparsity");
  }
  if (coding && checkpoint.weights) {
    models::prune(*checkpoint.weights, o.quantizer.recipe.sparsity);
  }
  const models::QuantizedModel model = quantise(checkpoint, o.quantizer, "lutsim quantize");
  if (coding) {
    const auto encoder =
        std::make_shared<Encoder>(model, o.quantizer.jobs > 0 ? o.quantizer.jobs : default_jobs());
    coding->for_each = [encoder](std::size_t count, const auto& task) { (*encoder)(count, task); };
  }
  workloads::save_bcq(o.out, model, checkpoint.tokenizer, coding);
  if (coding) coding->for_each = {};  // ends its progress
  const auto bytes = std::filesystem::file_size(o.out);
  const double stored_bits = stored_bits_per_weight(o.out, model);
  if (o.json) {
    const nlohmann::ordered_json json = {{"schema", "lutsim.quantize/1"},
                                         {"model", o.model},
                                         {"out", o.out},
                                         {"method", o.quantizer.method},
                                         {"weight_bits", models::average_weight_bits(model)},
                                         {"layer_bits", model.recipe.layer_bits},
                                         {"group_size", model.recipe.group_size},
                                         {"sparsity", model.recipe.sparsity},
                                         {"stored_bits_per_weight", stored_bits},
                                         {"file_bytes", bytes}};
    std::cout << json.dump(2) << "\n";
  } else {
    fmt::print("{}: {}, {:.3f} bits stored for a weight, {}\n", o.out, description(model),
               stored_bits, si(static_cast<double>(bytes), "B"));
  }
  return kDone;
}

}  // namespace

void add_quantize_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<QuantizeOptions>();
  CLI::App* c = app.add_subcommand("quantize", "compress a checkpoint's decoder weights to BCQ");
  c->add_option("MODEL", o->model, "embedded model or checkpoint file")->required();
  c->add_option("--out", o->out, "quantised checkpoint to write")->required();
  o->quantizer.add_to(*c);
  c->add_option("--sparsity", o->quantizer.recipe.sparsity,
                "share of the weights of each matrix to prune, those of least magnitude; their "
                "planes are stored through an XOR code")
      ->capture_default_str();
  c->add_option("--code-stages", o->code_stages, "stages of that code: 0, 1 or 2")
      ->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

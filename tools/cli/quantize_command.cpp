// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "models/config/diagnostics.h"
#include "models/sparsity/pruned_planes.h"
#include "models/transformer/prune_model.h"
#include "tools/cli/choice.h"
#include "tools/cli/session.h"
#include "tools/run/format_units.h"
#include "tools/run/load_model.h"
#include "tools/support/parallel.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

namespace {

struct QuantizeOptions {
  std::string model, out, method = "rtn";
  std::uint32_t weight_bits = 4, group_size = 32, rounds = 15;
  std::vector<std::uint32_t> layer_bits;
  double sparsity = 0;
  std::uint32_t code_stages = 1, jobs = 0;
  bool json = false;
};

/// The code for the planes of pruned weights, encoded on so many threads.
std::optional<workloads::PlaneCoding> plane_coding(const QuantizeOptions& o) {
  if (o.sparsity == 0) return std::nullopt;
  const unsigned jobs = o.jobs > 0 ? o.jobs : std::max(1u, std::thread::hardware_concurrency());
  return workloads::PlaneCoding{
      models::code_of_sparsity(o.sparsity, o.code_stages),
      [jobs](std::size_t count, const std::function<void(std::size_t)>& task) {
        for_each_parallel(count, jobs, task);
      }};
}

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
  models::QuantizationRecipe recipe;
  recipe.method = choice<models::QuantizationMethod>("--method", o.method);
  recipe.weight_bits = o.weight_bits;
  recipe.group_size = o.group_size;
  recipe.rounds = o.rounds;
  recipe.layer_bits = o.layer_bits;
  recipe.sparsity = o.sparsity;
  workloads::Checkpoint checkpoint = load_model(o.model);
  if (!checkpoint.weights) {
    throw config::InputError(checkpoint.path, "is quantised already",
                             "give the checkpoint that it was made from");
  }
  const auto coding = plane_coding(o);
  if (coding) models::prune(*checkpoint.weights, o.sparsity);
  const models::QuantizedModel model = models::quantize(*checkpoint.weights, recipe);
  workloads::save_bcq(o.out, model, checkpoint.tokenizer, coding);
  const auto bytes = std::filesystem::file_size(o.out);
  const double stored_bits = stored_bits_per_weight(o.out, model);
  if (o.json) {
    const nlohmann::ordered_json json = {{"schema", "lutsim.quantize/1"},
                                         {"model", o.model},
                                         {"out", o.out},
                                         {"method", o.method},
                                         {"weight_bits", models::average_weight_bits(model)},
                                         {"group_size", o.group_size},
                                         {"sparsity", o.sparsity},
                                         {"stored_bits_per_weight", stored_bits},
                                         {"file_bytes", bytes}};
    std::cout << json.dump(2) << "\n";
  } else {
    fmt::print("{}: {} {:.3g} bit, groups of {}, {:.3f} bits stored for a weight, {}\n", o.out,
               o.method, models::average_weight_bits(model), o.group_size, stored_bits,
               si(static_cast<double>(bytes), "B"));
  }
  return kDone;
}

}  // namespace

void add_quantize_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<QuantizeOptions>();
  CLI::App* c = app.add_subcommand("quantize", "compress a checkpoint's decoder weights to BCQ");
  c->add_option("MODEL", o->model, "embedded model or checkpoint file")->required();
  c->add_option("--out", o->out, "quantised checkpoint to write")->required();
  c->add_option("--method", o->method, choices<models::QuantizationMethod>())
      ->capture_default_str();
  c->add_option("--weight-bits", o->weight_bits, "bit-planes of a weight")->capture_default_str();
  c->add_option("--layer-bits", o->layer_bits, "bit-planes of each layer, separated by commas")
      ->delimiter(',');
  c->add_option("--group-size", o->group_size, "weights along K that share their scales")
      ->capture_default_str();
  c->add_option("--rounds", o->rounds, "alternating refinements of method bcq")
      ->capture_default_str();
  c->add_option("--sparsity", o->sparsity,
                "share of the weights of each matrix to prune, those of least magnitude; their "
                "planes are stored through an XOR code")
      ->capture_default_str();
  c->add_option("--code-stages", o->code_stages, "stages of that code: 0, 1 or 2")
      ->capture_default_str();
  c->add_option("--jobs", o->jobs, "threads of the encoder; 0: one for each core")
      ->capture_default_str();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

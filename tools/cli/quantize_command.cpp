// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/config/diagnostics.h"
#include "tools/cli/session.h"
#include "tools/run/format_units.h"
#include "tools/support/choice.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

namespace {

struct QuantizeOptions {
  std::string model, out, method = "rtn";
  std::uint32_t weight_bits = 4, group_size = 32, rounds = 15;
  std::vector<std::uint32_t> layer_bits;
  bool json = false;
};

int run(const QuantizeOptions& o) {
  models::QuantizationRecipe recipe;
  recipe.method = choice<models::QuantizationMethod>("--method", o.method);
  recipe.weight_bits = o.weight_bits;
  recipe.group_size = o.group_size;
  recipe.rounds = o.rounds;
  recipe.layer_bits = o.layer_bits;
  const workloads::Checkpoint checkpoint =
      workloads::load_checkpoint(workloads::find_model(o.model));
  if (!checkpoint.weights) {
    throw config::InputError(checkpoint.path, "is quantised already",
                             "give the checkpoint that it was made from");
  }
  const models::QuantizedModel model = models::quantize(*checkpoint.weights, recipe);
  workloads::save_bcq(o.out, model, checkpoint.tokenizer);
  const auto bytes = std::filesystem::file_size(o.out);
  if (o.json) {
    const nlohmann::ordered_json json = {{"schema", "lutsim.quantize/1"},
                                         {"model", o.model},
                                         {"out", o.out},
                                         {"method", o.method},
                                         {"weight_bits", models::average_weight_bits(model)},
                                         {"group_size", o.group_size},
                                         {"file_bytes", bytes}};
    std::cout << json.dump(2) << "\n";
  } else {
    fmt::print("{}: {} {:.3g} bit, groups of {}, {}\n", o.out, o.method,
               models::average_weight_bits(model), o.group_size,
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
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

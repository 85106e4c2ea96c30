// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/config/diagnostics.h"
#include "tools/cli/quantizer_options.h"
#include "tools/cli/session.h"
#include "tools/run/format_units.h"
#include "tools/support/choice.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

namespace {

struct QuantizeOptions {
  std::string model, out;
  QuantizerOptions quantizer;
  bool json = false;
};

int run(const QuantizeOptions& o) {
  const workloads::Checkpoint checkpoint =
      workloads::load_checkpoint(workloads::find_model(o.model));
  const models::QuantizedModel model = quantise(checkpoint, o.quantizer, "lutsim quantize");
  workloads::save_bcq(o.out, model, checkpoint.tokenizer);
  const auto bytes = std::filesystem::file_size(o.out);
  if (o.json) {
    const nlohmann::ordered_json json = {{"schema", "lutsim.quantize/1"},
                                         {"model", o.model},
                                         {"out", o.out},
                                         {"method", o.quantizer.method},
                                         {"weight_bits", models::average_weight_bits(model)},
                                         {"layer_bits", model.recipe.layer_bits},
                                         {"group_size", model.recipe.group_size},
                                         {"file_bytes", bytes}};
    std::cout << json.dump(2) << "\n";
  } else {
    fmt::print("{}: {}, {}\n", o.out, description(model), si(static_cast<double>(bytes), "B"));
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
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] { session.status = run(*o); });
}

}  // namespace lutsim::tools

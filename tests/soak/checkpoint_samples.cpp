// SPDX-License-Identifier: Apache-2.0
#include "tests/soak/checkpoint_samples.h"

#include <optional>

#include "models/bcq/quantize.h"
#include "models/transformer/prune_model.h"
#include "tests/models/adapter/adapters.h"
#include "tests/models/transformer/random_model.h"
#include "tests/workloads/checkpoint/gguf_writer.h"
#include "tests/workloads/checkpoint/llama2c_writer.h"
#include "tests/workloads/checkpoint/llama_folder_writer.h"
#include "tests/workloads/checkpoint/tokenizer_writer.h"
#include "workloads/checkpoint/adapter_file.h"
#include "workloads/checkpoint/bcq_file.h"

namespace lutsim::soak {
namespace {

/// Every row and column is a whole number of words and blocks.
models::ModelWeights small_model() {
  models::ModelShape shape = test::random_shape();
  shape.layers = 1;
  shape.hidden = 32;
  shape.heads = 4;
  shape.kv_heads = 4;
  shape.head_dim = 8;
  shape.ffn = 64;
  return test::random_model(shape);
}

std::string bcq_bytes(const models::QuantizedModel& model,
                      const std::optional<workloads::PlaneCoding>& coding = {}) {
  const test::TemporaryFolder folder;
  workloads::save_bcq(folder / "x", model, test::small_tokenizer(model.shape.vocab), coding);
  return test::read_file(folder / "x");
}

std::map<std::string, std::string> packed_folder(const models::ModelWeights& model,
                                                 const std::string& format) {
  test::SafetensorsWriter out;
  test::add_plain_tensors(model, "F16", out);
  for (const auto& m : decoder_matrices(model.shape)) {
    const models::UniformMatrix u =
        models::quantize_uniform(matrix_of(model.layers[0], m.id).values.data(), m.n, m.k, 4, 16);
    test::add_packed("model.layers.0." + test::module_name(m.id),
                     test::transposed(u, test::is_rotated(m.id), model.shape.head_dim), format,
                     out);
  }
  auto config = test::llama_config(model.shape);
  config["quantization_config"] = {{"quant_method", format}, {"bits", 4}, {"group_size", 16}};
  return {{"config.json", config.dump()}, {"model.safetensors", out.file()}};
}

}  // namespace

std::vector<CheckpointSample> checkpoint_samples() {
  const models::ModelWeights model = small_model();
  const workloads::Tokenizer tokenizer = test::small_tokenizer(model.shape.vocab);
  const std::string tokens = test::llama2c_tokenizer(tokenizer);
  std::vector<CheckpointSample> samples;
  const auto file = [&](const std::string& name, const std::string& contents) {
    samples.push_back({name, {{"m", contents}, {"tokenizer.bin", tokens}}, "m", "m"});
  };
  file("llama2c-v0", test::llama2c_v0(model));
  file("llama2c-v2", test::llama2c_v2(model, 8));
  file("gguf-f32", test::gguf_of(model, test::GgufType::f32).file());
  file("gguf-q8_0", test::gguf_of(model, test::GgufType::q8_0).file());
  file("gguf-q4_0", test::gguf_of(model, test::GgufType::q4_0).file());
  file("gguf-q4_1", test::gguf_of(model, test::GgufType::q4_1).file());
  samples.push_back({"llama2c-tokenizer", samples[0].files, "m", "tokenizer.bin"});

  models::QuantizationRecipe recipe;
  recipe.group_size = 16;
  file("bcq", bcq_bytes(quantize(model, recipe)));
  samples.back().has_digest = true;
  models::ModelWeights pruned = model;
  models::prune(pruned, 0.7);
  models::QuantizedModel sparse = quantize(pruned, recipe);
  for (std::uint32_t k = 0; k < model.shape.hidden; ++k) {
    sparse.layers[0].wq.input_order.push_back((k + 5) % model.shape.hidden);
  }
  file("bcq-coded", bcq_bytes(sparse, workloads::PlaneCoding{models::code_of_sparsity(0.7, 1)}));
  samples.back().has_digest = true;

  const models::QuantizedModel base = quantize(model, recipe);
  const test::TemporaryFolder folder;
  workloads::save_adapter(folder / "x", test::doubling_adapter(base));
  file("adapter", test::read_file(folder / "x"));
  samples.back().has_digest = true;
  samples.back().read = [base](const std::filesystem::path& path) {
    workloads::apply_adapter(path, workloads::load_adapter(path), base);
  };

  std::map<std::string, std::string> plain{
      {"config.json", test::llama_config(model.shape).dump()},
      {"model.safetensors", test::safetensors_of(model, "BF16").file()},
      {"tokenizer.json", test::merges_of(tokenizer).dump()}};
  samples.push_back({"safetensors", plain, "", "model.safetensors"});
  samples.push_back({"config.json", plain, "", "config.json"});
  samples.push_back({"tokenizer.json", plain, "", "tokenizer.json"});
  std::map<std::string, std::string> sentencepiece = plain;
  sentencepiece["tokenizer.model"] = test::sentencepiece_of(tokenizer);
  samples.push_back({"tokenizer.model", sentencepiece, "", "tokenizer.model"});
  std::map<std::string, std::string> sharded = plain;
  nlohmann::ordered_json map;
  const test::SafetensorsWriter written = test::safetensors_of(model, "BF16");
  for (const auto& [name, entry] : written.header.items()) {
    map[name] = "model.safetensors";
  }
  sharded["model.safetensors.index.json"] = nlohmann::ordered_json{{"weight_map", map}}.dump();
  samples.push_back({"safetensors-index", sharded, "", "model.safetensors.index.json"});
  for (const char* format : {"gptq", "awq"}) {
    auto files = packed_folder(model, format);
    files["tokenizer.bin"] = tokens;
    samples.push_back({format, files, "", "model.safetensors"});
  }
  return samples;
}

}  // namespace lutsim::soak

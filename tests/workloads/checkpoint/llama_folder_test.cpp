// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/transformer/ops.h"
#include "tests/models/transformer/random_model.h"
#include "tests/workloads/checkpoint/llama_folder_writer.h"
#include "tests/workloads/checkpoint/tokenizer_writer.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/checkpoint/llama_tokenizer.h"

namespace lutsim::workloads {
namespace {

using models::ModelWeights;
using nlohmann::ordered_json;
using test::SafetensorsWriter;
using testing::HasSubstr;

class LlamaFolderTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    test::write_file(folder_ / name, text);
  }
  void write_model(const ModelWeights& model, const std::string& dtype) {
    write("config.json", test::llama_config(model.shape).dump());
    write("model.safetensors", test::safetensors_of(model, dtype).file());
    write("tokenizer.json", test::merges_of(test::small_tokenizer(model.shape.vocab)).dump());
  }
  Checkpoint load() { return load_checkpoint(folder_ / "."); }
  std::string error() {
    return test::input_error([&] { load(); });
  }
  std::string error_with(const ModelWeights& model, const std::string& key,
                         const ordered_json& value) {
    ordered_json config = test::llama_config(model.shape);
    config[key] = value;
    write("config.json", config.dump());
    return error();
  }
  test::TemporaryFolder folder_;
};

void expect_same(const ModelWeights& got, const ModelWeights& want) {
  EXPECT_EQ(got.embedding.values, want.embedding.values);
  EXPECT_EQ(got.output.values, want.output.values);
  EXPECT_EQ(got.final_norm, want.final_norm);
  for (std::uint32_t l = 0; l < want.shape.layers; ++l) {
    EXPECT_EQ(got.layers[l].attention_norm, want.layers[l].attention_norm);
    EXPECT_EQ(got.layers[l].ffn_norm, want.layers[l].ffn_norm);
    for (const auto& m : decoder_matrices(want.shape)) {
      EXPECT_EQ(matrix_of(got.layers[l], m.id).values, matrix_of(want.layers[l], m.id).values)
          << m.tensor;
    }
  }
}

ModelWeights small_model(bool tied) {
  models::ModelShape shape = test::random_shape();
  shape.tied_embedding = tied;
  return test::random_model(shape);
}

TEST_F(LlamaFolderTest, AModelComesBackInEveryFormat) {
  for (const bool tied : {true, false}) {
    const ModelWeights model = small_model(tied);
    write_model(model, "F32");
    const Checkpoint checkpoint = load();
    EXPECT_EQ(checkpoint.format, "safetensors");
    EXPECT_EQ(checkpoint.shape().rope_base, model.shape.rope_base);
    EXPECT_FALSE(checkpoint.quantized.has_value());
    expect_same(*checkpoint.weights, model);
  }
  const ModelWeights model = small_model(true);
  write_model(model, "F16");
  EXPECT_EQ(load().weights->layers[1].w_up.values[5],
            models::round_to_fp16(model.layers[1].w_up.values[5]));
  write_model(model, "BF16");
  EXPECT_EQ(load().weights->layers[1].w_up.values[5],
            models::round_to_bf16(model.layers[1].w_up.values[5]));
}

/// Hugging Face rotates the halves of a head, the accelerator neighbours: after its rows are put in
/// order both make the same numbers.
TEST_F(LlamaFolderTest, HeadsInRotaryOrderRotateAsHuggingFacesDo) {
  constexpr std::uint32_t kHeads = 2, kDim = 8, kPosition = 5;
  const std::vector<std::uint32_t> order = rotary_rows(kHeads, kDim);
  test::RandomValues random(3);
  const std::vector<float> theirs = random.vector(kHeads * kDim);
  std::vector<float> ours, want(theirs.size()), got(theirs.size());
  for (const std::uint32_t row : order) ours.push_back(theirs[row]);
  const models::ops::RopeTable table(kDim, 10000.0, 16);
  models::ops::rope(spec::NumberFormat::fp32, table, ours.data(), 1, kHeads, kPosition, got.data());
  for (std::uint32_t head = 0; head < kHeads; ++head) {
    const float* x = theirs.data() + head * kDim;
    for (std::uint32_t i = 0; i < kDim; ++i) {  // x cos + rotate_half(x) sin
      const std::uint32_t pair = i % (kDim / 2);
      const double angle = kPosition * std::pow(10000.0, -2.0 * pair / kDim);
      const float partner = i < kDim / 2 ? -x[i + kDim / 2] : x[i - kDim / 2];
      want[head * kDim + i] =
          static_cast<float>(x[i] * std::cos(angle) + partner * std::sin(angle));
    }
  }
  for (std::size_t row = 0; row < order.size(); ++row) {
    EXPECT_NEAR(got[row], want[order[row]], 1e-5) << row;
  }
}

TEST_F(LlamaFolderTest, ShardsAreOneModel) {
  const ModelWeights model = small_model(true);
  write_model(model, "F32");
  const SafetensorsWriter whole = test::safetensors_of(model, "F32");
  std::filesystem::remove(folder_ / "model.safetensors");
  SafetensorsWriter shards[2];
  ordered_json map;
  std::size_t count = 0;
  for (const auto& [name, entry] : whole.header.items()) {
    const std::size_t begin = entry["data_offsets"][0], end = entry["data_offsets"][1];
    const std::size_t shard = count++ % 2;
    shards[shard].add(name, "F32", entry["shape"],
                      test::Bytes().add_text(whole.buffer.data().substr(begin, end - begin)));
    map[name] = shard == 0 ? "a.safetensors" : "b.safetensors";
  }
  write("a.safetensors", shards[0].file());
  write("b.safetensors", shards[1].file());
  EXPECT_THAT(error(), HasSubstr("found 2 files *.safetensors"));
  const auto index = [&](const ordered_json& weight_map) {
    write("model.safetensors.index.json", ordered_json{{"weight_map", weight_map}}.dump());
  };
  index(map);
  expect_same(*load().weights, model);
  ordered_json wrong = map;
  wrong["model.norm.weight"] =
      map["model.norm.weight"] == "a.safetensors" ? "b.safetensors" : "a.safetensors";
  index(wrong);
  EXPECT_THAT(error(), HasSubstr("/weight_map/model.norm.weight"));
  wrong = map;
  wrong["model.norm.weight"] = "../a.safetensors";
  index(wrong);
  EXPECT_THAT(error(), HasSubstr("expected the name of a file in the folder"));
  wrong["model.norm.weight"] = std::string("a\0b.safetensors", 14);
  index(wrong);
  EXPECT_THAT(error(), HasSubstr("expected the name of a file in the folder"));
  wrong = map;
  wrong.erase("model.norm.weight");
  index(wrong);
  EXPECT_THAT(error(), HasSubstr("lacks 'model.norm.weight'"));
}

TEST_F(LlamaFolderTest, WhatTheDecoderDoesNotComputeIsRefused) {
  const ModelWeights model = small_model(true);
  write_model(model, "F32");
  EXPECT_THAT(error_with(model, "model_type", "mamba"), HasSubstr("/model_type: expected 'llama'"));
  EXPECT_THAT(error_with(model, "attention_bias", true), HasSubstr("has no biases"));
  EXPECT_THAT(error_with(model, "hidden_act", "gelu"), HasSubstr("expected 'silu', found 'gelu'"));
  EXPECT_THAT(error_with(model, "rope_scaling", {{"rope_type", "llama3"}}),
              HasSubstr("rotary scaling is not computed"));
  EXPECT_THAT(error_with(model, "hidden_size", 37), HasSubstr("expected 'model.embed_tokens"));
  EXPECT_THAT(error_with(model, "num_attention_heads", 0), HasSubstr("expected an integer of 1"));
  EXPECT_THAT(error_with(model, "num_hidden_layers", 1 << 30), HasSubstr("outside 1..1024"));
  EXPECT_THAT(error_with(model, "num_hidden_layers", 3),
              HasSubstr("expected a tensor 'model.layers.2.input_layernorm.weight', found none"));
  EXPECT_THAT(error_with(model, "num_hidden_layers", 1),
              HasSubstr("found 'model.layers.1.input_layernorm.weight'"));
  EXPECT_THAT(error_with(model, "quantization_config", {{"quant_method", "bitsandbytes"}}),
              HasSubstr("expected 'gptq' or 'awq', found 'bitsandbytes'"));
}

TEST_F(LlamaFolderTest, TheThreeTokenizersEncodeAlike) {
  const ModelWeights model = small_model(true);
  const Tokenizer want = test::small_tokenizer(model.shape.vocab);
  write_model(model, "F32");
  std::vector<Tokenizer> found{load().tokenizer};
  write("tokenizer.model", test::sentencepiece_of(want));
  found.push_back(load().tokenizer);
  for (const Tokenizer& tokenizer : found) {
    EXPECT_EQ(tokenizer.pieces(), want.pieces());
    for (const char* text : {"abc ab bcabc", "aab c", "", "caabbcc \xc3\xa4 abc"}) {
      EXPECT_EQ(tokenizer.encode(text), want.encode(text)) << text;
    }
  }
  EXPECT_EQ(found[1].scores(), want.scores());
  write("tokenizer.model", test::sentencepiece_of(want, 1));
  EXPECT_THAT(error(), HasSubstr("expected a BPE model (type 2), found type 1"));
  write("tokenizer.model", "\x0a\xff\xff\xff\xff\x0f");
  EXPECT_THAT(error(), HasSubstr("found no message"));
}

TEST_F(LlamaFolderTest, MergesThatAreNoSentencePieceVocabularyAreRefused) {
  const ModelWeights model = small_model(true);
  write_model(model, "F32");
  const ordered_json good = test::merges_of(test::small_tokenizer(model.shape.vocab));
  ordered_json bad = good;
  bad["model"]["byte_fallback"] = false;
  write("tokenizer.json", bad.dump());
  EXPECT_THAT(error(), HasSubstr("expected BPE with byte_fallback"));
  bad = good;
  bad["model"]["merges"].erase(bad["model"]["merges"].size() - 1);
  write("tokenizer.json", bad.dump());
  EXPECT_THAT(error(), HasSubstr("pairs, of"));
  bad = good;
  bad["model"]["merges"].push_back("a zzz");
  write("tokenizer.json", bad.dump());
  EXPECT_THAT(error(), HasSubstr("not in the vocabulary"));
  std::filesystem::remove(folder_ / "tokenizer.json");
  EXPECT_THAT(error(), HasSubstr("expected tokenizer.model, tokenizer.json"));
}

}  // namespace
}  // namespace lutsim::workloads

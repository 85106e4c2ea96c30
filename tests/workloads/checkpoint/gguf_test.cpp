// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/models/transformer/random_model.h"
#include "tests/workloads/checkpoint/gguf_writer.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/checkpoint/gguf_blocks.h"

namespace lutsim::workloads {
namespace {

using models::ModelWeights;
using test::gguf_of;
using test::GgufType;
using test::GgufWriter;
using testing::AllOf;
using testing::HasSubstr;

/// Every row is a whole number of Q8_0 blocks.
ModelWeights block_model(bool tied = true) {
  models::ModelShape shape = test::random_shape();
  shape.hidden = 64;
  shape.heads = 8;
  shape.kv_heads = 2;
  shape.head_dim = 8;
  shape.ffn = 96;
  shape.tied_embedding = tied;
  return test::random_model(shape);
}

class Gguf : public testing::Test {
 protected:
  Checkpoint load(const std::string& data) {
    test::write_file(folder_ / "model.gguf", data);
    return load_checkpoint(folder_ / "model.gguf");
  }
  std::string error_of(const std::string& data) {
    return test::input_error([&] { load(data); });
  }
  test::TemporaryFolder folder_;
};

void expect_same(const ModelWeights& a, const ModelWeights& b) {
  EXPECT_EQ(a.embedding.values, b.embedding.values);
  EXPECT_EQ(a.output.values, b.output.values);
  EXPECT_EQ(a.final_norm, b.final_norm);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    EXPECT_EQ(a.layers[l].attention_norm, b.layers[l].attention_norm);
    EXPECT_EQ(a.layers[l].ffn_norm, b.layers[l].ffn_norm);
    for (const auto& m : decoder_matrices(a.shape)) {
      EXPECT_EQ(matrix_of(a.layers[l], m.id).values, matrix_of(b.layers[l], m.id).values);
      EXPECT_EQ(matrix_of(b.layers[l], m.id).n, m.n);
      EXPECT_EQ(matrix_of(b.layers[l], m.id).k, m.k);
    }
  }
}

TEST_F(Gguf, F32WeightsComeBackAsTheyWere) {
  for (const bool tied : {true, false}) {
    const ModelWeights model = block_model(tied);
    const Checkpoint checkpoint = load(gguf_of(model, GgufType::f32).file());
    ASSERT_TRUE(checkpoint.weights.has_value());
    EXPECT_EQ(checkpoint.format, "gguf/3");
    EXPECT_EQ(checkpoint.shape().tied_embedding, tied);
    EXPECT_EQ(checkpoint.shape().name, "model");
    expect_same(model, *checkpoint.weights);
    EXPECT_EQ(checkpoint.tokenizer.pieces(), test::small_tokenizer(271).pieces());
  }
}

TEST_F(Gguf, F16WeightsComeBackRoundedOnce) {
  ModelWeights model = block_model();
  const Checkpoint checkpoint = load(gguf_of(model, GgufType::f16).file());
  const auto& got = checkpoint.weights->layers[1].w_down.values;
  const auto& want = model.layers[1].w_down.values;
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i], models::round_to(spec::NumberFormat::fp16, want[i]));
  }
}

TEST_F(Gguf, Q8WeightsComeBackWithinHalfAStepOfTheirBlock) {
  ModelWeights model = block_model();
  for (int i = 0; i < 32; ++i) model.layers[0].wq.values[i] = 0.0f;
  const Checkpoint checkpoint = load(gguf_of(model, GgufType::q8_0).file());
  const auto& got = checkpoint.weights->layers[0].wq.values;
  const auto& want = model.layers[0].wq.values;
  bool any_differs = false;
  for (std::size_t block = 0; block < got.size(); block += 32) {
    float largest = 0.0f;
    for (std::size_t i = block; i < block + 32; ++i) {
      largest = std::max(largest, std::abs(want[i]));
    }
    for (std::size_t i = block; i < block + 32; ++i) {
      // Half a step, and the rounding of the scale (2^-11) times at most 127 steps.
      ASSERT_NEAR(got[i], want[i], largest / 127.0f * (0.5f + 127.0f / 2048.0f));
      any_differs |= got[i] != want[i];
    }
  }
  EXPECT_TRUE(any_differs);
}

/// The weights by the formulas of ggml, and the same numbers on the engines.
TEST_F(Gguf, StoredIntegersRunAsTheyAre) {
  for (const GgufType type : {GgufType::q4_0, GgufType::q4_1, GgufType::q8_0}) {
    const std::string bytes = gguf_of(block_model(), type).file();
    const Checkpoint checkpoint = load(bytes);
    ASSERT_TRUE(checkpoint.quantized.has_value());
    EXPECT_EQ(checkpoint.note, "");
    EXPECT_EQ(checkpoint.quantized->layers[0].wq.weight_bits, type == GgufType::q8_0 ? 8u : 4u);
    const ModelWeights of_engines = models::dequantize(*checkpoint.quantized);
    for (std::uint32_t l = 0; l < checkpoint.shape().layers; ++l) {
      for (const auto& m : decoder_matrices(checkpoint.shape())) {
        ASSERT_EQ(matrix_of(of_engines.layers[l], m.id).values,
                  matrix_of(checkpoint.weights->layers[l], m.id).values);
      }
    }
  }
}

TEST_F(Gguf, TheNibblesOfABlockLieInTwoHalves) {
  // d = 2, codes 0..15 in the low halves and 15..0 in the high ones.
  for (const bool has_minimum : {false, true}) {
    test::Bytes block;
    block.add(std::uint16_t{0x4000});
    if (has_minimum) block.add(std::uint16_t{0xc200});  // -3
    for (int j = 0; j < 16; ++j) block.add(static_cast<std::uint8_t>(j | (15 - j) << 4));
    const GgufBlockType& type = *gguf_block_type(has_minimum ? 3 : 2);
    ASSERT_EQ(type.bytes(), block.data().size());
    const GgufBlocks blocks =
        unpack_gguf_blocks(type, reinterpret_cast<const std::uint8_t*>(block.data().data()), 1);
    for (std::size_t i = 0; i < 32; ++i) {
      const float code = static_cast<float>(i < 16 ? i : 31 - i);
      EXPECT_EQ(blocks.weight(i), has_minimum ? 2 * code - 3 : 2 * (code - 8)) << i;
    }
  }
}

TEST_F(Gguf, TensorsThatShareBytesAreRefused) {
  GgufWriter gguf = gguf_of(block_model(), GgufType::f32);
  std::string data = gguf.file();
  // The data offset of the second tensor of the directory becomes that of the first, 0.
  const std::string name = "output_norm.weight";
  const std::size_t entry = data.find(name) + name.size() + 4 + 8 + 4;
  const std::uint64_t zero = 0;
  std::memcpy(data.data() + entry, &zero, sizeof zero);
  EXPECT_THAT(error_of(data), HasSubstr("found an overlap"));
}

TEST_F(Gguf, AnOutputMatrixEqualToTheEmbeddingIsATiedOne) {
  ModelWeights model = block_model(false);
  model.output = model.embedding;
  const Checkpoint checkpoint = load(gguf_of(model, GgufType::f32).file());
  EXPECT_TRUE(checkpoint.shape().tied_embedding);
  EXPECT_TRUE(checkpoint.weights->output.values.empty());
}

TEST_F(Gguf, AFileCutAnywhereIsRefusedWithItsName) {
  const std::string whole = gguf_of(block_model(), GgufType::f16).file();
  std::vector<std::size_t> cuts;
  for (std::size_t size = 0; size < 600; ++size) cuts.push_back(size);
  for (std::size_t size = 600; size < whole.size(); size += 4999) cuts.push_back(size);
  cuts.push_back(whole.size() - 64);
  for (const std::size_t size : cuts) {
    const std::string error = error_of(whole.substr(0, size));
    ASSERT_THAT(error, AllOf(HasSubstr("model.gguf"), HasSubstr("at byte"))) << "cut at " << size;
  }
}

TEST_F(Gguf, ADamagedDirectoryIsReadOrRefusedButNeverTrusted) {
  const std::string whole = gguf_of(block_model(), GgufType::q8_0).file();
  std::mt19937_64 random(11);
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string damaged = whole;
    for (int flips = 0; flips < 3; ++flips) {
      damaged[random() % 9000] = static_cast<char>(random() % 3 == 0 ? 0xff : random() % 256);
    }
    try {
      load(damaged);
    } catch (const config::InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Gguf, AnotherVersionIsRefusedAtItsByte) {
  GgufWriter gguf = gguf_of(block_model(), GgufType::f32);
  gguf.version = 2;
  EXPECT_THAT(error_of(gguf.file()),
              HasSubstr("at byte 4: expected GGUF version 3, found version 2"));
}

TEST_F(Gguf, AnotherArchitectureIsRefused) {
  GgufWriter gguf;
  gguf.add_string("general.architecture", "gemma");
  EXPECT_THAT(error_of(gguf.file()),
              HasSubstr("expected general.architecture = 'llama', found 'gemma'"));
}

TEST_F(Gguf, AMissingKeyIsNamedWithItsNearestNeighbour) {
  GgufWriter gguf;
  gguf.add_string("general.architecture", "llama");
  gguf.add_u32("llama.block_counts", 2);
  EXPECT_THAT(error_of(gguf.file()), AllOf(HasSubstr("expected a key 'llama.block_count'"),
                                           HasSubstr("did you mean 'llama.block_counts'?")));
}

TEST_F(Gguf, ATensorThatTheDecoderDoesNotComputeIsRefused) {
  const ModelWeights model = block_model();
  GgufWriter gguf = gguf_of(model, GgufType::f32);
  gguf.add_tensor("blk.0.attn_q.bias", 64, 0, std::vector<float>(64), GgufType::f32);
  EXPECT_THAT(error_of(gguf.file()), HasSubstr("'blk.0.attn_q.bias'"));
}

TEST_F(Gguf, RopeScalingIsRefused) {
  GgufWriter gguf = gguf_of(block_model(), GgufType::f32);
  gguf.add_string("llama.rope.scaling.type", "yarn");
  EXPECT_THAT(error_of(gguf.file()), HasSubstr("found 'yarn'"));
}

TEST_F(Gguf, ATensorOfAnotherShapeIsRefused) {
  ModelWeights model = block_model();
  model.layers[1].wk.n = 8;
  model.layers[1].wk.values.resize(512);
  EXPECT_THAT(error_of(gguf_of(model, GgufType::f32).file()),
              HasSubstr("expected 'blk.1.attn_k.weight' of shape [64, 16] by the metadata, found "
                        "[64, 8]"));
}

TEST_F(Gguf, AnUnknownTensorTypeIsRefused) {
  GgufWriter gguf;
  gguf.add_tensor("token_embd.weight", 32, 4, {}, static_cast<GgufType>(12));
  EXPECT_THAT(
      error_of(gguf.file()),
      HasSubstr("expected 'token_embd.weight' as F32 (0), F16 (1), Q4_0 (2), Q4_1 (3) or Q8_0 "
                "(8), found tensor type 12"));
}

TEST_F(Gguf, AbsurdSizesAreRefusedBeforeAnythingIsAllocated) {
  for (const std::uint64_t rows : {std::uint64_t{1} << 39, ~std::uint64_t{0}}) {
    GgufWriter gguf;
    gguf.add_tensor("token_embd.weight", 32, rows, {}, GgufType::f32);
    EXPECT_THAT(error_of(gguf.file()), HasSubstr("token_embd.weight"));
  }
  GgufWriter past_the_end;
  past_the_end.add_tensor("token_embd.weight", 32, std::uint64_t{1} << 34, {}, GgufType::f16);
  EXPECT_THAT(error_of(past_the_end.file()), HasSubstr("inside the file"));
  test::Bytes many;
  many.add_text("GGUF").add(std::uint32_t{3}).add(~std::uint64_t{0}).add(~std::uint64_t{0});
  EXPECT_THAT(error_of(many.data()), HasSubstr("at byte 24: expected the metadata"));
  test::Bytes text;
  text.add_text("GGUF").add(std::uint32_t{3}).add(std::uint64_t{0}).add(std::uint64_t{1});
  text.add(std::uint64_t{1} << 62).add_text("key and no more");
  EXPECT_THAT(error_of(text.data()), HasSubstr("expected a key (4611686018427387904 bytes)"));
}

TEST_F(Gguf, AWeightThatIsNotFiniteIsRefusedAtItsByte) {
  ModelWeights model = block_model();
  model.layers[0].w_up.values[5] = std::numeric_limits<float>::infinity();
  for (const auto type : {GgufType::f32, GgufType::f16}) {
    EXPECT_THAT(
        error_of(gguf_of(model, type).file()),
        AllOf(HasSubstr("a finite number in 'blk.0.ffn_up.weight'"), HasSubstr("found inf")));
  }
}

}  // namespace
}  // namespace lutsim::workloads

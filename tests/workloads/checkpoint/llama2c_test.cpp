// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama2c.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/transformer/random_model.h"
#include "tests/workloads/checkpoint/llama2c_writer.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::workloads {
namespace {

using models::ModelWeights;
using testing::AllOf;
using testing::HasSubstr;

ModelWeights small_model(bool tied) {
  models::ModelShape shape = test::random_shape();
  shape.tied_embedding = tied;
  return test::random_model(shape);
}

class Llama2c : public testing::Test {
 protected:
  Llama2c() {
    test::write_file(folder_ / "tok271.bin", test::llama2c_tokenizer(test::small_tokenizer(271)));
  }
  Checkpoint load(const std::string& data) {
    test::write_file(folder_ / "model.bin", data);
    return load_checkpoint(folder_ / "model.bin");
  }
  std::string error_of(const std::string& data) {
    return test::input_error([&] { load(data); });
  }
  test::TemporaryFolder folder_;
};

TEST_F(Llama2c, Version0WeightsComeBackAsTheyWere) {
  for (const bool tied : {true, false}) {
    const ModelWeights model = small_model(tied);
    const Checkpoint checkpoint = load(test::llama2c_v0(model));
    EXPECT_EQ(checkpoint.format, "llama2.c/0");
    EXPECT_EQ(checkpoint.shape().head_dim, 6u);
    EXPECT_EQ(checkpoint.shape().tied_embedding, tied);
    EXPECT_EQ(checkpoint.weights->embedding.values, model.embedding.values);
    EXPECT_EQ(checkpoint.weights->lm_head().values, model.lm_head().values);
    EXPECT_EQ(checkpoint.weights->final_norm, model.final_norm);
    for (std::size_t l = 0; l < 2; ++l) {
      EXPECT_EQ(checkpoint.weights->layers[l].attention_norm, model.layers[l].attention_norm);
      EXPECT_EQ(checkpoint.weights->layers[l].ffn_norm, model.layers[l].ffn_norm);
      for (const auto& m : decoder_matrices(model.shape)) {
        EXPECT_EQ(matrix_of(checkpoint.weights->layers[l], m.id).values,
                  matrix_of(model.layers[l], m.id).values);
      }
    }
  }
}

TEST_F(Llama2c, AFileThatEndsEarlyOrLateIsRefused) {
  const std::string whole = test::llama2c_v0(small_model(false));
  for (std::size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 1009) {
    ASSERT_THAT(error_of(whole.substr(0, size)),
                AllOf(HasSubstr("model.bin"), HasSubstr("at byte")))
        << "cut at " << size;
  }
  EXPECT_THAT(error_of(whole + "x"),
              HasSubstr("expected a file of " + std::to_string(whole.size()) + " bytes"));
}

TEST_F(Llama2c, ShapesThatNoModelHasAreRefused) {
  const ModelWeights model = small_model(true);
  const std::string whole = test::llama2c_v0(model);
  const auto with = [&](std::size_t field, std::int32_t value) {
    std::string data = whole;
    std::memcpy(data.data() + 4 * field, &value, 4);
    return data;
  };
  EXPECT_THAT(error_of(with(0, 0)), HasSubstr("at byte 0: expected a positive dim, found 0"));
  EXPECT_THAT(error_of(with(2, -3)),
              HasSubstr("at byte 8: expected a positive n_layers, found -3"));
  EXPECT_THAT(error_of(with(5, INT32_MIN)), HasSubstr("at byte 20"));
  EXPECT_THAT(error_of(with(0, 37)), HasSubstr("dim a multiple of n_heads"));
  EXPECT_THAT(error_of(with(0, 18)), HasSubstr("head_dim = 3 is odd"));
  EXPECT_THAT(error_of(with(4, 4)), HasSubstr("not a multiple of kv_heads = 4"));
  EXPECT_THAT(error_of(with(2, 1 << 30)), HasSubstr("layers = 1073741824 is outside 1..1024"));
  EXPECT_THAT(error_of(with(1, 1 << 20)), HasSubstr("expected a file of"));
  EXPECT_THAT(error_of("A text file that is long enough for a header, and no model."),
              HasSubstr("is read as a llama2.c checkpoint"));
}

TEST_F(Llama2c, AWeightThatIsNotFiniteIsRefusedAtItsByte) {
  ModelWeights model = small_model(true);
  model.embedding.values[3] = std::nanf("");
  EXPECT_THAT(
      error_of(test::llama2c_v0(model)),
      HasSubstr("at byte 40: expected a finite number in token_embedding_table, found nan"));
}

TEST_F(Llama2c, Version2IsDequantisedGroupByGroup) {
  models::ModelShape shape = test::random_shape();
  shape.layers = 1;
  const ModelWeights model = test::random_model(shape);
  constexpr std::int32_t kGroup = 6;
  test::Bytes out;
  out.add(kLlama2cMagic).add(std::int32_t{2}).add_text(test::llama2c_header(shape).data());
  out.add(std::uint8_t{1}).add(kGroup).pad_to(256);
  out.add_floats(model.layers[0].attention_norm).add_floats(model.layers[0].ffn_norm);
  out.add_floats(model.final_norm);
  std::int8_t next = -100;
  const auto matrix = [&](const models::DenseMatrix& m) {
    for (std::size_t i = 0; i < m.values.size(); ++i) out.add(next++);
    for (std::size_t i = 0; i < m.values.size() / kGroup; ++i)
      out.add(0.5f + static_cast<float>(i) / 64);
  };
  matrix(model.embedding);
  using L = models::LayerWeights;
  for (const auto member : {&L::wq, &L::wk, &L::wv, &L::wo, &L::w_gate, &L::w_down, &L::w_up}) {
    matrix(model.layers[0].*member);
  }
  const Checkpoint checkpoint = load(out.data());
  EXPECT_EQ(checkpoint.format, "llama2.c/2");
  EXPECT_EQ(checkpoint.weights->final_norm, model.final_norm);
  EXPECT_EQ(checkpoint.weights->embedding.values[0], -100 * 0.5f);
  EXPECT_EQ(checkpoint.weights->embedding.values[13], -87 * (0.5f + 2.0f / 64));
  const auto first_of_wq = static_cast<std::int8_t>(-100 + 271 * 36);
  EXPECT_EQ(checkpoint.weights->layers[0].wq.values[0], first_of_wq * 0.5f);
  // These scales are FP16 numbers: the engines get the very weights. K = 50 is no multiple of 6.
  EXPECT_EQ(checkpoint.note, "");
  EXPECT_EQ(checkpoint.quantized->layers[0].w_down.group_size, 2u);
  const models::ModelWeights of_engines = models::dequantize(*checkpoint.quantized);
  for (const auto& m : decoder_matrices(shape)) {
    EXPECT_EQ(matrix_of(of_engines.layers[0], m.id).values,
              matrix_of(checkpoint.weights->layers[0], m.id).values);
  }
  EXPECT_THAT(error_of(out.data() + "x"), HasSubstr("by the shape in its header"));
  std::string version1 = out.data();
  version1[4] = 1;
  EXPECT_THAT(error_of(version1),
              HasSubstr("at byte 4: expected llama2.c version 2 (Q8_0), found 1"));
}

// ---- tokenizer --------------------------------------------------------------------------------

TEST_F(Llama2c, TheTokenizerBesideTheModelIsFound) {
  const Checkpoint checkpoint = load(test::llama2c_v0(small_model(true)));
  EXPECT_EQ(checkpoint.tokenizer.pieces(), test::small_tokenizer(271).pieces());
  std::filesystem::rename(folder_ / "tok271.bin", folder_ / "tokenizer.bin");
  EXPECT_NO_THROW(load_checkpoint(folder_ / "model.bin"));
  std::filesystem::rename(folder_ / "tokenizer.bin", folder_ / "elsewhere.bin");
  EXPECT_THAT(test::input_error([&] { load_checkpoint(folder_ / "model.bin"); }),
              HasSubstr("neither tok271.bin nor tokenizer.bin"));
  EXPECT_NO_THROW(load_checkpoint(folder_ / "model.bin", folder_ / "elsewhere.bin"));
}

TEST_F(Llama2c, ADamagedTokenizerIsRefusedWithItsNameAndByte) {
  const std::string whole = test::llama2c_tokenizer(test::small_tokenizer(271));
  const auto error = [&](const std::string& data) {
    test::write_file(folder_ / "t.bin", data);
    return test::input_error([&] { read_llama2c_tokenizer(folder_ / "t.bin", 271); });
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_THAT(error(whole.substr(0, size)), AllOf(HasSubstr("t.bin"), HasSubstr("at byte")));
  }
  EXPECT_THAT(error(whole + "tail"), HasSubstr("expected the end of the file after 271 tokens"));
  std::string absurd = whole;
  absurd[8 + 3] = 0x7f;  // the length of token 0
  EXPECT_THAT(error(absurd), HasSubstr("at byte 8: expected a length of 1..6 for token 0"));
}

}  // namespace
}  // namespace lutsim::workloads

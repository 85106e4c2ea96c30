// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/bcq_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/sparsity/pruned_planes.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/prune_model.h"
#include "tests/models/transformer/random_model.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::workloads {
namespace {

using models::QuantizationMethod;
using models::QuantizationRecipe;
using models::QuantizedModel;
using testing::HasSubstr;

QuantizedModel small_model(QuantizationMethod method, bool tied) {
  models::ModelShape shape = test::random_shape();
  shape.tied_embedding = tied;
  QuantizationRecipe recipe;
  recipe.method = method;
  recipe.group_size = 16;
  recipe.layer_bits = {2, 3};
  return quantize(test::random_model(shape), recipe);
}

class BcqFile : public testing::Test {
 protected:
  BcqFile() : tokenizer_(test::small_tokenizer(271)) {}
  std::string saved(const QuantizedModel& model) {
    save_bcq(folder_ / "model.bcq", model, tokenizer_);
    return test::read_file(folder_ / "model.bcq");
  }
  std::string error_of(const std::string& data) {
    test::write_file(folder_ / "damaged.bcq", data);
    return test::input_error([&] { load_checkpoint(folder_ / "damaged.bcq"); });
  }
  test::TemporaryFolder folder_;
  Tokenizer tokenizer_;
};

TEST_F(BcqFile, AnArchitectureThatTheGoldenTransformerLacksIsRefused) {
  QuantizedModel model = small_model(QuantizationMethod::rtn, true);
  EXPECT_THAT(saved(model), testing::Not(HasSubstr("norm_placement"))) << "a Llama says nothing";
  model.shape.qk_norm = true;
  EXPECT_THAT(error_of(saved(model)), HasSubstr("norms of queries and keys"));
}

TEST_F(BcqFile, AModelComesBackWithTheSameLogitsBitForBit) {
  for (const auto method : {QuantizationMethod::rtn, QuantizationMethod::bcq}) {
    for (const bool tied : {true, false}) {
      const QuantizedModel model = small_model(method, tied);
      saved(model);
      const Checkpoint checkpoint = load_checkpoint(folder_ / "model.bcq");
      ASSERT_TRUE(checkpoint.quantized.has_value());
      EXPECT_EQ(checkpoint.format, "lutsim.bcq/1");
      EXPECT_EQ(checkpoint.tokenizer.pieces(), tokenizer_.pieces());
      EXPECT_EQ(checkpoint.tokenizer.scores(), tokenizer_.scores());
      EXPECT_EQ(checkpoint.quantized->recipe.layer_bits, model.recipe.layer_bits);
      EXPECT_EQ(checkpoint.quantized->recipe.method, method);
      const auto tokens = test::random_tokens(271, 9);
      EXPECT_EQ(models::GoldenTransformer(*checkpoint.quantized, {}).forward_all(tokens),
                models::GoldenTransformer(model, {}).forward_all(tokens));
    }
  }
}

TEST_F(BcqFile, TheRecipeOfACalibratedModelComesBack) {
  QuantizedModel model = small_model(QuantizationMethod::rtn, true);
  EXPECT_THAT(saved(model), testing::Not(HasSubstr("calibration"))) << "nothing was seen";
  model.recipe.method = QuantizationMethod::gptq;
  model.recipe.group_size = 0;
  model.recipe.act_order = true;
  model.recipe.damping = 0.05;
  model.recipe.seed = 77;
  model.recipe.calibration = {5, (std::uint64_t{1} << 53) - 1};
  saved(model);
  const auto recipe = load_checkpoint(folder_ / "model.bcq").quantized->recipe;
  EXPECT_EQ(recipe.method, QuantizationMethod::gptq);
  EXPECT_EQ(recipe.group_size, 0u);
  EXPECT_TRUE(recipe.act_order);
  EXPECT_EQ(recipe.damping, 0.05);
  EXPECT_EQ(recipe.seed, 77u);
  EXPECT_EQ(recipe.calibration, model.recipe.calibration);
}

TEST_F(BcqFile, TheSameModelGivesTheSameBytes) {
  const QuantizedModel model = small_model(QuantizationMethod::rtn, true);
  const std::string first = saved(model);
  const Checkpoint checkpoint = load_checkpoint(folder_ / "model.bcq");
  EXPECT_EQ(saved(*checkpoint.quantized), first);
}

/// A pruned model, its planes through a code.
std::string coded(const QuantizedModel& model, const std::filesystem::path& path) {
  save_bcq(path, model, test::small_tokenizer(271),
           PlaneCoding{models::code_of_sparsity(0.7, 1), models::one_by_one});
  return test::read_file(path);
}

QuantizedModel pruned_model() {
  models::ModelWeights weights = test::random_model();
  models::prune(weights, 0.7);
  QuantizationRecipe recipe;
  recipe.group_size = 16;
  recipe.sparsity = 0.7;
  return quantize(weights, recipe);
}

TEST_F(BcqFile, CodedPlanesDecodeToTheModelBitForBitAndTakeLessRoom) {
  const QuantizedModel model = pruned_model();
  const std::string plain = saved(model), small = coded(model, folder_ / "model.bcq");
  EXPECT_LT(small.size(), plain.size());
  const Checkpoint checkpoint = load_checkpoint(folder_ / "model.bcq");
  EXPECT_EQ(checkpoint.format, "lutsim.bcq/2");
  EXPECT_EQ(checkpoint.quantized->recipe.sparsity, 0.7);
  EXPECT_EQ(saved(*checkpoint.quantized), plain);
  ASSERT_TRUE(checkpoint.coded.has_value());
  EXPECT_EQ(checkpoint.coded->matrices.size(), 14u);
  const auto& counts = checkpoint.coded->matrices.at("layers.1.ffn.w_down");
  EXPECT_EQ(counts.bits, 4u * 36 * 50);
  EXPECT_LE(counts.kept, 36u * 50 * 3 / 10);
}

TEST_F(BcqFile, AnInputOrderComesBack) {
  QuantizedModel model = small_model(QuantizationMethod::rtn, true);
  auto& order = model.layers[0].wq.input_order;
  for (std::uint32_t k = 0; k < 36; ++k) order.push_back(k * 5 % 36);
  saved(model);
  const Checkpoint checkpoint = load_checkpoint(folder_ / "model.bcq");
  EXPECT_EQ(checkpoint.format, "lutsim.bcq/2");
  EXPECT_EQ(checkpoint.quantized->layers[0].wq.input_order, order);
  order[3] = order[4];
  EXPECT_THAT(error_of(saved(model)), HasSubstr("no permutation"));
}

TEST_F(BcqFile, ACodedFileCutAnywhereIsRefused) {
  const std::string whole = coded(pruned_model(), folder_ / "model.bcq");
  for (std::size_t size = 0; size < whole.size(); size += 977) {
    ASSERT_THAT(error_of(whole.substr(0, size)), HasSubstr("damaged.bcq")) << "cut at " << size;
  }
}

TEST_F(BcqFile, AFileCutAnywhereIsRefused) {
  const std::string whole = saved(small_model(QuantizationMethod::rtn, true));
  for (std::size_t size = 0; size < whole.size(); size += size < 32 ? 1 : 977) {
    ASSERT_THAT(error_of(whole.substr(0, size)), HasSubstr("damaged.bcq")) << "cut at " << size;
  }
}

TEST_F(BcqFile, OneFlippedBitAnywhereIsFound) {
  const std::string whole = saved(small_model(QuantizationMethod::bcq, true));
  for (std::size_t byte = 0; byte < whole.size(); byte += 499) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(damaged[byte] ^ 0x10);
    ASSERT_THAT(error_of(damaged), HasSubstr("damaged.bcq")) << "byte " << byte;
  }
  std::string damaged = whole;
  damaged[5000] = static_cast<char>(damaged[5000] ^ 1);
  EXPECT_THAT(error_of(damaged), HasSubstr("expected the SHA-256 of the bytes before it"));
}

TEST_F(BcqFile, AnotherVersionIsRefusedAtItsByte) {
  std::string data = saved(small_model(QuantizationMethod::rtn, true));
  data[8] = 3;
  EXPECT_THAT(error_of(data),
              HasSubstr("at byte 8: expected version 1 or 2 (lutsim.bcq/2), found version 3"));
}

TEST_F(BcqFile, APlaceThatCannotBeWrittenIsAnError) {
  const QuantizedModel model = small_model(QuantizationMethod::rtn, true);
  EXPECT_THAT(test::input_error([&] { save_bcq(folder_ / "no" / "such", model, tokenizer_); }),
              HasSubstr("cannot write"));
}

}  // namespace
}  // namespace lutsim::workloads

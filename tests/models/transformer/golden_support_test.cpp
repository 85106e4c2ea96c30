// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/golden_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/transformer/golden_transformer.h"
#include "tests/models/transformer/random_model.h"
#include "tests/workloads/trace/variant_shapes.h"

namespace lutsim::models {
namespace {

TEST(GoldenSupport, ALlamaIsAllThatTheGoldenTransformerComputes) {
  for (const ModelShape& shape : test::variant_shapes()) {
    if (shape.name == "tiny") {
      EXPECT_THAT(beyond_golden(shape), testing::IsEmpty());
      EXPECT_NO_THROW(require_golden(shape));
    } else {
      EXPECT_THAT(beyond_golden(shape), testing::Not(testing::IsEmpty())) << shape.name;
      EXPECT_THROW(require_golden(shape), spec::SpecError) << shape.name;
    }
  }
}

TEST(GoldenSupport, EveryFieldThatChangesTheOperatorsIsNoticed) {
  const ModelShape plain = test::tiny_shape();
  spec::for_each_field<ModelShape>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    const std::string key = f.key;
    // These change a table's size, or say more about another field.
    if (!f.optional || key == "position_offset" || key == "window_period" ||
        key == "window_layers" || key == "experts_per_token" || key == "shared_experts" ||
        key == "expert_ffn" || key == "dense_layers" || key == "q_latent" ||
        key == "rope_head_dim" || key == "value_head_dim") {
      return;
    }
    ModelShape shape = plain;
    if constexpr (std::is_same_v<Value, bool>) {
      shape.*f.member = !(plain.*f.member);
    } else if constexpr (std::is_enum_v<Value>) {
      shape.*f.member = enum_names(Value{})[1].value;
    } else if constexpr (std::is_arithmetic_v<Value>) {
      shape.*f.member = static_cast<Value>(2);
    }
    EXPECT_EQ(beyond_golden(shape).size(), 1u) << key;
  });
}

TEST(GoldenSupport, AWindowOfTheWholeContextIsNone) {
  ModelShape shape = test::tiny_shape();
  shape.sliding_window = shape.max_context;
  EXPECT_THAT(beyond_golden(shape), testing::IsEmpty());
}

TEST(GoldenSupport, TheGoldenTransformerRefusesWhatItDoesNotCompute) {
  QuantizationRecipe recipe;
  recipe.group_size = 16;
  QuantizedModel model = quantize(test::random_model(), recipe);
  model.shape.attention_sinks = true;
  EXPECT_THROW(GoldenTransformer(model, spec::MatrixSpec{}), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models

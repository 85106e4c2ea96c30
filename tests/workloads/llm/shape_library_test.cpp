// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm/shape_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "models/config/diagnostics.h"
#include "workloads/llm/csv.h"

namespace lutsim::workloads {
namespace {

using testing::HasSubstr;

std::string error_of(const std::string& name) {
  try {
    find_shape(name);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

/// Reads a table of one row; the header is that of the shipped table.
std::string error_of_row(const std::string& row) {
  const auto file =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".csv");
  std::ofstream(file) << "model,layers,hidden\n" << row << '\n';
  try {
    read_models(file);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Csv, AQuotedFieldHoldsCommasAndQuotes) {
  EXPECT_THAT(split_csv_line("a,\"b, \"\"c\"\"\",,d\r"),
              testing::ElementsAre("a", "b, \"c\"", "", "d"));
}

TEST(ShapeLibrary, ParameterCountsEqualThePublishedOnes) {
  int checked = 0;
  for (const PublishedModel& model : published_models()) {
    if (!model.missing.empty()) continue;
    const std::uint64_t norms = (2 * std::uint64_t{model.shape.layers} + 1) * model.shape.hidden;
    // The table has six decimals of a billion.
    EXPECT_NEAR(static_cast<double>(parameter_count(model.shape) - norms), model.matrix_parameters,
                500)
        << model.shape.name;
    ++checked;
  }
  EXPECT_GE(checked, 14);
}

TEST(ShapeLibrary, FindsModelsWhateverTheCaseAndWithoutTheSuffix) {
  for (const char* name : {"Llama-2-7b-hf", "llama-2-7b-hf", "llama-2-7b", "LLAMA-2-7B"}) {
    const models::ModelShape shape = find_shape(name);
    EXPECT_EQ(shape.name, "Llama-2-7b-hf");
    EXPECT_EQ(shape.layers, 32u);
    EXPECT_EQ(shape.ffn, 11008u);
    EXPECT_EQ(shape.rope_base, 10000.0);
  }
}

TEST(ShapeLibrary, TheVocabularyHasThePaddedRowsOfTheTable) {
  EXPECT_EQ(find_shape("Llama-3-8B").vocab, 128256u);
  EXPECT_EQ(find_shape("Llama-3-8B").rope_base, 500000.0);
  EXPECT_TRUE(find_shape("Llama-3.2-1B").tied_embedding);
}

TEST(ShapeLibrary, EveryListedModelIsFound) {
  const std::vector<std::string> names = list_models();
  EXPECT_THAT(names, testing::Contains("stories260K"));
  EXPECT_THAT(names, testing::Contains("Mistral-7B-v0.1"));
  for (const std::string& name : names) EXPECT_EQ(find_shape(name).name, name);
}

TEST(ShapeLibrary, SaysWhatAModelNeedsThatTheTraceLacks) {
  EXPECT_THAT(error_of("OPT-6.7b"), HasSubstr("model OPT-6.7b needs"));
  EXPECT_THAT(error_of("OPT-6.7b"), HasSubstr("LayerNorm"));
  EXPECT_THAT(error_of("Qwen3-8B"), HasSubstr("norms of queries and keys"));
  EXPECT_THAT(error_of("Qwen2.5-7B"), HasSubstr("biases"));
  EXPECT_THAT(error_of("Mixtral-8x7B-v0.1"), HasSubstr("mixture of experts"));
  EXPECT_THAT(error_of("DeepSeek-V3(671B)"), HasSubstr("latent attention"));
  EXPECT_THAT(error_of("Gemma-7b"), HasSubstr("GELU(tanh)"));
}

TEST(ShapeLibrary, NamesTheNearestModel) {
  EXPECT_THAT(error_of("Llama-2-7c-hf"), HasSubstr("did you mean 'Llama-2-7b-hf'?"));
}

TEST(ShapeLibrary, TellsTheLineOfARowThatCannotBeRead) {
  EXPECT_THAT(error_of_row("a,1"), HasSubstr(".csv:2:1: error: expected 3 columns, found 2"));
  EXPECT_THAT(error_of_row("a,many,3"), HasSubstr("layers: expected a number, found 'many'"));
}

}  // namespace
}  // namespace lutsim::workloads

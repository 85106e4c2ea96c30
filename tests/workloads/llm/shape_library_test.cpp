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

std::string error_of_table(const std::string& text) {
  const auto file =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".csv");
  std::ofstream(file) << text;
  try {
    read_models(file);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of_row(const std::string& row) {
  return error_of_table("model,layers,hidden\n" + row + '\n');
}

/// The shipped table's first row with one text replaced.
std::string error_with(const std::string& from, const std::string& to) {
  std::ifstream in(LUTSIM_SOURCE_DIR "/workloads/llm/models.csv");
  std::string header, row;
  std::getline(in, header);
  std::getline(in, row);
  const std::size_t at = row.find(from);
  if (at == std::string::npos) throw std::logic_error("the row has no " + from);
  return error_of_table(header + '\n' + row.replace(at, from.size(), to) + '\n');
}

TEST(Csv, AQuotedFieldHoldsCommasAndQuotes) {
  EXPECT_THAT(split_csv_line("a,\"b, \"\"c\"\"\",,d\r"),
              testing::ElementsAre("a", "b, \"c\"", "", "d"));
}

TEST(ShapeLibrary, HasEveryModelOfTheTable) { EXPECT_EQ(list_models().size(), 55u); }

TEST(ShapeLibrary, MatricesAndTablesEqualTheCountsOfTheTable) {
  int checked = 0;
  for (const PublishedModel& model : published_models()) {
    if (model.matrix_parameters == 0) continue;
    models::ModelShape shape = model.shape;
    shape.embedding_dim = 0;  // the table takes the embedding of OPT-350m to be hidden wide
    const ParameterCount count = count_parameters(shape);
    // The table has six decimals of a billion.
    EXPECT_NEAR(static_cast<double>(count.matrices + count.embedding + count.head),
                model.matrix_parameters, 500)
        << model.shape.name;
    ++checked;
  }
  EXPECT_EQ(checked, 52) << "all but the three of the DeepSeek family";
}

struct PublishedTotal {
  const char* name;
  std::uint64_t parameters;
};

/// Parameters of the checkpoints on Hugging Face, biases, norms and positions included.
TEST(ShapeLibrary, TotalsEqualThoseOfTheCheckpointsToTheLastParameter) {
  constexpr PublishedTotal kTotals[] = {
      {"OPT-125m", 125239296},
      {"OPT-350m", 331196416},
      {"gpt2", 124439808},
      {"Llama-2-7b-hf", 6738415616},
      {"Llama-3-8B", 8030261248},
      {"Mistral-7B-v0.1", 7241732096},
      {"Mixtral-8x7B-v0.1", 46702792704},
      {"Qwen2.5-7B", 7615616512},
      {"Gemma-7b", 8537680896},
      {"Gemma-2-2b", 2614341888},
      {"Gemma-2-9b", 9241705984},
      {"phi-2", 2779683840},
      {"pythia-6.9b", 6857302016},
      {"Qwen3-8B", 8190735360},
      {"Qwen3-30B-A3B", 30532122624},
      {"gpt-oss-120b", 116829156672},
      {"DeepSeek-V2-Lite(16B)", 15706484224},
  };
  for (const PublishedTotal& total : kTotals)
    EXPECT_EQ(count_parameters(find_shape(total.name)).total(), total.parameters) << total.name;
}

/// Billions as the papers print them; the active ones are rounded or cut there. Some count the
/// token table among the active parameters.
struct PublishedMixture {
  const char* name;
  double total, active, precision;
  bool counts_embedding;
};

TEST(ShapeLibrary, TotalAndActiveParametersOfMixturesEqualThePublishedOnes) {
  constexpr PublishedMixture kMixtures[] = {
      {"DeepSeek-V3", 671, 37, 1, false},           // arXiv:2412.19437, abstract
      {"DeepSeek-V2", 236, 21, 1, false},           // arXiv:2405.04434, abstract
      {"DeepSeek-V2-Lite", 15.7, 2.4, 0.1, false},  // arXiv:2405.04434, appendix B
      {"Mixtral-8x7B-v0.1", 47, 13, 1, true},       // arXiv:2401.04088, section 1
      {"Qwen3-30B-A3B", 30.5, 3.3, 0.1, true},      // model card
      {"gpt-oss-120b", 116.83, 5.13, 0.01, false},  // arXiv:2508.10925, table 1
  };
  for (const PublishedMixture& model : kMixtures) {
    const models::ModelShape shape = find_shape(model.name);
    const ParameterCount count = count_parameters(shape);
    const bool adds = model.counts_embedding && !shape.tied_embedding;
    const std::uint64_t active = count.active() + (adds ? count.embedding : 0);
    EXPECT_NEAR(static_cast<double>(count.total()) / 1e9, model.total, 0.5 * model.precision)
        << model.name;
    EXPECT_NEAR(static_cast<double>(active) / 1e9, model.active, 0.6 * model.precision)
        << model.name;
  }
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

TEST(ShapeLibrary, FieldsWithoutAColumnComeFromMoreFields) {
  using namespace models;
  const ModelShape opt = find_shape("OPT-350m");
  EXPECT_EQ(opt.norm, NormKind::layer_norm);
  EXPECT_EQ(opt.norm_placement, NormPlacement::after);
  EXPECT_EQ(opt.activation, Activation::relu);
  EXPECT_EQ(opt.positions, Positions::learned);
  EXPECT_FALSE(opt.gated_ffn);
  EXPECT_TRUE(opt.qkv_bias && opt.output_bias && opt.ffn_bias);
  EXPECT_EQ(opt.embedding_dim, 512u);
  EXPECT_EQ(find_shape("phi-2").block, Block::parallel_one_norm);
  EXPECT_EQ(find_shape("phi-2").rotary_dim, 32u);
  EXPECT_EQ(find_shape("gpt-oss-120b").window_of(0), 128u);
  EXPECT_EQ(find_shape("gpt-oss-120b").window_of(1), 0u);
  const ModelShape v3 = find_shape("deepseek-v3");
  EXPECT_EQ(v3.cached_dim(), 576u);
  EXPECT_EQ(v3.plain_head_dim(), 128u);
  EXPECT_FALSE(v3.has_experts(2));
  EXPECT_TRUE(v3.has_experts(3));
}

TEST(ShapeLibrary, NamesTheNearestModel) {
  EXPECT_THAT(error_of("Llama-2-7c-hf"), HasSubstr("did you mean 'Llama-2-7b-hf'?"));
  EXPECT_THAT(error_of("DeepSek-V3"), HasSubstr("did you mean 'DeepSeek-V3'?"));
}

TEST(ShapeLibrary, TellsTheLineOfARowThatCannotBeRead) {
  EXPECT_THAT(error_of_row("a,1"), HasSubstr(".csv:2:1: error: expected 3 columns, found 2"));
  EXPECT_THAT(error_of_row("a,many,3"), HasSubstr("layers: expected a number, found 'many'"));
}

TEST(ShapeLibrary, TellsWhatARowMayHold) {
  EXPECT_THAT(error_with(",ReLU,", ",Swish,"),
              HasSubstr("activation: unknown 'Swish' (one of: SiLU, ReLU"));
  EXPECT_THAT(error_with("qkv_bias", "qkv_bais"), HasSubstr("more_fields: no field 'qkv_bais'"));
  EXPECT_THAT(error_with("qkv_bias", "qkv_bias=maybe"), HasSubstr("expected true or false"));
  EXPECT_THAT(error_with("qkv_bias", "block=serial"),
              HasSubstr("block: unknown 'serial' (one of: sequential"));
  EXPECT_THAT(error_with("qkv_bias", "expert_ffn=5"), HasSubstr("expert_ffn"));
}

}  // namespace
}  // namespace lutsim::workloads

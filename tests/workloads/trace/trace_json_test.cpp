// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "models/config/diagnostics.h"
#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {
namespace {

using testing::HasSubstr;

OperatorTrace tiny_trace() {
  TraceRequest request;
  request.batch = 2;
  request.prompt_tokens = 3;
  request.generated_tokens = 2;
  request.group_size = 8;
  return build_trace(test::tiny_shape(), request);
}

std::string text_of(const OperatorTrace& trace) {
  std::ostringstream out;
  print_trace(trace, out);
  return out.str();
}

/// The tiny trace's file with the first `from` replaced by `to`.
std::string edited(const std::string& from, const std::string& to) {
  std::string text = text_of(tiny_trace());
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("the file has no " + from);
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& text) {
  try {
    parse_trace(text, "t.json");
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

std::filesystem::path fresh_folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(testing::TempDir()) / "lutsim_trace" / test->name();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(TraceJson, ReadingWhatWasWrittenGivesTheSameTrace) {
  const OperatorTrace trace = tiny_trace();
  EXPECT_TRUE(parse_trace(text_of(trace), "t.json") == trace);
}

TEST(TraceJson, TheCodeOfPrunedPlanesIsPartOfTheFormat) {
  OperatorTrace trace = tiny_trace();
  for (Tensor& tensor : trace.tensors) {
    if (tensor.weight.is_bcq()) tensor.weight.code = {8, 80, 12, 45000, 56000};
  }
  const std::string text = text_of(trace);
  EXPECT_NE(text.find("lutsim.trace/2"), std::string::npos);
  EXPECT_TRUE(parse_trace(text, "t.json") == trace);
  const std::size_t at = text.find("\"n_in\":8");
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_NE(error_of(std::string(text).replace(at, 8, "\"n_in\":0")).find("code/n_in"),
            std::string::npos);
}

TEST(TraceJson, WritingWhatWasReadGivesTheSameText) {
  const std::string text = text_of(tiny_trace());
  EXPECT_EQ(text_of(parse_trace(text, "t.json")), text);
}

TEST(TraceJson, AFileAppearsWholeOrNotAtAll) {
  const auto folder = fresh_folder();
  write_trace(tiny_trace(), folder / "t.json");
  EXPECT_TRUE(read_trace(folder / "t.json") == tiny_trace());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_THROW(write_trace(tiny_trace(), folder / "no_folder" / "t.json"), config::InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "no_folder"));
}

TEST(TraceJson, AMissingFileIsAnErrorThatNamesIt) {
  EXPECT_THROW(read_trace(fresh_folder() / "absent.json"), config::InputError);
}

TEST(TraceJson, NamesAllSchemasWhenTheVersionIsAnother) {
  EXPECT_THAT(error_of(edited("lutsim.trace/1", "lutsim.trace/9")),
              HasSubstr("trace of schema lutsim.trace/9, this program reads lutsim.trace/1, "
                        "lutsim.trace/2 and lutsim.trace/3"));
  EXPECT_THAT(error_of("[]"), HasSubstr("not a trace"));
}

TEST(TraceJson, MeasuredTimesMakeItVersion3AndAreReadStrictly) {
  OperatorTrace trace = tiny_trace();
  trace.measured = MeasuredTimes{"kineto", "GPU", "bf16", 3, 2e-3, 4e-3, {{"matmul", 3, 2e-3}}};
  std::ostringstream out;
  print_trace(trace, out);
  std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("lutsim.trace/3"));
  EXPECT_TRUE(parse_trace(text, "t.json") == trace);
  const auto edit = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return error_of(changed);
  };
  EXPECT_THAT(edit("lutsim.trace/3", "lutsim.trace/2"), HasSubstr("unknown key 'measured'"));
  EXPECT_THAT(edit("\"span_s\": 0.004", "\"span_s\": 0"), HasSubstr("/measured/kernel_s"));
  EXPECT_THAT(edit("\"seconds\"", "\"second\""), HasSubstr("/measured/kinds/0"));
}

TEST(TraceJson, TellsLineAndColumnOfTextThatIsNoJson) {
  EXPECT_THAT(error_of("{\"schema\":\n  oops}"), HasSubstr("t.json:2:"));
}

TEST(TraceJson, RefusesUnknownKeysAndNamesTheNearestOne) {
  const std::string error = error_of(edited("\"layers\"", "\"layer_s\""));
  EXPECT_THAT(error, HasSubstr("/model: unknown key 'layer_s'"));
  EXPECT_THAT(error, HasSubstr("layers"));
  EXPECT_THAT(error, HasSubstr("/model: missing key 'layers'"));
}

TEST(TraceJson, RefusesASizeThatTheKindDoesNotHave) {
  EXPECT_THAT(error_of(edited("\"position\": 0", "\"position\": 0, \"head_dim\": 4")),
              HasSubstr("/operators/0: unknown key 'head_dim'"));
}

TEST(TraceJson, RefusesADuplicateKey) {
  EXPECT_THAT(
      error_of(edited("\"phase\": \"prefill\"", "\"phase\": \"prefill\", \"phase\": \"decode\"")),
      HasSubstr("duplicate key 'phase'"));
}

TEST(TraceJson, RefusesATensorThatDoesNotExist) {
  EXPECT_THAT(error_of(edited("\"inputs\": [0, ", "\"inputs\": [9999, ")),
              HasSubstr("/operators/0/inputs: id 9999 names no tensor"));
}

TEST(TraceJson, RefusesADependencyOnALaterOperator) {
  EXPECT_THAT(error_of(edited("\"depends_on\": []", "\"depends_on\": [1]")),
              HasSubstr("/operators/0/depends_on: id 1 is not an earlier operator"));
  EXPECT_THAT(error_of(edited("\"depends_on\": []", "\"depends_on\": [0]")),
              HasSubstr("/operators/0/depends_on: id 0 is not an earlier operator"));
}

TEST(TraceJson, RefusesSizesOfZeroAndBelow) {
  EXPECT_THAT(error_of(edited("\"m\": 6", "\"m\": 0")), HasSubstr("/operators/0/m: expected"));
  EXPECT_THAT(error_of(edited("\"m\": 6", "\"m\": -6")), HasSubstr("/operators/0/m: expected"));
  EXPECT_THAT(error_of(edited("\"m\": 6", "\"m\": 6.5")), HasSubstr("found 6.5"));
  EXPECT_THAT(error_of(edited("\"shape\": [6]", "\"shape\": [0]")),
              HasSubstr("/tensors/0/shape/0: expected"));
}

TEST(TraceJson, RefusesRowsThatTheBatchDoesNotDivide) {
  EXPECT_THAT(error_of(edited("\"m\": 6", "\"m\": 7")), HasSubstr("a multiple of batch = 2"));
}

TEST(TraceJson, RefusesTwoTensorsOfOneName) {
  EXPECT_THAT(error_of(edited("\"name\": \"embedding@0\"", "\"name\": \"embedding.weight\"")),
              HasSubstr("two tensors are called 'embedding.weight'"));
}

TEST(TraceJson, RefusesAnUnknownKindAndNamesTheNearest) {
  const std::string error = error_of(edited("\"kind\": \"rms_norm\"", "\"kind\": \"rms_nrom\""));
  EXPECT_THAT(error, HasSubstr("/kind: expected one of"));
  EXPECT_THAT(error, HasSubstr("did you mean 'rms_norm'?"));
}

TEST(TraceJson, ReportsEveryErrorAtOnce) {
  std::string text = edited("\"hidden\": 24", "\"hidden\": 0");
  const std::string from = "\"heads\": 6";
  text.replace(text.find(from), from.size(), "\"heads\": \"six\"");
  const std::string error = error_of(text);
  EXPECT_THAT(error, HasSubstr("/model/hidden"));
  EXPECT_THAT(error, HasSubstr("/model/heads"));
}

}  // namespace
}  // namespace lutsim::workloads

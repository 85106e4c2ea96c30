// SPDX-License-Identifier: Apache-2.0
// A hand-written profile of one decoder layer: 2 sequences of 4 tokens, hidden 8, 2 heads, ffn 16.
#include "tests/workloads/trace/import/import_test.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kMicro = 1e-6;

TEST(KinetoImport, CallersAndCalledCountOnce) {
  const auto report = import_file(sample("profile.json")).report;
  // linear -> addmm, or linear -> matmul -> mm: 7 matmuls of 3 names are 7.
  const ImportRow matmul = row(report.mapped, "matmul");
  EXPECT_EQ(matmul.count, 7u);
  EXPECT_EQ(matmul.multiply_adds, 8u * (4 * 8 * 8 + 3 * 8 * 16));
  EXPECT_EQ(matmul.flops, 2 * matmul.multiply_adds + 3 * 8 * 8);  // three biases
  // BF16: x, w and y of each, three biases.
  EXPECT_EQ(matmul.bytes, 2u * (4 * (64 + 64 + 64) + 2 * (64 + 128 + 128) + (128 + 128 + 64) + 24));
  EXPECT_EQ(matmul.kernels, 14u);
  EXPECT_NEAR(matmul.seconds, 77 * kMicro, 1e-12);
}

TEST(KinetoImport, AttentionCountsThePairsOfACausalMask) {
  const ImportRow attention = row(import_file(sample("profile.json")).report.mapped, "attention");
  constexpr std::uint64_t kPairs = 2 * 4 * 5 / 2;
  EXPECT_EQ(attention.count, 1u);
  EXPECT_EQ(attention.multiply_adds, 2 * kPairs * 2 * 4);
  EXPECT_EQ(attention.bytes, 4u * 64 * 2);
}

TEST(KinetoImport, NothingIsDroppedInSilence) {
  const auto report = import_file(sample("profile.json")).report;
  EXPECT_EQ(row(report.unknown, "my_library::mystery").kernels, 1u);
  EXPECT_NEAR(report.share(row(report.unknown, "my_library::mystery")), 4.0 / 111, 1e-9);
  EXPECT_NEAR(row(report.unknown, "kernel of a graph").seconds, 2 * kMicro, 1e-12);
  EXPECT_NEAR(row(report.movement, "aten::copy_").seconds, 6 * kMicro, 1e-12);
  EXPECT_EQ(report.before_profile.kernels, 1u);
  EXPECT_NEAR(report.before_profile.seconds, 9 * kMicro, 1e-12);
  std::uint64_t captured = report.views;
  for (const auto* rows : {&report.mapped, &report.movement, &report.unknown}) {
    for (const ImportRow& r : *rows) captured += r.operators;
  }
  EXPECT_EQ(captured, report.source_operators);
}

TEST(KinetoImport, OperatorsComeInOrderWithLayersAndFormats) {
  const auto trace = import_file(sample("profile.json")).trace;
  EXPECT_THAT(
      kinds(trace),
      ElementsAre("embedding", "matmul", "bias_add", "matmul", "bias_add", "matmul", "bias_add",
                  "kv_append", "kv_append", "attention_score", "softmax", "attention_value",
                  "matmul", "add", "matmul", "matmul", "silu_multiply", "matmul", "add"));
  EXPECT_EQ(trace.batch, 2u);
  EXPECT_EQ(trace.prompt_tokens, 4u);
  EXPECT_EQ(trace.model.layers, 1u);
  EXPECT_EQ(trace.model.vocab, 100u);
  EXPECT_EQ(trace.operators[1].name, "layers.0.matmul");
  EXPECT_EQ(trace.tensors[trace.operators[1].inputs[1]].format, spec::NumberFormat::bf16);
  // Query, key and value read the embedding; the gate and the up matrix one sum.
  EXPECT_EQ(trace.operators[3].inputs[0], trace.operators[1].inputs[0]);
  EXPECT_EQ(trace.operators[14].inputs[0], trace.operators[15].inputs[0]);
  EXPECT_EQ(trace.operators[14].inputs[0], trace.operators[13].outputs[0]);
  // The residual is the embedding, then the first sum.
  EXPECT_EQ(trace.operators[13].inputs[1], trace.operators[0].outputs[0]);
  EXPECT_EQ(trace.operators[18].inputs[1], trace.operators[13].outputs[0]);
  EXPECT_THAT(trace.operators[16].depends_on, ElementsAre(14, 15));
}

TEST(KinetoImport, MeasuredTimesTravelInTheTrace) {
  const auto trace = import_file(sample("profile.json")).trace;
  ASSERT_TRUE(trace.measured);
  EXPECT_EQ(trace.measured->device, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(trace.measured->precision, "bf16");
  EXPECT_NEAR(trace.measured->kernel_s, 111 * kMicro, 1e-12);
  EXPECT_NEAR(trace.measured->span_s, 133 * kMicro, 1e-12);
  double seconds = 0;
  for (const auto& kind : trace.measured->kinds) seconds += kind.seconds;
  EXPECT_NEAR(seconds, trace.measured->kernel_s, 1e-12);
  const auto file = written("trace.json", "");
  workloads::write_trace(trace, file);
  EXPECT_THAT(read_all(file), HasSubstr("lutsim.trace/3"));
  EXPECT_TRUE(workloads::read_trace(file) == trace);
}

TEST(KinetoImport, TheGpuModelReadsWhatWasImported) {
  const auto workload = workloads::gpu_workload(import_file(sample("profile.json")).trace);
  ASSERT_EQ(workload.steps.size(), 1u);
  EXPECT_EQ(workload.generated_tokens, 2u);
  double flops = 0;
  for (const auto& k : workload.steps[0].kernels) flops += k.count * k.flops;
  EXPECT_GT(flops, 0);
}

TEST(KinetoImport, WeightsOfTheLayersAreQuantisedOnDemand) {
  ImportRequest request;
  request.file = sample("profile.json");
  request.weight_bits = 3;
  request.group_size = 8;
  const auto trace = workloads::import_trace(request).trace;
  const auto& weight = trace.tensors[trace.operators[1].inputs[1]].weight;
  EXPECT_EQ(weight.weight_bits, 3u);
  EXPECT_EQ(weight.group_size, 8u);
  request.group_size = 32;
  EXPECT_THROW(workloads::import_trace(request), spec::SpecError);
}

TEST(KinetoImport, TextThatIsNoJsonIsRefusedWithLineAndColumn) {
  const std::string whole = read_all(sample("profile.json"));
  const std::string error = refusal(written("cut.json", whole.substr(0, whole.size() / 2)));
  EXPECT_THAT(error, HasSubstr("cut.json"));
  EXPECT_THAT(error, HasSubstr("line"));
  EXPECT_THAT(error, HasSubstr("column"));
}

TEST(KinetoImport, AnEventThatLacksItsTimeIsRefusedWithItsPointer) {
  const std::string text =
      R"({"traceEvents": [{"ph": "X", "cat": "kernel", "name": "k", "ts": 1, "args": {}}]})";
  EXPECT_THAT(refusal(written("bad.json", text)), HasSubstr("/traceEvents/0/dur: expected"));
}

TEST(KinetoImport, AFileOfNoKnownFormatIsRefused) {
  EXPECT_THAT(refusal(written("other.json", R"({"a": [1, 2]})")), HasSubstr("traceEvents"));
  EXPECT_THAT(refusal(written("words.txt", "no table\n")), HasSubstr("none of kineto"));
  EXPECT_THAT(refusal("/nowhere/profile.json"), HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace lutsim::test

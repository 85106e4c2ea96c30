// SPDX-License-Identifier: Apache-2.0
// Real captures, against the summaries that lie beside them (LUTSIM_DATA; docs/trace_import.md).
#include <map>

#include "tests/workloads/trace/import/import_test.h"
#include "workloads/llm/csv.h"

namespace lutsim::test {
namespace {

using Line = std::map<std::string, std::string>;

/// The summary of a trace: one line for each operator and shape.
std::vector<Line> summary(const std::string& file) {
  std::ifstream in(outside_traces() / "tracelens" / file);
  std::string text;
  std::getline(in, text);
  const std::vector<std::string> header = workloads::split_csv_line(text);
  std::vector<Line> lines;
  while (std::getline(in, text)) {
    const auto fields = workloads::split_csv_line(text);
    Line line;
    for (std::size_t i = 0; i < fields.size() && i < header.size(); ++i)
      line[header[i]] = fields[i];
    lines.push_back(std::move(line));
  }
  return lines;
}

struct Sums {
  double operators = 0, gflop = 0, mebibytes = 0, micros = 0;
};

double value(const Line& line, const std::string& key) {
  const auto found = line.find(key);
  return found == line.end() || found->second.empty() ? 0 : std::stod(found->second);
}

/// All lines of a category, or all of them.
Sums sums(const std::vector<Line>& lines, const std::string& category = "") {
  Sums s;
  for (const Line& line : lines) {
    if (!category.empty() && line.at("op category") != category) continue;
    const double n = value(line, "operation_count");
    s.operators += n;
    s.gflop += n * value(line, "GFLOPS");
    s.mebibytes += n * value(line, "Data Moved (MB)");
    s.micros += value(line, "Kernel Time (µs)_sum");
  }
  return s;
}

double total_ms(const std::string& file, const std::string& type) {
  std::ifstream in(outside_traces() / "tracelens" / file);
  for (std::string text; std::getline(in, text);) {
    const auto fields = workloads::split_csv_line(text);
    if (fields.size() > 1 && fields[0] == type) return std::stod(fields[1]);
  }
  ADD_FAILURE() << "no " << type << " in " << file;
  return 0;
}

constexpr double kMebi = 1 << 20;
/// The summaries keep times as 32-bit numbers.
constexpr double kRounding = 1e-6;

const std::string kH100 = "tracelens/h100_Qwen_Qwen1.5-0.5B-Chat__1016005.json.gz";

TEST(OutsideTraces, APrefillOnAnH100HasTheKernelTimeAndSpanOfItsSummary) {
  LUTSIM_NEEDS_TRACE(kH100);
  const auto report = import_file(outside_traces() / kH100).report;
  EXPECT_EQ(report.source_operators, 4186u);
  EXPECT_EQ(report.kernels + report.before_profile.kernels, 1465u + 241u + 1u);
  const double busy = total_ms("h100_Qwen1.5-0.5B_gpu_timeline.csv", "busy_time");
  const double span = total_ms("h100_Qwen1.5-0.5B_gpu_timeline.csv", "total_time");
  EXPECT_NEAR(report.kernel_s * 1e3, busy, kRounding * busy);
  EXPECT_NEAR(report.span_s * 1e3, span, kRounding * span);
}

TEST(OutsideTraces, APrefillOnAnH100HasTheMatmulsAndAttentionOfItsSummary) {
  LUTSIM_NEEDS_TRACE(kH100);
  const ImportedTrace imported = import_file(outside_traces() / kH100);
  const auto& report = imported.report;
  const auto lines = summary("h100_Qwen1.5-0.5B_unified_perf_summary.csv");
  const Sums gemm = sums(lines, "GEMM");
  const ImportRow matmul = row(report.mapped, "matmul"),
                  batched = row(report.mapped, "batched_matmul");
  EXPECT_EQ(matmul.count + batched.count, gemm.operators);
  EXPECT_NEAR((matmul.flops + batched.flops) / 1e9, gemm.gflop, 1e-9 * gemm.gflop);
  EXPECT_NEAR((matmul.seconds + batched.seconds) * 1e6, gemm.micros, kRounding * gemm.micros);
  EXPECT_NEAR((matmul.bytes + batched.bytes) / kMebi, gemm.mebibytes, 1e-9 * gemm.mebibytes);

  const Sums sdpa = sums(lines, "SDPA_fwd");
  const ImportRow attention = row(report.mapped, "attention");
  EXPECT_EQ(attention.count, sdpa.operators);
  // Theirs takes half of all pairs for a causal mask: n^2 / 2 instead of n (n + 1) / 2.
  EXPECT_NEAR(2e-9 * attention.multiply_adds * 559 / 560, sdpa.gflop, 1e-9 * sdpa.gflop);
  EXPECT_NEAR(attention.bytes / kMebi, sdpa.mebibytes, 1e-9 * sdpa.mebibytes);
  EXPECT_NEAR(attention.seconds * 1e6, sdpa.micros, kRounding * sdpa.micros);

  // 24 layers, norms before attention and feed-forward and at the end.
  EXPECT_EQ(row(report.mapped, "rms_norm").count, 49u);
  EXPECT_EQ(row(report.mapped, "rope").count, 48u);
  EXPECT_EQ(row(report.mapped, "silu_multiply").count, 24u);
  EXPECT_EQ(imported.trace.model.layers, 24u);
  EXPECT_EQ(imported.trace.model.hidden, 1024u);
  EXPECT_EQ(imported.trace.batch, 16u);
  EXPECT_EQ(imported.trace.prompt_tokens, 559u);
  // Every captured operator of the summary is in exactly one row of ours.
  double operators = 0, unknown = 0;
  for (const auto* rows : {&report.mapped, &report.movement, &report.unknown}) {
    for (const ImportRow& r : *rows) operators += r.operators;
  }
  for (const ImportRow& r : report.unknown) unknown += report.share(r);
  EXPECT_EQ(operators, sums(lines).operators);
  EXPECT_LT(unknown, 0.001);
}

const std::string kCapture = "tracelens/inference_sglang_decode_capture_traces_bs_32_rank0.json.gz";
const std::string kReplay = "tracelens/inference_sglang_decode_sglang_Qwen3-8B_decode.json.gz";

TEST(OutsideTraces, ACapturedGraphWithTheTimesOfItsReplayHasTheMatmulsOfItsSummary) {
  LUTSIM_NEEDS_TRACE(kCapture);
  ImportRequest request;
  request.file = outside_traces() / kCapture;
  request.replay = outside_traces() / kReplay;
  // 32 sequences with 32785 cached tokens, as the name of the step says.
  request.context = 1025;
  const ImportedTrace imported = workloads::import_trace(request);
  const auto& report = imported.report;
  const auto lines = summary("sglang_Qwen3-8B_decode_unified_perf_summary.csv");
  const Sums gemm = sums(lines, "GEMM");
  const ImportRow matmul = row(report.mapped, "matmul");
  EXPECT_EQ(matmul.count, gemm.operators);
  EXPECT_NEAR(matmul.flops / 1e9, gemm.gflop, 1e-9 * gemm.gflop);
  EXPECT_NEAR(matmul.bytes / kMebi, gemm.mebibytes, 1e-9 * gemm.mebibytes);
  EXPECT_NEAR(matmul.seconds * 1e6, gemm.micros, kRounding * gemm.micros);
  // 1025 instead of 1024.5 cached tokens.
  const ImportRow attention = row(report.mapped, "attention");
  EXPECT_EQ(attention.count, 36u);
  EXPECT_NEAR(2e-9 * attention.multiply_adds / 36 * 32785 / (32 * 1025), 0.53714944, 1e-9);
  EXPECT_NEAR(attention.seconds * 1e6, 2127.86328125, 1e-2);
  EXPECT_TRUE(report.unknown.empty());
  EXPECT_EQ(report.kernels, 544u);
  EXPECT_EQ(imported.trace.batch, 32u);
  EXPECT_EQ(imported.trace.operators.back().name, "lm_head");
  EXPECT_EQ(imported.trace.operators.back().n, 151936u);
}

TEST(OutsideTraces, AReplayAloneIsAllUnknownAndGivesNoMeasuredTimes) {
  LUTSIM_NEEDS_TRACE(kReplay);
  const ImportedTrace imported = import_file(outside_traces() / kReplay);
  EXPECT_EQ(imported.report.kernels, 558u);
  const double busy = total_ms("sglang_Qwen3-8B_decode_gpu_timeline.csv", "busy_time");
  const double span = total_ms("sglang_Qwen3-8B_decode_gpu_timeline.csv", "total_time");
  // Theirs does not count twice where two kernels overlap.
  EXPECT_NEAR(imported.report.kernel_s * 1e3, busy, 1e-3 * busy);
  EXPECT_NEAR(imported.report.span_s * 1e3, span, kRounding * span);
  EXPECT_FALSE(imported.trace.measured);
}

TEST(OutsideTraces, ATrainingStepOfGpt2LargeHasTheMatmulsOfItsShape) {
  const std::string file = "param_hf_gpt2/hf_GPT2_et.json.tar.gz";
  LUTSIM_NEEDS_TRACE(file);
  const auto folder = written("unused", "").parent_path();
  ASSERT_EQ(
      std::system(
          ("tar -xzf " + (outside_traces() / file).string() + " -C " + folder.string()).c_str()),
      0);
  const ImportedTrace imported = import_file(folder / "hf_GPT2_et.json");
  const auto& report = imported.report;
  EXPECT_EQ(report.source_operators, 27156u);
  constexpr std::uint64_t kRows = 512, kHidden = 1280, kLayers = 36, kVocab = 50257;
  const std::uint64_t weights = kLayers * 12 * kHidden * kHidden + kHidden * kVocab;
  EXPECT_EQ(row(report.mapped, "matmul").count, 145u);
  EXPECT_EQ(row(report.mapped, "matmul").multiply_adds, kRows * weights);
  EXPECT_EQ(row(report.training, "backward matmul").multiply_adds, 2 * kRows * weights);
  EXPECT_EQ(row(report.mapped, "attention").count, 36u);
  EXPECT_EQ(row(report.mapped, "attention").multiply_adds, kLayers * 2 * kRows * kRows * kHidden);
  EXPECT_EQ(row(report.mapped, "layer_norm").count, 73u);
  EXPECT_EQ(row(report.mapped, "gelu_tanh").count, 36u);
  EXPECT_EQ(imported.trace.model.layers, 36u);
  EXPECT_EQ(imported.trace.model.heads, 20u);
}

TEST(OutsideTraces, AChakraTraceOfResnet50HasItsConvolutions) {
  const std::string file = "chakra/tests/data/chakra.0.et";
  LUTSIM_NEEDS_TRACE(file);
  const auto report = import_file(outside_traces() / file).report;
  // 53 convolutions of 4.0871e9 multiply-adds for an image of 224 x 224, less the last layer's
  // 2048 x 1000; 32 images.
  EXPECT_EQ(row(report.mapped, "convolution").count, 53u);
  EXPECT_NEAR(row(report.mapped, "convolution").multiply_adds / 32.0, 4.087e9, 0.002e9);
  EXPECT_EQ(row(report.mapped, "matmul").multiply_adds, 32u * 2048 * 1000);
  EXPECT_EQ(row(report.unknown, "aten::batch_norm").count, 53u);
  EXPECT_EQ(row(report.training, "backward matmul").count, 2u);
  EXPECT_EQ(report.kernels, 1216u);
}

TEST(OutsideTraces, TopologiesOfScalesimHaveTheProductsOfTheirLines) {
  LUTSIM_NEEDS_TRACE("scalesim/gpt2.csv");
  const auto gpt2 = import_file(outside_traces() / "scalesim/gpt2.csv").report;
  EXPECT_EQ(row(gpt2.mapped, "matmul").multiply_adds,
            1024ull * (2 * 1024 * 64 + 4800 * 1600 + 1600 * 1600 + 2 * 3072 * 1600));
  const auto llama = import_file(outside_traces() / "scalesim/llama3b.csv");
  EXPECT_EQ(llama.trace.operators.size(), 51u);
  EXPECT_EQ(llama.trace.operators[0].m, 512u * 512);
  EXPECT_EQ(llama.trace.operators[0].n, 4096u);
  EXPECT_EQ(llama.trace.operators[0].k, 3u);
}

}  // namespace
}  // namespace lutsim::test

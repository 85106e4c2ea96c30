// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/gpu/gpu_model.h"
#include "tests/support/outside_data.h"
#include "workloads/llm/csv.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"

/// The fitted GPUs that the project ships: invariants, and their errors on published measurements.
namespace lutsim::workloads {
namespace {

using models::GpuLine;
using models::GpuPrecision;
using models::GpuSpec;

// The accuracy that the project promises for the GPU model on points that it was not fitted to.
constexpr double kPromisedMedianError = 0.10;

models::GpuResult decode_step(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                              const models::ModelShape& shape, std::uint32_t batch,
                              std::uint32_t cached) {
  TraceRequest request;
  request.batch = batch;
  request.cached_tokens = cached;
  return models::evaluate_gpu(gpu, line, precision, gpu_workload(build_trace(shape, request)));
}

/// Seconds of a batch of requests: the prefill, and the decode step at the mean context.
double request_seconds(const GpuSpec& gpu, GpuLine line, GpuPrecision precision,
                       const models::ModelShape& shape, std::uint32_t batch, std::uint32_t prompt,
                       std::uint32_t generated) {
  TraceRequest request;
  request.batch = batch;
  request.prompt_tokens = prompt;
  const double prefill =
      models::evaluate_gpu(gpu, line, precision, gpu_workload(build_trace(shape, request)))
          .total_s.value;
  const double step =
      decode_step(gpu, line, precision, shape, batch, prompt + generated / 2).total_s.value;
  return prefill + (generated - 1) * step;
}

models::ModelShape published_shape(const std::string& name) {
  for (const PublishedModel& model : published_models()) {
    if (model.shape.name == name) return model.shape;
  }
  throw std::out_of_range(name);
}

TEST(GpuBaseline, OnEveryShippedGpuNoLineBeatsTheOneBefore) {
  const models::ModelShape shape = find_shape("Llama-2-7b");
  for (const std::string& name : models::list_gpus()) {
    const GpuSpec gpu = models::load_gpu(name);
    for (const auto precision : {GpuPrecision::fp16, GpuPrecision::int8, GpuPrecision::int4}) {
      for (const std::uint32_t batch : {1u, 16u, 256u}) {
        double before = 0;
        for (const auto& line : enum_names(GpuLine{})) {
          const double seconds =
              decode_step(gpu, line.value, precision, shape, batch, 1000).total_s.value;
          EXPECT_GT(seconds, before) << name << ' ' << line.name << ' ' << batch;
          before = seconds;
        }
      }
    }
  }
}

TEST(GpuBaseline, Llama7BAtBatchOneTakesAboutThreeJoulesPerTokenOnAnA100) {
  // Measured on the 40 GB part, vLLM, 1024 tokens in and out: 13.65 ms and 222 W, 3.03 J per token.
  const GpuSpec gpu = models::load_gpu("a100-40gb");
  const models::GpuResult result =
      decode_step(gpu, GpuLine::served, GpuPrecision::fp16, find_shape("Llama-2-7b"), 1, 1536);
  EXPECT_NEAR(result.total_s.value, 13.65e-3, 0.05 * 13.65e-3);
  EXPECT_LT(result.energy_j.low, 3.03);
  EXPECT_GT(result.energy_j.high, 3.03);
}

TEST(GpuBaseline, WeightOnlyInt4IsAboutTwiceAsFastAsFp16AtBatchOneNotFourTimes) {
  const GpuSpec gpu = models::load_gpu("a100-80gb");
  const models::ModelShape shape = find_shape("Llama-2-7b");
  auto served = [&](GpuPrecision precision) {
    return decode_step(gpu, GpuLine::served, precision, shape, 1, 1000).total_s.value;
  };
  EXPECT_NEAR(served(GpuPrecision::fp16) / served(GpuPrecision::int4), 1.9, 0.15);
}

TEST(GpuBaseline, BatchingLowersEnergyPerToken) {
  const GpuSpec gpu = models::load_gpu("h100-sxm");
  const models::ModelShape shape = find_shape("Llama-3.1-8B");
  double before = 1e9;
  for (const std::uint32_t batch : {1u, 4u, 16u, 64u, 256u}) {
    const models::GpuResult result =
        decode_step(gpu, GpuLine::served, GpuPrecision::fp16, shape, batch, 500);
    EXPECT_LT(result.energy_j.value / batch, before) << batch;
    before = result.energy_j.value / batch;
  }
}

// ---- against measurements ----------------------------------------------------------------------

using CsvRow = std::map<std::string, std::string>;

std::filesystem::path gpu_data() { return test::outside_data() / "gpu"; }

std::vector<CsvRow> read_csv(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = split_csv_line(line);
  std::vector<CsvRow> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = split_csv_line(line);
    CsvRow row;
    for (std::size_t i = 0; i < std::min(fields.size(), header.size()); ++i)
      row[header[i]] = fields[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

double median(std::vector<double> values) {
  if (values.empty()) throw std::logic_error("no measured point");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The median error that docs/gpu_baseline.md states for some points of a GPU, in percent.
std::optional<double> stated_error(const std::string& gpu, const std::string& quantity,
                                   const std::string& points) {
  std::ifstream in(std::filesystem::path(LUTSIM_SOURCE_DIR) / "docs" / "gpu_baseline.md");
  std::string line;
  bool is_here = false;
  while (std::getline(in, line)) {
    if (line.rfind("### ", 0) == 0) is_here = line == "### " + gpu;
    if (!is_here || line.rfind("| " + quantity + " | " + points + " |", 0) != 0) continue;
    const std::size_t percent = line.find(" %");
    const std::size_t begin = line.rfind('|', percent) + 1;
    return std::stod(line.substr(begin, percent - begin));
  }
  return std::nullopt;
}

struct GemmPoint {
  models::GpuKernel kernel;
  double seconds = 0;
};

std::vector<GemmPoint> read_gemms(const std::string& file) {
  std::vector<GemmPoint> points;
  for (const CsvRow& row : read_csv(gpu_data() / "vidur_gemm" / file)) {
    auto number = [&](const char* column) { return std::stoull(row.at(column)); };
    const auto ways = number("num_tensor_parallel_workers");
    const auto hidden = number("n_embd");
    const auto ffn = number("n_expanded_embd");
    const auto head_dim = hidden / number("n_head");
    const auto qkv = (number("n_head") + 2 * number("n_kv_head")) * head_dim;
    const auto up = (row.at("use_gated_mlp") == "True" ? 2 : 1) * ffn;
    auto point = [&](const char* name, std::uint64_t n, std::uint64_t k) {
      const double ms = std::stod(row.at(std::string("time_stats.") + name + ".median"));
      if (ms > 0)
        points.push_back({models::gemm_kernel(name, number("num_tokens"), n, k, true), ms * 1e-3});
    };
    point("attn_pre_proj", qkv / ways, hidden);
    point("attn_post_proj", hidden, hidden / ways);
    point("mlp_up_proj", up / ways, hidden);
    point("mlp_down_proj", hidden, ffn / ways);
  }
  return points;
}

class MeasuredGpuBaseline : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(gpu_data())) {
      GTEST_SKIP() << gpu_data() << " is absent; set LUTSIM_DATA to the folder of measured data";
    }
  }
};

TEST_F(MeasuredGpuBaseline, GemmsOfModelsThatWereNotFittedAreWithinTheStatedError) {
  const struct {
    const char* gpu;
    const char* model;
    const char* file;
  } cases[] = {
      {"a100-80gb", "CodeLlama-34b", "a100__codellama__CodeLlama-34b-Instruct-hf"},
      {"a100-80gb", "phi-2", "a100__microsoft__phi-2"},
      {"h100-sxm", "CodeLlama-34b", "h100__codellama__CodeLlama-34b-Instruct-hf"},
      {"h100-sxm", "phi-2", "h100__microsoft__phi-2"},
  };
  for (const auto& c : cases) {
    const GpuSpec gpu = models::load_gpu(c.gpu);
    std::vector<double> errors;
    for (const GemmPoint& point : read_gemms(std::string(c.file) + "__mlp_median_ms.csv")) {
      const auto result =
          models::evaluate_gpu_kernel(gpu, GpuLine::kernel, GpuPrecision::fp16, point.kernel);
      errors.push_back(std::abs(result.total_s.value / point.seconds - 1));
    }
    const double error = median(errors);
    EXPECT_LE(error, kPromisedMedianError) << c.gpu << ' ' << c.model;
    const auto stated =
        stated_error(c.gpu, "GEMM kernel time", std::string(c.model) + ", m = 1..4096");
    ASSERT_TRUE(stated.has_value()) << c.gpu << ' ' << c.model;
    // The report has one decimal, the parameters of the YAML file four digits.
    EXPECT_NEAR(100 * error, *stated, 0.11) << c.gpu << ' ' << c.model;
  }
}

TEST_F(MeasuredGpuBaseline, NoMeasuredGemmBeatsTheIdealLine) {
  const struct {
    const char* gpu;
    const char* file;
  } cases[] = {
      {"a100-80gb", "a100__meta-llama__Llama-2-7b-hf"},
      {"a100-80gb", "a100__codellama__CodeLlama-34b-Instruct-hf"},
      {"h100-sxm", "h100__meta-llama__Llama-2-7b-hf"},
      {"h100-sxm", "h100__codellama__CodeLlama-34b-Instruct-hf"},
  };
  for (const auto& c : cases) {
    const GpuSpec gpu = models::load_gpu(c.gpu);
    for (const GemmPoint& point : read_gemms(std::string(c.file) + "__mlp_median_ms.csv")) {
      const auto ideal =
          models::evaluate_gpu_kernel(gpu, GpuLine::ideal, GpuPrecision::fp16, point.kernel);
      EXPECT_GE(point.seconds, ideal.total_s.value) << c.file << " m = " << point.kernel.m;
    }
  }
}

TEST_F(MeasuredGpuBaseline, WholeRequestsOfVllmAreWithinTheStatedError) {
  const GpuSpec gpu = models::load_gpu("a100-40gb");
  const models::ModelShape shape = find_shape("Llama-2-7b");
  std::vector<double> errors;
  for (const CsvRow& row : read_csv(gpu_data() / "argonne_latency.csv")) {
    const std::string length = row.at("Input Output Length");
    if (row.at("Hardware") != "Nvidia A100 GPU" || row.at("Num of Hardware") != "1" ||
        row.at("Framework") != "vLLM" || (length != "256" && length != "1024")) {
      continue;
    }
    const auto tokens = static_cast<std::uint32_t>(std::stoul(length));
    const auto batch = static_cast<std::uint32_t>(std::stoul(row.at("Batch Size")));
    if (batch > 16 && tokens > 256) continue;  // the cache does not fit 40 GB
    const double seconds =
        request_seconds(gpu, GpuLine::served, GpuPrecision::fp16, shape, batch, tokens, tokens);
    errors.push_back(std::abs(seconds / std::stod(row.at("Latency")) - 1));
  }
  const double error = median(errors);
  EXPECT_LE(error, kPromisedMedianError);
  const auto stated =
      stated_error("a100-80gb", "request time", "Argonne vLLM, Llama-2-7B, 256, 1024 tokens");
  ASSERT_TRUE(stated.has_value());
  EXPECT_NEAR(100 * error, *stated, 0.11);
}

TEST_F(MeasuredGpuBaseline, TheKernelLineIsWhatTheFastestEngineReaches) {
  // TensorRT-LLM as its vendor measured it: large batches, FP8 on H100 and L40S. Nothing was
  // fitted to these points, and nothing at all to the L40S.
  const std::map<std::string, std::string> names = {
      {"A100", "a100-80gb"}, {"H100", "h100-sxm"}, {"L40S", "l40s"}};
  const models::ModelShape shape = find_shape("Llama-2-7b");
  std::vector<double> errors;
  for (const CsvRow& row :
       read_csv(gpu_data() / "tensorrt_llm" / "trtllm_v0.6.1_performance.csv")) {
    if (row.at("model") != "LLaMA 7B") continue;
    auto number = [&](const char* column) {
      return static_cast<std::uint32_t>(std::stoul(row.at(column)));
    };
    const GpuSpec gpu = models::load_gpu(names.at(row.at("gpu")));
    const auto precision = row.at("precision") == "FP8" ? GpuPrecision::fp8 : GpuPrecision::fp16;
    auto rate = [&](GpuLine line) {
      return number("batch") * number("osl") /
             request_seconds(gpu, line, precision, shape, number("batch"), number("isl"),
                             number("osl"));
    };
    const double measured = std::stod(row.at("out_tok_s_per_gpu"));
    EXPECT_LT(measured, rate(GpuLine::ideal)) << row.at("gpu") << ' ' << row.at("batch");
    errors.push_back(std::abs(rate(GpuLine::kernel) / measured - 1));
  }
  EXPECT_EQ(errors.size(), 11u);
  EXPECT_LE(median(errors), kPromisedMedianError);
}

TEST_F(MeasuredGpuBaseline, ServedStepsPowerAndEnergyOnAnH100AreWithinThePromisedError) {
  const GpuSpec gpu = models::load_gpu("h100-sxm");
  const models::ModelShape shape = published_shape("Qwen3-8B");
  constexpr double kChatPrompt = 100;  // as in tools/fit_gpu
  std::vector<double> time;
  std::vector<double> power;
  std::vector<double> energy;
  for (const CsvRow& row : read_csv(gpu_data() / "mlenergy_2026_chat.csv")) {
    if (row.at("gpu_model") != "H100" || row.at("model_id") != "Qwen/Qwen3-8B") continue;
    const auto batch = static_cast<std::uint32_t>(std::lround(std::stod(row.at("avg_batch_size"))));
    const auto cached =
        static_cast<std::uint32_t>(kChatPrompt + std::stod(row.at("avg_output_len")) / 2);
    const models::GpuResult result =
        decode_step(gpu, GpuLine::served, GpuPrecision::fp16, shape, batch, cached);
    time.push_back(
        std::abs(result.total_s.value / (1e-3 * std::stod(row.at("median_itl_ms"))) - 1));
    power.push_back(std::abs(result.power_w.value / std::stod(row.at("avg_power_watts")) - 1));
    energy.push_back(
        std::abs(1 / result.tokens_per_j.value / std::stod(row.at("energy_per_token_joules")) - 1));
  }
  EXPECT_LE(median(time), kPromisedMedianError);
  EXPECT_LE(median(power), kPromisedMedianError);
  EXPECT_LE(median(energy), kPromisedMedianError);
}

}  // namespace
}  // namespace lutsim::workloads

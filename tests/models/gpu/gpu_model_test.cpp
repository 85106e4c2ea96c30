// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/gpu_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"

namespace lutsim::models {
namespace {

/// A GPU of round numbers: 1 TB/s, 100 Tflop/s.
GpuSpec round_gpu() {
  GpuSpec gpu;
  gpu.name = "round";
  gpu.multiprocessors = 100;
  gpu.memory_bandwidth = 1e12;
  gpu.memory_capacity = 10e9;
  gpu.power_limit = 400;
  gpu.peak_fp16_tflops = 100;
  gpu.peak_int8_tops = 200;
  gpu.gemm = {5e-6, 0.8, 0.5, 0};
  gpu.attention = {5e-6, 0.8, 0.5, 0};
  gpu.elementwise = {2e-6, 0.5, 1, 0};
  gpu.int4 = {4, 0.4, 0.2, 0.8, 0, "test"};
  gpu.int3 = {3, 0.4, 0.4, 0.4, 0, "test"};
  gpu.link = {100e9, 0.5, 1e-5};
  gpu.serving = {1e-3, 5e-4, 1e-5, 0};
  gpu.power = {100, 1e-10, 1e-12};
  gpu.kernel_time_interval = {0.9, 1.2};
  gpu.served_time_interval = {0.8, 1.25};
  gpu.power_interval = {0.9, 1.1};
  return gpu;
}

GpuWorkload one_step(std::uint64_t m) {
  GpuStep step;
  step.batch = static_cast<std::uint32_t>(m);
  step.kernels.push_back(gemm_kernel("ffn.down", m, 4096, 4096, true));
  step.kernels.back().count = 10;
  GpuKernel norm;
  norm.activation_bytes = 1e4 * static_cast<double>(m);
  step.kernels.push_back(norm);
  GpuWorkload workload;
  workload.steps = {step};
  workload.generated_tokens = m;
  workload.decoder_weights = 10.0 * 4096 * 4096;
  return workload;
}

double seconds(GpuLine line, GpuPrecision precision, std::uint64_t m) {
  return evaluate_gpu(round_gpu(), line, precision, one_step(m)).total_s.value;
}

double gemm_seconds(const GpuSpec& gpu, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
  return gpu_kernel_seconds(gpu, GpuLine::kernel, GpuPrecision::fp16,
                            gemm_kernel("gemm", m, n, k, true));
}

TEST(GpuModel, AKernelCostsItsLaunchAndTheHypotenuseOfMemoryAndCompute) {
  // 10 x 10 tiles of 128 x 128 fill the 100 multiprocessors once: nothing idles.
  const double memory = 2.0 * (1280 * 1000 + 1000 * 1280 + 1280 * 1280) / 0.8e12;
  const double compute = 2.0 * 1280 * 1280 * 1000 / 50e12;
  EXPECT_NEAR(gemm_seconds(round_gpu(), 1280, 1280, 1000), 5e-6 + std::hypot(memory, compute),
              1e-15);
}

TEST(GpuModel, WhereTilesTakeLongToFillLargerOnesAreSplitAlongK) {
  GpuSpec gpu = round_gpu();
  gpu.gemm.tile_overhead = 128 * 128;
  // 50 tiles of 256 x 128, each split in two, in one wave: 1.5 times the operations, and the sums
  // of both parts are written, read and written again in FP32.
  const double memory = 2.0 * (1280 * 1000 + 1000 * 1280 + 1280 * 1280) / 0.8e12;
  const double compute =
      1.5 * 2.0 * 1280 * 1280 * 1000 / 50e12 + 8.0 * 2 * 1280 * 1280 / (3 * 1e12);
  EXPECT_NEAR(gemm_seconds(gpu, 1280, 1280, 1000), 5e-6 + std::hypot(memory, compute), 1e-15);
}

TEST(GpuModel, RowsThatOpenAnotherWaveCostMoreThanTheirOperations) {
  const GpuSpec gpu = round_gpu();
  const double full = gemm_seconds(gpu, 1280, 1280, 8192);
  EXPECT_GT(gemm_seconds(gpu, 1281, 1280, 8192) / full, 1.02);
  EXPECT_GT(gemm_seconds(gpu, 1281, 1280, 8192), gemm_seconds(gpu, 1279, 1280, 8192));
  EXPECT_LT(gemm_seconds(gpu, 1281, 1280, 8192) / full, 2);
}

TEST(GpuModel, AttentionOfFewHeadsIsBoundByWhatOneHeadCanDraw) {
  GpuSpec gpu = round_gpu();
  gpu.attention = {5e-6, 1, 1, 0, 10e9};
  GpuKernel kernel;
  kernel.kind = GpuKernelKind::attention;
  kernel.kv_bytes = 1e6;
  kernel.streams = 8;
  const auto seconds = [&] {
    return gpu_kernel_seconds(gpu, GpuLine::kernel, GpuPrecision::fp16, kernel);
  };
  EXPECT_NEAR(seconds(), 5e-6 + std::hypot(1e6 / 1e12, 1e6 / (8 * 10e9)), 1e-15);
  gpu.attention.stream_bandwidth = 0;
  EXPECT_NEAR(seconds(), 5e-6 + 1e-6, 1e-15);
}

TEST(GpuModel, TheWeightsOfManyExpertsAreReadMoreSlowly) {
  GpuSpec gpu = round_gpu();
  GpuKernel kernel = gemm_kernel("ffn.down", 1, 4096, 4096, true);
  const auto memory = [&] {
    return gpu_kernel_seconds(gpu, GpuLine::kernel, GpuPrecision::fp16, kernel) - 5e-6;
  };
  const double plain = memory();
  gpu.gemm.grouped_efficiency = 0.5;
  EXPECT_EQ(memory(), plain);
  kernel.groups = 8;
  EXPECT_NEAR(memory() / plain, 2, 1e-3);
}

TEST(GpuModel, ACollectiveCostsItsLatencyAndItsBytesOnTheLink) {
  GpuKernel kernel;
  kernel.kind = GpuKernelKind::collective;
  kernel.link_bytes = 1e6;
  EXPECT_NEAR(gpu_kernel_seconds(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, kernel),
              1e-5 + 1e6 / 50e9, 1e-15);
  EXPECT_EQ(gpu_kernel_seconds(round_gpu(), GpuLine::ideal, GpuPrecision::fp16, kernel), 0);
}

TEST(GpuModel, AGroupDrawsThePowerOfAllItsGpus) {
  GpuWorkload workload = one_step(16);
  const GpuResult one = evaluate_gpu(round_gpu(), GpuLine::served, GpuPrecision::fp16, workload);
  workload.gpus = 4;
  const GpuResult four = evaluate_gpu(round_gpu(), GpuLine::served, GpuPrecision::fp16, workload);
  EXPECT_NEAR(four.total_s.value - one.total_s.value, 5e-4, 1e-12);  // told what to do
  EXPECT_GT(four.power_w.value, 3 * one.power_w.value);
  EXPECT_LT(four.power_w.value, 4 * one.power_w.value);  // each waits longer
  EXPECT_NEAR(four.energy_j.value, four.power_w.value * four.total_s.value, 1e-12);
}

TEST(GpuModel, TheHostPreparesSequencesWhileTheSamplerWorks) {
  GpuSpec gpu = round_gpu();
  gpu.serving.logit = 1e-9;
  GpuWorkload workload = one_step(16);
  const auto overhead = [&](double logits) {
    workload.steps[0].logits = logits;
    return evaluate_gpu(gpu, GpuLine::served, GpuPrecision::fp16, workload).total_s.value -
           evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::fp16, workload).total_s.value;
  };
  EXPECT_NEAR(overhead(16 * 1000), 1e-3 + 16 * 1e-5, 1e-12);
  EXPECT_NEAR(overhead(16 * 50000), 1e-3 + 16 * 5e-5, 1e-12);
}

TEST(GpuModel, UnpackingWeightsCostsPowerAndTheIntervalReachesDownToNone) {
  GpuSpec gpu = round_gpu();
  const GpuResult without = evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::int4, one_step(1));
  gpu.int4.unpacking = 100e-12;
  const GpuResult with = evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::int4, one_step(1));
  EXPECT_EQ(with.total_s.value, without.total_s.value);
  EXPECT_GT(with.power_w.value, 1.1 * without.power_w.value);
  EXPECT_NEAR(with.energy_j.low, without.energy_j.low, 1e-12);
  EXPECT_LE(with.power_w.low, without.power_w.value);
  EXPECT_EQ(
      evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::fp16, one_step(1)).power_w.value,
      evaluate_gpu(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, one_step(1)).power_w.value);
}

TEST(GpuModel, TheIdealTimeOfAKernelIsTheRoofline) {
  const GpuResult small = evaluate_gpu_kernel(round_gpu(), GpuLine::ideal, GpuPrecision::fp16,
                                              gemm_kernel("gemm", 1, 2000, 1000, true));
  EXPECT_NEAR(small.total_s.value, 2.0 * (1000 + 2000 * 1000 + 2000) / 1e12, 1e-15);
  const GpuResult large = evaluate_gpu_kernel(round_gpu(), GpuLine::ideal, GpuPrecision::fp16,
                                              gemm_kernel("gemm", 4096, 4096, 4096, true));
  EXPECT_NEAR(large.total_s.value, 2.0 * 4096 * 4096 * 4096 / 100e12, 1e-12);
}

TEST(GpuModel, NoLineBeatsTheOneBefore) {
  for (const auto& precision : enum_names(GpuPrecision{})) {
    if (precision.value == GpuPrecision::fp8) continue;
    for (const std::uint64_t m : {1u, 7u, 64u, 512u, 4096u}) {
      const double ideal = seconds(GpuLine::ideal, precision.value, m);
      const double kernel = seconds(GpuLine::kernel, precision.value, m);
      const double served = seconds(GpuLine::served, precision.value, m);
      EXPECT_LT(0, ideal) << precision.name << ' ' << m;
      EXPECT_LE(ideal, kernel) << precision.name << ' ' << m;
      EXPECT_LT(kernel, served) << precision.name << ' ' << m;
    }
  }
}

TEST(GpuModel, TheServedStepAddsItsOverheadPerStepAndPerSequence) {
  EXPECT_NEAR(seconds(GpuLine::served, GpuPrecision::fp16, 16) -
                  seconds(GpuLine::kernel, GpuPrecision::fp16, 16),
              1e-3 + 16 * 1e-5, 1e-12);
}

TEST(GpuModel, FewerBitsAreFasterAtBatchOne) {
  EXPECT_LT(seconds(GpuLine::kernel, GpuPrecision::int4, 1),
            seconds(GpuLine::kernel, GpuPrecision::fp16, 1));
  EXPECT_LT(seconds(GpuLine::kernel, GpuPrecision::int3, 1),
            seconds(GpuLine::kernel, GpuPrecision::int4, 1));
  EXPECT_LT(seconds(GpuLine::kernel, GpuPrecision::int8, 1),
            seconds(GpuLine::kernel, GpuPrecision::fp16, 1));
}

TEST(GpuModel, PrecisionDoesNotTouchTheLmHead) {
  const GpuKernel head = gemm_kernel("lm_head", 1, 32000, 4096, false);
  const GpuSpec gpu = round_gpu();
  const double fp16 =
      evaluate_gpu_kernel(gpu, GpuLine::kernel, GpuPrecision::fp16, head).total_s.value;
  EXPECT_EQ(evaluate_gpu_kernel(gpu, GpuLine::kernel, GpuPrecision::int4, head).total_s.value,
            fp16);
}

TEST(GpuModel, APrecisionThatThePartLacksIsAnError) {
  EXPECT_THROW(seconds(GpuLine::ideal, GpuPrecision::fp8, 1), spec::SpecError);
}

TEST(GpuModel, PowerStaysBelowTheLimitAndAboveNothing) {
  for (const std::uint64_t m : {1u, 64u, 4096u}) {
    for (const auto& line : enum_names(GpuLine{})) {
      const GpuResult result =
          evaluate_gpu(round_gpu(), line.value, GpuPrecision::fp16, one_step(m));
      EXPECT_LT(result.power_w.value, 400) << line.name << ' ' << m;
      EXPECT_GT(result.power_w.value, 97) << line.name << ' ' << m;  // 100 W bent by the limit
    }
  }
}

TEST(GpuModel, EnergyIsPowerTimesTimeAndRatesAreTheirInverses) {
  const GpuResult r = evaluate_gpu(round_gpu(), GpuLine::served, GpuPrecision::fp16, one_step(16));
  EXPECT_NEAR(r.energy_j.value, r.power_w.value * r.total_s.value, 1e-12);
  EXPECT_NEAR(r.tokens_per_s.value, 16 / r.total_s.value, 1e-9);
  EXPECT_NEAR(r.tokens_per_j.value, 16 / r.energy_j.value, 1e-12);
}

TEST(GpuModel, IntervalsHoldTheValueAndCarryTheErrorsOfTheFit) {
  const GpuResult r = evaluate_gpu(round_gpu(), GpuLine::served, GpuPrecision::fp16, one_step(16));
  EXPECT_NEAR(r.total_s.low, 0.8 * r.total_s.value, 1e-15);
  EXPECT_NEAR(r.total_s.high, 1.25 * r.total_s.value, 1e-15);
  EXPECT_NEAR(r.energy_j.high, 1.25 * 1.1 * r.energy_j.value, 1e-12);
  EXPECT_NEAR(r.tokens_per_s.high, r.tokens_per_s.value / 0.8, 1e-6);
  const GpuResult ideal =
      evaluate_gpu(round_gpu(), GpuLine::ideal, GpuPrecision::fp16, one_step(16));
  EXPECT_EQ(ideal.total_s.low, ideal.total_s.high);
}

TEST(GpuModel, AWeightOnlyKernelWidensTheIntervalByItsSources) {
  const GpuSpec gpu = round_gpu();
  const GpuResult fp16 = evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::fp16, one_step(1));
  const GpuResult int4 = evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::int4, one_step(1));
  EXPECT_LT(int4.total_s.low / int4.total_s.value, fp16.total_s.low / fp16.total_s.value);
  EXPECT_GT(int4.total_s.high / int4.total_s.value, fp16.total_s.high / fp16.total_s.value);
}

TEST(GpuModel, TheIdealLineUnpacksForNothing) {
  GpuSpec gpu = round_gpu();
  const auto joules = [&gpu](GpuLine line) {
    return evaluate_gpu(gpu, line, GpuPrecision::int4, one_step(1)).energy_j.value;
  };
  const double ideal = joules(GpuLine::ideal), kernel = joules(GpuLine::kernel);
  gpu.int4.unpacking = 100e-12;
  EXPECT_EQ(joules(GpuLine::ideal), ideal);
  EXPECT_GT(joules(GpuLine::kernel), kernel);
}

TEST(GpuModel, NoIntervalReachesBelowTheIdealLine) {
  GpuSpec gpu = round_gpu();
  gpu.kernel_time_interval.low = 0.1;
  const GpuResult kernel = evaluate_gpu(gpu, GpuLine::kernel, GpuPrecision::fp16, one_step(16));
  const GpuResult ideal = evaluate_gpu(gpu, GpuLine::ideal, GpuPrecision::fp16, one_step(16));
  EXPECT_DOUBLE_EQ(kernel.total_s.low, ideal.total_s.value);
  EXPECT_LT(kernel.energy_j.low, kernel.energy_j.value);
}

TEST(GpuModel, Fp8HalvesTheCacheAndInt8DoesNot) {
  GpuSpec gpu = round_gpu();
  gpu.peak_fp8_tflops = 200;
  GpuWorkload workload = one_step(1);
  workload.kv_bytes = 1e9;
  const auto stored = [&](GpuPrecision precision) {
    return evaluate_gpu(gpu, GpuLine::ideal, precision, workload).stored_bytes;
  };
  EXPECT_DOUBLE_EQ(stored(GpuPrecision::fp16), 2 * workload.decoder_weights + 1e9);
  EXPECT_DOUBLE_EQ(stored(GpuPrecision::int8), workload.decoder_weights + 1e9);
  EXPECT_DOUBLE_EQ(stored(GpuPrecision::fp8), workload.decoder_weights + 0.5e9);
}

TEST(GpuModel, SaysWhenTheModelDoesNotFit) {
  GpuWorkload workload = one_step(1);
  EXPECT_TRUE(evaluate_gpu(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, workload).fits_memory);
  workload.decoder_weights = 6e9;
  EXPECT_FALSE(
      evaluate_gpu(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, workload).fits_memory);
  EXPECT_TRUE(evaluate_gpu(round_gpu(), GpuLine::kernel, GpuPrecision::int4, workload).fits_memory);
}

TEST(GpuModel, RefusesAWorkloadWithoutAStep) {
  EXPECT_THROW(evaluate_gpu(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, {}),
               std::invalid_argument);
}

TEST(GpuSpec, EveryShippedGpuIsReadAndNamedAfterItsFile) {
  const std::vector<std::string> names = list_gpus();
  EXPECT_THAT(names, testing::IsSupersetOf({"a100-80gb", "h100-sxm", "rtx-4090"}));
  for (const std::string& name : names) {
    const GpuSpec gpu = load_gpu(name);
    EXPECT_EQ(gpu.name, name);
    // Kernels whose operands are in memory cannot be faster than the memory.
    EXPECT_LE(gpu.gemm.bandwidth_efficiency, 1) << name;
    EXPECT_LE(gpu.attention.bandwidth_efficiency, 1) << name;
  }
}

TEST(GpuSpec, NamesTheNearestGpu) {
  try {
    load_gpu("h100-sxn");
    FAIL() << "no error";
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("h100-sxm"));
  }
}

TEST(GpuSpec, AGroupIsANameWithACount) {
  EXPECT_EQ(load_gpu_group("h100-sxm").count, 0u);
  const GpuGroup four = load_gpu_group("h100-sxm:4");
  EXPECT_EQ(four.gpu.name, "h100-sxm");
  EXPECT_EQ(four.count, 4u);
  for (const char* wrong : {"h100-sxm:", "h100-sxm:0", "h100-sxm:x", "h100-sxm:-1", "h100-sxn:2"})
    EXPECT_THROW(load_gpu_group(wrong), config::InputError) << wrong;
}

TEST(GpuSpec, RefusesAnotherSchemaAndARangeWithoutItsValue) {
  GpuSpec gpu = round_gpu();
  EXPECT_NO_THROW(validate(gpu));
  gpu.schema = "lutsim.gpu/2";
  EXPECT_THROW(validate(gpu), spec::SpecError);
  gpu = round_gpu();
  gpu.int4.low = 0.5;
  EXPECT_THROW(validate(gpu), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::models

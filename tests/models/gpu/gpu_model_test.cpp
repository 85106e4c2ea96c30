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
  gpu.memory_bandwidth = 1e12;
  gpu.memory_capacity = 10e9;
  gpu.power_limit = 400;
  gpu.peak_fp16_tflops = 100;
  gpu.peak_int8_tops = 200;
  gpu.gemm = {5e-6, 0.8, 0.5, 0};
  gpu.attention = {5e-6, 0.8, 0.5, 0};
  gpu.elementwise = {2e-6, 0.5, 1, 0};
  gpu.int4 = {4, 0.4, 0.2, 0.8, "test"};
  gpu.int3 = {3, 0.4, 0.4, 0.4, "test"};
  gpu.serving = {1e-3, 1e-5};
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

TEST(GpuModel, AKernelCostsItsLaunchAndTheHypotenuseOfMemoryAndCompute) {
  const GpuKernel kernel = gemm_kernel("gemm", 100, 2000, 1000, true);
  const double memory = 2.0 * (100 * 1000 + 1000 * 2000 + 100 * 2000) / 0.8e12;
  const double compute = 2.0 * 100 * 1000 * 2000 / 50e12;
  const GpuResult result =
      evaluate_gpu_kernel(round_gpu(), GpuLine::kernel, GpuPrecision::fp16, kernel);
  EXPECT_NEAR(result.total_s.value, 5e-6 + std::hypot(memory, compute), 1e-15);
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

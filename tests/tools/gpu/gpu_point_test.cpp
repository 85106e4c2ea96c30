// SPDX-License-Identifier: Apache-2.0
#include "tools/gpu/gpu_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "models/config/diagnostics.h"

namespace lutsim::tools {
namespace {

GpuPoint step(const std::string& gpu, const std::string& model, const std::string& phase) {
  GpuPoint p;
  p.gpu = gpu;
  p.model = model;
  p.phase = phase;
  p.batch = 4;
  p.context = 256;
  return p;
}

std::string error_of(const GpuPoint& p) {
  try {
    answer(p);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(GpuPoint, ADecodeStepMakesATokenASequenceAndAPrefillReadsItsPrompts) {
  const GpuPoint decode = step("h100-sxm", "llama-3.1-8b", "decode");
  const auto d = to_json(decode, answer(decode), false);
  EXPECT_EQ(d.at("tokens"), 4.0);
  const GpuPoint prefill = step("h100-sxm", "llama-3.1-8b", "prefill");
  const auto p = to_json(prefill, answer(prefill), false);
  EXPECT_EQ(p.at("tokens"), 4.0 * 256);
  for (const auto& r : {d, p}) {
    const double tokens = r.at("tokens"), seconds = r.at("time_s"), joules = r.at("energy_j");
    EXPECT_DOUBLE_EQ(r.at("tokens_per_s").get<double>(), tokens / seconds);
    EXPECT_DOUBLE_EQ(r.at("energy_per_token_j").get<double>(), joules / tokens);
    EXPECT_NEAR(joules, r.at("power_w").get<double>() * seconds, 1e-9);
    for (const char* key : {"time", "power", "energy"}) {
      const std::string unit = key == std::string("time") ? "_s" : key[0] == 'p' ? "_w" : "_j";
      const auto& range = r.at(std::string(key) + "_interval" + unit);
      EXPECT_LE(range[0], r.at(key + unit)) << key;
      EXPECT_GE(range[1], r.at(key + unit)) << key;
    }
    EXPECT_LE(r.at("energy_per_token_interval_j")[0], r.at("energy_per_token_j"));
    EXPECT_LE(r.at("tokens_per_s_interval")[0], r.at("tokens_per_s"));
  }
}

TEST(GpuPoint, BothSpellingsOfAGroupAreTheSame) {
  GpuPoint colon = step("h100-sxm:4", "llama-3.1-70b", "decode");
  GpuPoint option = step("h100-sxm", "llama-3.1-70b", "decode");
  option.tensor_parallel = 4;
  EXPECT_EQ(to_json(colon, answer(colon), true), to_json(option, answer(option), true));
  EXPECT_EQ(answer(colon).workload.gpus, 4u);
  colon.tensor_parallel = 2;
  EXPECT_THAT(error_of(colon), testing::HasSubstr("contradicts --gpu h100-sxm:4"));
}

TEST(GpuPoint, KernelsAddUpToTheKernelLine) {
  const GpuPoint p = step("h100-sxm:2", "llama-3.1-8b", "decode");
  const auto r = to_json(p, answer(p), true);
  double sum = 0;
  for (const auto& k : r.at("kernels"))
    sum += k.at("count").get<double>() * k.at("time_s").get<double>();
  EXPECT_NEAR(sum / r.at("time_s").get<double>(), 1, 1e-12);
}

TEST(GpuPoint, AMatrixProductHasNoTokensAndRunsOnOneGpu) {
  GpuPoint p;
  p.gemm = "16,4096,4096";
  EXPECT_FALSE(to_json(p, answer(p), false).contains("tokens"));
  p.tensor_parallel = 2;
  EXPECT_THAT(error_of(p), testing::HasSubstr("runs on one GPU"));
  p = GpuPoint{};
  for (const char* wrong : {"16,4096", "16,4096,0", "16,4096,x", "1,2,3,4"}) {
    p.gemm = wrong;
    EXPECT_THAT(error_of(p), testing::HasSubstr("is not M,N,K")) << wrong;
  }
  p.gemm.clear();
  EXPECT_THAT(error_of(p), testing::HasSubstr("neither --gemm nor --model"));
  p.model = "llama-3.1-8b";
  p.line = "servd";
  EXPECT_THAT(error_of(p), testing::HasSubstr("did you mean 'served'?"));
}

class PointsFile : public testing::Test {
 protected:
  std::vector<GpuPoint> read(const std::string& text) {
    const std::string file = testing::TempDir() + "points.csv";
    std::ofstream(file) << text;
    GpuPoint usual;
    usual.line = "served";
    return read_gpu_points(file, usual);
  }
  std::string error(const std::string& text) {
    try {
      read(text);
    } catch (const config::InputError& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(PointsFile, ARowFillsInWhatTheCommandLineLeavesOpen) {
  const auto points = read("gpu,gemm,model,batch\nh100-sxm,\"1,2,3\",,\n,,llama-2-7b,16\n");
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].gpu, "h100-sxm");
  EXPECT_EQ(points[0].gemm, "1,2,3");
  EXPECT_EQ(points[0].line, "served");
  EXPECT_EQ(points[1].gpu, GpuPoint{}.gpu);
  EXPECT_EQ(points[1].batch, 16u);
}

TEST_F(PointsFile, SaysWhereItIsWrong) {
  EXPECT_THAT(error("gpu,contxt\nh100-sxm,5\n"),
              testing::AllOf(testing::HasSubstr("points.csv:1"), testing::HasSubstr("'contxt'"),
                             testing::HasSubstr("context")));
  EXPECT_THAT(error("batch,context\n4,512\n0,-1\n"),
              testing::AllOf(testing::HasSubstr(":3"), testing::HasSubstr("batch = 0"),
                             testing::HasSubstr("context = -1")));
  EXPECT_THAT(error("batch\n1,2\n"), testing::HasSubstr("has 2 fields"));
}

}  // namespace
}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
// Every architecture on the whole machine, in timing mode.
#include <algorithm>
#include <map>

#include "sim/platform/platform.h"
#include "tests/sim/platform/machine_fixture.h"
#include "tests/support/sc_test.h"
#include "tests/workloads/trace/variant_shapes.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::sim {
namespace {

struct Machine {
  spec::ArchSpec arch;
  spec::MemoryStandard memory;

  explicit Machine(const std::string& name, const std::vector<std::string>& sets = {})
      : arch(config::load_arch(name, sets)),
        memory(config::read_yaml<spec::MemoryStandard>(
            config::find_named(config::kMemoryFolder, arch.memory.standard, "memory"))) {}

  RunStatistics run(const workloads::OperatorTrace& trace) const {
    return run_platform(arch, memory, {trace}, nullptr);
  }
};

class PlatformArchitectures : public test::ScTest,
                              public testing::WithParamInterface<models::ModelShape> {
 protected:
  static workloads::OperatorTrace trace() {
    workloads::TraceRequest request;
    request.batch = 2;
    request.prompt_tokens = 9;
    request.generated_tokens = 3;
    request.group_size = 4;
    return workloads::build_trace(GetParam(), request);
  }
  /// Every operator took time on its unit, and the run is no shorter than its bytes allow.
  static void expect_complete(const workloads::OperatorTrace& trace, const RunStatistics& s) {
    EXPECT_EQ(s.steps.size(), 3u);
    std::map<workloads::OperatorKind, KindTime> kinds;
    for (const KindTime& kind : s.kinds) kinds[kind.kind] = kind;
    for (const auto& op : trace.operators) {
      ASSERT_TRUE(kinds.count(op.kind)) << op.name;
      const KindTime& kind = kinds[op.kind];
      EXPECT_GT(kind.matrix_s + kind.vector_s, 0) << op.name;
    }
    EXPECT_GE(s.seconds, static_cast<double>(s.dram_read_bytes + s.dram_write_bytes) /
                             s.dram_peak_bytes_per_s);
  }
};

TEST_P(PlatformArchitectures, RunsOnTheDefaultMachine) {
  const auto t = trace();
  expect_complete(t, Machine("default").run(t));
}

TEST_P(PlatformArchitectures, RunsOnAMachineThatSpills) {
  const auto t = trace();
  // A latent attention stages a piece of the cache, two queries and the scores at a time.
  auto sets = test::starved_sets();
  sets.insert(sets.end(), {"activation_buffer.capacity=6 KiB", "activation_buffer.tile_slots=6"});
  expect_complete(t, Machine("odd", sets).run(t));
}

INSTANTIATE_TEST_SUITE_P(Shapes, PlatformArchitectures, testing::ValuesIn(test::variant_shapes()),
                         test::ShapeName());

class PlatformModels : public test::ScTest {
 protected:
  static constexpr std::uint32_t kLargestExpert = 2048;

  /// A published model with few layers and narrow experts, one decode step.
  static workloads::OperatorTrace decode(const std::string& name, std::uint32_t layers,
                                         std::uint32_t batch = 1) {
    models::ModelShape shape = workloads::find_shape(name);
    shape.layers = layers;
    shape.expert_ffn = std::min(shape.expert_ffn, kLargestExpert);
    workloads::TraceRequest request;
    request.batch = batch;
    request.cached_tokens = 300;
    return workloads::build_trace(shape, request);
  }
};

TEST_F(PlatformModels, ALatentMixtureReadsTheChosenExpertsAndNoMore) {
  // Three dense layers and one with experts.
  const auto trace = decode("DeepSeek-V3", 4);
  double needed = 0, stored = 0;
  for (const auto& op : trace.operators) {
    const auto cost = workloads::cost_of(trace, op);
    needed += static_cast<double>(cost.weight_bytes + cost.kv_bytes);
  }
  for (const auto& tensor : trace.tensors) {
    if (tensor.role == workloads::TensorRole::weight)
      stored += static_cast<double>(workloads::stored_bytes(tensor));
  }
  const auto read = static_cast<double>(Machine("default").run(trace).dram_read_bytes);
  EXPECT_GE(read, 0.98 * needed);
  EXPECT_LE(read, 1.1 * needed);
  EXPECT_LT(read, 0.6 * stored);
}

/// Bytes of experts that one layer of Mixtral loads for a token of each sequence.
double expert_bytes(const workloads::OperatorTrace& trace) {
  double bytes = 0;
  for (const KindTime& kind : Machine("default").run(trace).kinds) {
    if (kind.kind == workloads::OperatorKind::matmul) bytes = static_cast<double>(kind.dram_bytes);
  }
  for (const auto& op : trace.operators) {
    if (op.kind == workloads::OperatorKind::matmul && op.groups.empty())
      bytes -= static_cast<double>(workloads::cost_of(trace, op).weight_bytes);
  }
  return bytes;
}

// 8 experts of 3 matrices of 4096 x 2048; 4 planes, and 4 FP16 scales and an FP32 offset in 128.
constexpr double kMixtralExperts = 8 * 3 * 4096.0 * 2048 * (4 + 96.0 / 128) / 8;

TEST_F(PlatformModels, OneTokenReadsItsTwoExpertsOfEight) {
  EXPECT_NEAR(expert_bytes(decode("Mixtral-8x7B-v0.1", 1)), kMixtralExperts * 2 / 8,
              0.01 * kMixtralExperts);
}

TEST_F(PlatformModels, ManyTokensReadEveryExpertOnce) {
  EXPECT_NEAR(expert_bytes(decode("Mixtral-8x7B-v0.1", 1, 24)), kMixtralExperts,
              0.05 * kMixtralExperts);
}

}  // namespace
}  // namespace lutsim::sim

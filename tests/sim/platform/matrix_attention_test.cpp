// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "models/numerics/float_format.h"
#include "sim/platform/platform.h"
#include "tests/sim/platform/machine_fixture.h"
#include "tests/support/sc_test.h"

/// Attention on the matrix unit: the machine computes what the golden model does, tensor by tensor,
/// in prefill and in decoding.
namespace lutsim::sim {
namespace {

using test::MachineFixture;

/// Compares every value of the attention operators, of all steps.
class Comparison : public models::OperatorObserver {
 public:
  Comparison(const MachineFixture& f, const FunctionalComputation& machine) : machine_(machine) {
    for (workloads::TensorId id = 0; id < f.trace.tensors.size(); ++id) {
      ids_[f.trace.tensors[id].name] = id;
    }
  }
  void on_operator(const models::ExecutedOperator& op) override {
    using K = models::OperatorKind;
    if (op.kind != K::attention_score && op.kind != K::softmax && op.kind != K::attention_value) {
      return;
    }
    const std::vector<float>& got = machine_.values(ids_.at(op.output));
    ASSERT_EQ(got.size(), op.count) << op.output;
    for (std::size_t i = 0; i < op.count; ++i) {
      ASSERT_EQ(models::fp32_bits(got[i]), models::fp32_bits(op.values[i]))
          << op.output << " " << i;
    }
    ++compared_;
  }
  int compared() const { return compared_; }

 private:
  const FunctionalComputation& machine_;
  std::map<std::string, workloads::TensorId> ids_;
  int compared_ = 0;
};

class MatrixAttentionPlatform : public test::ScTest {
 protected:
  static RunStatistics expect_golden(const MachineFixture& f) {
    const auto computation = f.computation();
    const RunStatistics statistics = run_platform(f.arch, f.memory, {f.trace}, computation.get());
    Comparison comparison(f, *computation);
    models::GoldenTransformer golden(f.model, f.arch.matrix, f.kv_format, f.arch.attention);
    golden.observe_with(&comparison);
    models::Sampler sampler;
    std::vector<std::uint32_t> tokens, input = f.prompt;
    while (tokens.size() < f.trace.generated_tokens) {
      tokens.push_back(golden.sample(sampler, golden.forward(input)));
      input = {tokens.back()};
    }
    EXPECT_EQ(computation->generated(), tokens);
    EXPECT_EQ(comparison.compared(), static_cast<int>(3 * 2 * f.trace.generated_tokens));
    return statistics;
  }
  static std::vector<std::string> on_matrix(std::vector<std::string> sets = {}) {
    sets.push_back("attention=matrix");
    return sets;
  }
  /// Busy time of the matrix unit with scores.
  static double matrix_seconds(const RunStatistics& s) {
    for (const KindTime& kind : s.kinds) {
      if (kind.kind == workloads::OperatorKind::attention_score) return kind.matrix_s;
    }
    return 0;
  }
};

TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWithLutI) {
  EXPECT_GT(matrix_seconds(expect_golden(MachineFixture("odd", on_matrix(), 6, 8))), 0);
}
TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWithLutF) {
  expect_golden(MachineFixture("odd-lut-f", on_matrix(), 4, 4));
}
TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWithIfpu) {
  expect_golden(MachineFixture("odd-ifpu", on_matrix(), 4, 8));
}
TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWithFigna) {
  expect_golden(MachineFixture("odd-figna", on_matrix(), 4, 4));
}
TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWithFp) {
  expect_golden(MachineFixture("odd-fp", on_matrix(), 4, 4));
}

TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWhenQueriesAndResultsAreSpilled) {
  expect_golden(MachineFixture("odd", on_matrix(test::starved_sets()), 8, 4));
}

TEST_F(MatrixAttentionPlatform, EqualsTheGoldenModelWhenTheCacheComesInManyChunks) {
  // 16 keys of 10 B fit a slot; a segment of 20 values takes both, so that no chunk can stay.
  MachineFixture f("odd", on_matrix(), 20, 8);
  f.arch.weight_buffer = {320, 3, 20, 2};
  expect_golden(f);
}

TEST_F(MatrixAttentionPlatform, AnUnquantisedCacheIsRefusedWithItsName) {
  const MachineFixture f("odd", on_matrix());
  try {
    run_platform(f.arch, f.memory, {f.trace}, nullptr);
    FAIL() << "FP16 keys on the matrix unit";
  } catch (const spec::SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("attention = matrix: the KV cache is fp16"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/tensor_parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::workloads {
namespace {

OperatorTrace whole_trace(models::ModelShape shape = test::tiny_shape()) {
  TraceRequest request;
  request.batch = 2;
  request.prompt_tokens = 3;
  request.generated_tokens = 2;
  request.group_size = 4;
  return build_trace(shape, request);
}

/// Multiply-adds of every operator name.
std::map<std::string, std::uint64_t> work_of(const OperatorTrace& trace) {
  std::map<std::string, std::uint64_t> work;
  for (const Operator& op : trace.operators) work[op.name] += multiply_adds(op);
  return work;
}

const Tensor& tensor_of(const OperatorTrace& trace, const std::string& name) {
  const auto found = std::find_if(trace.tensors.begin(), trace.tensors.end(),
                                  [&](const Tensor& tensor) { return tensor.name == name; });
  if (found == trace.tensors.end()) throw std::out_of_range(name);
  return *found;
}

std::uint64_t elements(const Tensor& tensor) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : tensor.shape) count *= extent;
  return count;
}

TEST(TensorParallel, OneChipRunsTheTraceItself) {
  const OperatorTrace whole = whole_trace();
  EXPECT_EQ(tensor_parallel(whole, 1, 0), whole);
}

TEST(TensorParallel, TheChipsTogetherDoTheWorkOfOneAndHoldItsWeightsOnce) {
  const OperatorTrace whole = whole_trace();
  const auto chips = chip_traces(whole, 2, true);
  ASSERT_EQ(chips.size(), 2u);
  auto work = work_of(chips[0]);
  for (const auto& [name, count] : work_of(chips[1])) work[name] += count;
  for (const auto& [name, count] : work_of(whole)) EXPECT_EQ(work[name], count) << name;
  for (const Tensor& tensor : whole.tensors) {
    const bool is_shared = tensor.role == TensorRole::kv_cache ||
                           (tensor.role == TensorRole::weight && tensor.shape.size() == 2 &&
                            tensor.name != "embedding.weight");
    if (!is_shared) continue;
    EXPECT_EQ(
        elements(tensor_of(chips[0], tensor.name)) + elements(tensor_of(chips[1], tensor.name)),
        elements(tensor))
        << tensor.name;
  }
}

TEST(TensorParallel, SumsAreReducedTwiceALayerAndCandidatesGatheredOnceAStep) {
  const OperatorTrace chip = tensor_parallel(whole_trace(), 2, 0);
  std::map<OperatorKind, int> count;
  for (const Operator& op : chip.operators) {
    ++count[op.kind];
    if (op.kind == OperatorKind::all_reduce) {
      EXPECT_EQ(op.n, test::tiny_shape().hidden);
    }
    if (op.kind == OperatorKind::all_gather) {
      EXPECT_EQ(op.n, 4u) << "value and index of 2 chips";
    }
  }
  constexpr int kSteps = 2;
  EXPECT_EQ(count[OperatorKind::all_reduce], kSteps * 2 * 2);
  EXPECT_EQ(count[OperatorKind::all_gather], kSteps);
  EXPECT_EQ(count[OperatorKind::sample], kSteps * 2) << "among its own, among the candidates";
}

TEST(TensorParallel, WhatFollowsAReductionReadsTheSums) {
  const OperatorTrace chip = tensor_parallel(whole_trace(), 2, 1);
  for (OperatorId id = 0; id < chip.operators.size(); ++id) {
    const Operator& op = chip.operators[id];
    for (const OperatorId needed : op.depends_on) ASSERT_LT(needed, id);
    if (op.kind != OperatorKind::add) continue;
    const Operator& reduced = chip.operators[op.depends_on.back()];
    EXPECT_EQ(reduced.kind, OperatorKind::all_reduce) << op.name;
    EXPECT_EQ(op.inputs.at(1), reduced.outputs.at(0));
  }
}

TEST(TensorParallel, FewerKvHeadsThanChipsAreRepeated) {
  // 6 query heads on 2 KV heads, 6 chips: one query head each, three chips for a KV head.
  const auto chips = chip_traces(whole_trace(), 6, true);
  for (const OperatorTrace& chip : chips) {
    for (const Operator& op : chip.operators) {
      if (op.kind != OperatorKind::attention_score) continue;
      EXPECT_EQ(op.heads, 1u);
      EXPECT_EQ(op.kv_heads, 1u);
    }
  }
}

TEST(TensorParallel, EqualSharesAreOneTraceAndUnequalOnesAreNot) {
  EXPECT_EQ(chip_traces(whole_trace(), 2, false).size(), 1u);
  EXPECT_EQ(chip_traces(whole_trace(), 2, true).size(), 2u);
  models::ModelShape shape = test::tiny_shape();
  shape.ffn = 41;
  EXPECT_EQ(chip_traces(whole_trace(shape), 2, false).size(), 2u);
}

TEST(TensorParallel, ATiedTableStaysWhole) {
  models::ModelShape shape = test::tiny_shape();
  shape.tied_embedding = true;
  const OperatorTrace chip = tensor_parallel(whole_trace(shape), 2, 0);
  EXPECT_EQ(tensor_of(chip, "embedding.weight").shape.at(0), shape.vocab);
  const auto head = std::find_if(chip.operators.begin(), chip.operators.end(),
                                 [](const Operator& op) { return op.name == "lm_head"; });
  ASSERT_NE(head, chip.operators.end());
  EXPECT_EQ(head->n, shape.vocab / 2);
}

TEST(TensorParallel, WhatCannotBeSharedIsRefused) {
  EXPECT_THROW(tensor_parallel(whole_trace(), 3, 0), spec::SpecError) << "2 KV heads on 3 chips";
  EXPECT_THROW(tensor_parallel(whole_trace(), 8, 0), spec::SpecError) << "6 heads on 8 chips";
  const OperatorTrace chip = tensor_parallel(whole_trace(), 2, 0);
  EXPECT_THROW(tensor_parallel(chip, 2, 0), spec::SpecError) << "shared already";
}

}  // namespace
}  // namespace lutsim::workloads

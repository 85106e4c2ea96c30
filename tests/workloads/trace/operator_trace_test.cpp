// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/operator_trace.h"

#include <gtest/gtest.h>

#include "tests/workloads/trace/tiny_shape.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_summary.h"

namespace lutsim::workloads {
namespace {

Tensor weight(std::vector<std::uint64_t> shape, WeightFormat format) {
  return {"w", std::move(shape), TensorRole::weight, spec::NumberFormat::fp16, format};
}

TEST(StoredBytes, CountsPlanesScalesAndOffsetsOfABcqMatrix) {
  // K = 20 in groups of 8 is 3 groups; 10 rows; 3 planes of 200 bits are 75 bytes.
  EXPECT_EQ(stored_bytes(weight({20, 10}, {3, 8, true})), 75u + 3 * 10 * (3 * 2 + 4));
  EXPECT_EQ(stored_bytes(weight({20, 10}, {3, 8, false})), 75u + 3 * 10 * 3 * 2);
}

TEST(StoredBytes, RoundsTheBitsOfAnInt4TensorUpToBytes) {
  // Three positions of one head of three elements: 4 B of scale and zero point, 2 B of codes.
  const Tensor cache{"c", {3, 3}, TensorRole::kv_cache, spec::NumberFormat::int4, {}};
  EXPECT_EQ(stored_bytes(cache), 18u);
  // Five positions of two heads of 8 elements.
  const Tensor heads{"c", {5, 16}, TensorRole::kv_cache, spec::NumberFormat::int8, {}, 8};
  EXPECT_EQ(stored_bytes(heads), 5u * 2 * (8 + 4));
  const Tensor floats{"c", {5, 16}, TensorRole::kv_cache, spec::NumberFormat::fp16, {}, 8};
  EXPECT_EQ(stored_bytes(floats), 5u * 16 * 2);
}

TEST(CostOf, AGatherReadsOnlyItsRowsOfTheTable) {
  TraceRequest request;
  request.prompt_tokens = 5;
  request.group_size = 8;
  const OperatorTrace trace = build_trace(test::tiny_shape(), request);
  const OperatorCost cost = cost_of(trace, trace.operators[0]);
  EXPECT_EQ(cost.weight_bytes, 5u * 24 * 2);
  EXPECT_EQ(cost.activation_bytes, 5u * 4 + 5 * 24 * 4);
  EXPECT_EQ(cost.flops, 0u);
}

TEST(CostOf, AttentionReadsTheCachedPositionsOfEverySequence) {
  TraceRequest request;
  request.batch = 2;
  request.cached_tokens = 9;
  request.group_size = 8;
  request.kv_bits = 8;
  const OperatorTrace trace = build_trace(test::tiny_shape(), request);
  for (const Operator& op : trace.operators) {
    const OperatorCost cost = cost_of(trace, op);
    if (op.kind == OperatorKind::attention_score || op.kind == OperatorKind::attention_value) {
      // Two heads of 4 elements, each with 4 B of scale and zero point.
      EXPECT_EQ(cost.kv_bytes, 2u * 10 * 2 * (4 + 4)) << op.name;
      EXPECT_EQ(cost.flops, 2u * 2 * 6 * 4 * 10) << op.name;
    } else if (op.kind == OperatorKind::kv_append) {
      EXPECT_EQ(cost.kv_bytes, 2u * 2 * (4 + 4)) << op.name;
    } else {
      EXPECT_EQ(cost.kv_bytes, 0u) << op.name;
    }
  }
}

TEST(TraceSummary, TotalsAreTheSumsOfTheRowsAndOfTheOperators) {
  TraceRequest request;
  request.prompt_tokens = 5;
  request.generated_tokens = 3;
  request.group_size = 8;
  const OperatorTrace trace = build_trace(test::tiny_shape(), request);
  const TraceSummary summary = summarize(trace);
  std::uint64_t operators = 0;
  std::uint64_t bytes = 0;
  std::uint64_t products = 0;
  for (const TraceSummaryRow& row : summary.rows) {
    operators += row.totals.operators;
    bytes += row.totals.bytes();
    products += row.totals.multiply_adds;
  }
  std::uint64_t expected_products = 0;
  for (const Operator& op : trace.operators) expected_products += multiply_adds(op);
  EXPECT_EQ(operators, trace.operators.size());
  EXPECT_EQ(products, expected_products);
  EXPECT_EQ(bytes, summary.prefill.bytes() + summary.decode.bytes());
  EXPECT_EQ(summary.rows.size(), 22u);  // eleven kinds in two phases
}

TEST(TraceSummary, TheTableHasALinePerKindAndPhase) {
  TraceRequest request;
  request.prompt_tokens = 5;
  request.group_size = 8;
  const std::string table = to_table(summarize(build_trace(test::tiny_shape(), request)));
  EXPECT_NE(table.find("attention_score"), std::string::npos);
  EXPECT_NE(table.find("prefill  all"), std::string::npos);
  EXPECT_EQ(table.find("decode"), std::string::npos);
}

}  // namespace
}  // namespace lutsim::workloads

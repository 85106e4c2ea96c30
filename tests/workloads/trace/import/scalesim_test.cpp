// SPDX-License-Identifier: Apache-2.0
#include "tests/workloads/trace/import/import_test.h"

namespace lutsim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ScalesimImport, ATableOfMatricesGivesOneMatmulALayer) {
  const auto trace = import_file(sample("gemms.csv")).trace;
  ASSERT_EQ(trace.operators.size(), 3u);
  const Operator& up = trace.operators[1];
  EXPECT_EQ(up.name, "layers.0.up");
  EXPECT_EQ(up.m, 8u);
  EXPECT_EQ(up.n, 32u);
  EXPECT_EQ(up.k, 16u);
  EXPECT_THAT(up.depends_on, ElementsAre(0));
}

TEST(ScalesimImport, AConvolutionIsTheProductOfItsPatches) {
  const auto trace = import_file(sample("convolutions.csv")).trace;
  ASSERT_EQ(trace.operators.size(), 2u);
  // 8 x 10 by 3 x 3 with stride 2: ceil(7 / 2) x ceil(9 / 2) outputs of 2 images.
  EXPECT_EQ(trace.operators[0].m, 4u * 5 * 2);
  EXPECT_EQ(trace.operators[0].n, 16u);
  EXPECT_EQ(trace.operators[0].k, 3u * 3 * 4);
  EXPECT_EQ(trace.operators[1].m, 1u);
}

TEST(ScalesimImport, AWrongFieldIsRefusedWithItsLine) {
  EXPECT_THAT(refusal(written("gemm.csv", "Layer,M,N,K,\na,1,x,3,\n")),
              testing::AllOf(HasSubstr("gemm.csv:2"), HasSubstr("expected N"), HasSubstr("'x'")));
  EXPECT_THAT(refusal(written("zero.csv", "Layer,M,N,K,\na,0,2,3,\n")), HasSubstr("expected M"));
  EXPECT_THAT(refusal(written("header.csv", "Layer,M,\na,1,\n")), HasSubstr("header.csv:1"));
  EXPECT_THAT(refusal(written("empty.csv", "Layer,M,N,K,\n")), HasSubstr("expected layers"));
}

TEST(ScalesimImport, AFilterLargerThanItsInputIsRefused) {
  const std::string text = read_all(sample("convolutions.csv")) + "Bad,2,2,3,3,1,1,1,\n";
  EXPECT_THAT(refusal(written("conv.csv", text)), HasSubstr("conv.csv:4"));
}

}  // namespace
}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
// A hand-written execution trace: a linear layer with bias, an unknown operator, a matmul; then
// their backward pass and an optimiser.
#include "tests/workloads/trace/import/import_test.h"

namespace lutsim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PytorchEtImport, OnlyTheForwardPassIsInTheTrace) {
  const ImportedTrace imported = import_file(sample("execution_trace.json"));
  EXPECT_EQ(imported.report.format, "pytorch-et");
  EXPECT_THAT(kinds(imported.trace), ElementsAre("matmul", "bias_add", "matmul"));
  EXPECT_EQ(row(imported.report.mapped, "matmul").multiply_adds, 6u * 12 * 4 * 2);
  EXPECT_EQ(row(imported.report.training, "backward matmul").multiply_adds, 6u * 12 * 4);
  EXPECT_EQ(row(imported.report.training, "optimizer add").count, 1u);
  EXPECT_FALSE(imported.trace.measured);
}

TEST(PytorchEtImport, DependenciesPassThroughWhatIsUnknown) {
  const ImportedTrace imported = import_file(sample("execution_trace.json"));
  EXPECT_NEAR(imported.report.share(row(imported.report.unknown, "my_library::mystery")), 1.0 / 3,
              1e-9);
  // The second matmul reads memory that the unknown operator wrote from that of the first.
  EXPECT_THAT(imported.trace.operators[2].depends_on, ElementsAre(1));
}

TEST(PytorchEtImport, ANodeWithoutAnIdIsRefused) {
  const auto file = written("et.json", R"({"nodes": [{"name": "aten::mm"}]})");
  EXPECT_THAT(refusal(file), HasSubstr("/nodes/0/id: expected"));
}

}  // namespace
}  // namespace lutsim::test

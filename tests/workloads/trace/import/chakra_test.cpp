// SPDX-License-Identifier: Apache-2.0
// Messages are encoded here by hand, with the field numbers of the format's documentation.
#include "tests/workloads/trace/import/import_test.h"

namespace lutsim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string number(std::uint32_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes(std::uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}
std::string message(const std::string& content) { return varint(content.size()) + content; }

constexpr std::uint32_t kId = 1, kName = 2, kType = 3, kDataDeps = 5, kDuration = 7, kInputs = 8,
                        kOutputs = 9, kAttributes = 10;
constexpr std::uint64_t kComputation = 4;

std::string attribute(const std::string& name, std::uint32_t field, std::uint64_t value) {
  return bytes(kAttributes, bytes(1, name) + number(field, value));
}

struct Text {
  std::string values, shapes, types;
};

std::string operator_node(std::uint64_t id, const std::string& name, std::uint64_t record,
                          std::uint64_t thread, const Text& in, const Text& out) {
  const auto arguments = [](const Text& t) {
    return bytes(1, t.values) + bytes(2, t.shapes) + bytes(3, t.types);
  };
  return message(number(kId, id) + bytes(kName, name) + number(kType, kComputation) +
                 bytes(kInputs, arguments(in)) + bytes(kOutputs, arguments(out)) +
                 attribute("is_cpu_op", 27, 1) + attribute("rf_id", 9, record) +
                 attribute("tid", 9, thread));
}

std::string kernel_node(std::uint64_t id, std::uint64_t launched_by, std::uint64_t micros) {
  return message(number(kId, id) + bytes(kName, "gemm") + number(kType, kComputation) +
                 bytes(kDataDeps, varint(launched_by)) + number(kDuration, micros) +
                 attribute("is_cpu_op", 27, 0));
}

const Text kProduct{"[[1, 101, 0, 24, 2, 'cuda:0'], [2, 102, 0, 48, 2, 'cuda:0']]",
                    "[[6, 4], [4, 12]]", "['Tensor(c10::Half)', 'Tensor(c10::Half)']"};
const Text kResult{"[[3, 103, 0, 72, 2, 'cuda:0']]", "[[6, 12]]", "['Tensor(c10::Half)']"};

/// One mm in two pieces, whose kernel stands before it; an unknown operator; a backward pass.
std::string small_trace() {
  return message(bytes(1, "1.0.1")) + kernel_node(5, 10, 40) +
         operator_node(10, "aten::mm(0)", 7, 1, kProduct, kResult) +
         operator_node(11, "aten::mm(1)", 7, 1, kProduct, kResult) +
         operator_node(12, "my_library::mystery", 8, 1, kResult, kResult) +
         kernel_node(13, 12, 10) +
         operator_node(14, "my_library::some_backward", 9, 2, kResult, kResult) +
         kernel_node(15, 14, 30) + operator_node(16, "aten::mm(0)", 10, 2, kProduct, kResult) +
         kernel_node(17, 16, 30);
}

TEST(ChakraImport, PiecesAreOneOperatorAndKernelsFindIt) {
  const ImportedTrace imported = import_file(written("small.et", small_trace()));
  EXPECT_EQ(imported.report.format, "chakra");
  EXPECT_EQ(imported.report.source_operators, 4u);
  EXPECT_THAT(kinds(imported.trace), ElementsAre("matmul"));
  EXPECT_EQ(imported.trace.operators[0].n, 12u);
  EXPECT_EQ(imported.trace.tensors[imported.trace.operators[0].inputs[1]].format,
            spec::NumberFormat::fp16);
  const ImportRow matmul = row(imported.report.mapped, "matmul");
  EXPECT_EQ(matmul.multiply_adds, 6u * 4 * 12);
  EXPECT_EQ(matmul.kernels, 1u);
  EXPECT_NEAR(imported.report.share(row(imported.report.unknown, "my_library::mystery")), 0.2,
              1e-9);
  EXPECT_EQ(row(imported.report.training, "backward matmul").kernels, 1u);
}

TEST(ChakraImport, ATruncatedFileIsRefusedWithTheByte) {
  const std::string whole = small_trace();
  EXPECT_THAT(refusal(written("cut.et", whole.substr(0, whole.size() - 3))),
              testing::AllOf(HasSubstr("cut.et"), HasSubstr("at byte")));
}

TEST(ChakraImport, ArgumentsThatAreNoListAreRefused) {
  const std::string text = message(bytes(1, "1.0.1")) +
                           operator_node(10, "aten::mm", 7, 1, {"[1", "[[2]]", "['Int']"}, kResult);
  EXPECT_THAT(refusal(written("lists.et", text)), HasSubstr("node 10"));
}

}  // namespace
}  // namespace lutsim::test

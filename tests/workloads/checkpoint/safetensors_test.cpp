// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/checkpoint/llama_folder_writer.h"

namespace lutsim::workloads {
namespace {

using test::SafetensorsWriter;
using testing::ElementsAre;
using testing::HasSubstr;

class Safetensors : public testing::Test {
 protected:
  std::filesystem::path written(const std::string& data) {
    test::write_file(folder_ / "x.safetensors", data);
    return folder_ / "x.safetensors";
  }
  std::string error_of(const std::string& data) {
    const auto path = written(data);
    return test::input_error([&] { SafetensorsFile file(path); });
  }
  /// A header with one tensor of that text.
  std::string error_of_entry(const std::string& entry, std::size_t buffer_bytes) {
    return error_of(
        SafetensorsWriter::file_of("{\"a\":" + entry + "}", std::string(buffer_bytes, '\0')));
  }
  test::TemporaryFolder folder_;
};

TEST_F(Safetensors, FloatsOfThreeFormatsAndIntegersComeBack) {
  const std::vector<float> values{1.5f, -2.0f, 0.25f, 0.0f, 1024.0f, -0.125f};
  SafetensorsWriter out;
  out.header["__metadata__"] = {{"format", "pt"}};
  for (const char* dtype : {"F32", "F16", "BF16"}) out.add_floats(dtype, dtype, {2, 3}, values);
  out.add_words<std::int32_t>("words", "I32", {3}, {-1, 0, 7});
  out.add("empty", "I64", {4, 0}, {});
  SafetensorsFile file(written(out.file()));
  for (const char* dtype : {"F32", "F16", "BF16"}) EXPECT_EQ(file.floats(dtype, {2, 3}), values);
  EXPECT_THAT(file.integers("words", {3}), ElementsAre(-1, 0, 7));
  EXPECT_EQ(file.tensors().size(), 5u);
  EXPECT_THAT(test::input_error([&] {
                file.floats("F32", {3, 2});
              }),
              HasSubstr("expected 'F32' of shape [3, 2], found [2, 3]"));
  EXPECT_THAT(test::input_error([&] { file.floats("words", {3}); }),
              HasSubstr("expected 'words' as F32, F16, BF16, found I32"));
}

TEST_F(Safetensors, APaddedHeaderIsRead) {
  SafetensorsWriter out;
  out.add_floats("a", "F32", {1}, {3.0f});
  SafetensorsFile file(
      written(SafetensorsWriter::file_of(out.header.dump() + "   ", out.buffer.data())));
  EXPECT_EQ(file.floats("a", {1})[0], 3.0f);
}

TEST_F(Safetensors, ANumberThatIsNotFiniteIsRefusedAtItsByte) {
  SafetensorsWriter out;
  out.add_words<std::uint16_t>("a", "F16", {2}, {0x3c00, 0x7c00});
  SafetensorsFile file(written(out.file()));
  EXPECT_THAT(test::input_error([&] { file.floats("a", {2}); }),
              HasSubstr("expected a finite number in 'a', found inf"));
}

TEST_F(Safetensors, LengthsOfTheHeaderAreChecked) {
  EXPECT_THAT(error_of("abc"), HasSubstr("at byte 0: expected the length of the header"));
  test::Bytes absurd;
  absurd.add(~std::uint64_t{0}).add_text("{}");
  EXPECT_THAT(error_of(absurd.data()), HasSubstr("expected a safetensors header of 2..2 bytes"));
  EXPECT_THAT(error_of(SafetensorsWriter::file_of("[]", "")), HasSubstr("begins with '{'"));
  EXPECT_THAT(error_of(SafetensorsWriter::file_of("{\"a\":", "")), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(SafetensorsWriter::file_of("{\"a\":1e999}", "")), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(SafetensorsWriter::file_of("{\"a\":{},\"a\":{}}", "")),
              HasSubstr("duplicate key 'a'"));
}

TEST_F(Safetensors, AnEntryThatIsWrongIsNamed) {
  const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  SafetensorsFile file(written(SafetensorsWriter::file_of("{\"a\":" + good + "}", "12345678")));
  EXPECT_EQ(file.tensors().at("a").bytes, 8u);
  EXPECT_THAT(error_of_entry(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})", 8),
              HasSubstr("/a/dtype: 'F33' is no type"));
  EXPECT_THAT(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})", 8),
              HasSubstr("expected two numbers, begin and end"));
  EXPECT_THAT(error_of_entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})", 8),
              HasSubstr("expected the bytes of [3] F32, found 8"));
  EXPECT_THAT(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,9]})", 8),
              HasSubstr("at most 8, found 9"));
  EXPECT_THAT(error_of_entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", 8),
              HasSubstr("/a/shape/0: expected an integer"));
  EXPECT_THAT(error_of_entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})", 8),
              HasSubstr("unknown key 'x'"));
  // 2^33 * 2^33 * 4 bytes is 0 in 64 bits.
  EXPECT_THAT(
      error_of_entry(R"({"dtype":"F32","shape":[8589934592,8589934592],"data_offsets":[0,0]})", 0),
      HasSubstr("/a/data_offsets: expected the bytes of"));
}

TEST_F(Safetensors, TensorsCoverTheBufferOnce) {
  const auto file = [&](std::size_t second, std::size_t end) {
    const nlohmann::json header = {
        {"a", {{"dtype", "U8"}, {"shape", {4}}, {"data_offsets", {0, 4}}}},
        {"b", {{"dtype", "U8"}, {"shape", {4}}, {"data_offsets", {second, second + 4}}}}};
    return SafetensorsWriter::file_of(header.dump(), std::string(end, 'x'));
  };
  SafetensorsFile good(written(file(4, 8)));
  EXPECT_EQ(good.tensors().size(), 2u);
  EXPECT_THAT(error_of(file(3, 8)), HasSubstr("found an overlap of 1 bytes"));
  EXPECT_THAT(error_of(file(6, 10)), HasSubstr("found a gap of 2 bytes"));
  EXPECT_THAT(error_of(file(4, 9)), HasSubstr("found 1 bytes more"));
  EXPECT_THAT(error_of(file(0, 4)), HasSubstr("found an overlap of 4 bytes"));
}

}  // namespace
}  // namespace lutsim::workloads

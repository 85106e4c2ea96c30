// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <string>

#include "models/config/diagnostics.h"
#include "workloads/llm/csv.h"
#include "workloads/trace/import/readers.h"

namespace lutsim::workloads {

namespace {

constexpr std::uint64_t kMostSize = std::numeric_limits<std::uint32_t>::max();

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (const std::string& field : split_csv_line(line)) fields.push_back(trimmed(field));
  while (!fields.empty() && fields.back().empty()) fields.pop_back();  // lines end in a comma
  return fields;
}

/// One line of a file.
class Line {
 public:
  Line(const std::string& file, std::uint32_t number, const std::string& text)
      : file_(file), number_(number), text_(text), fields_(fields_of(text)) {}

  std::size_t size() const { return fields_.size(); }
  const std::string& name() const { return fields_.front(); }

  std::uint64_t number(std::size_t field, const char* what) const {
    std::uint64_t value = 0;
    const std::string text = field < fields_.size() ? fields_[field] : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 ||
        value > kMostSize) {
      refuse(std::string("expected ") + what + ", an integer from 1 on, in field " +
             std::to_string(field + 1) + ", found '" + text + "'");
    }
    return value;
  }

  [[noreturn]] void refuse(const std::string& message) const {
    throw config::InputError({{file_, number_, 1, message, {}, text_}});
  }

 private:
  std::string file_;
  std::uint32_t number_;
  std::string text_;
  std::vector<std::string> fields_;
};

SourceArgument matrix(std::uint64_t rows, std::uint64_t columns) {
  // The format says nothing about numbers: FP16.
  return {{rows, columns}, "c10::Half", "", 0};
}

SourceOperator gemm(const std::string& name, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
  SourceOperator op;
  op.name = "scalesim::gemm";
  op.inputs = {matrix(m, k), matrix(k, n), {{}, "", name, 0}};
  op.outputs = {matrix(m, n)};
  return op;
}

/// Rows or columns of the output of a convolution without padding.
std::uint64_t output_size(const Line& line, std::uint64_t input, std::uint64_t filter,
                          std::uint64_t stride) {
  if (filter > input) line.refuse("expected a filter that is not larger than its input");
  return (input - filter + stride + stride - 1) / stride;
}

SourceOperator convolution(const Line& line) {
  const std::uint64_t height = line.number(1, "the height of the input"),
                      width = line.number(2, "the width of the input"),
                      filter_height = line.number(3, "the height of the filter"),
                      filter_width = line.number(4, "the width of the filter"),
                      channels = line.number(5, "channels"), filters = line.number(6, "filters"),
                      stride = line.number(7, "the stride"),
                      batch = line.size() > 8 ? line.number(8, "the batch") : 1;
  const std::uint64_t rows = output_size(line, height, filter_height, stride) *
                             output_size(line, width, filter_width, stride);
  return gemm(line.name(), batch * rows, filters, filter_height * filter_width * channels);
}

}  // namespace

SourceTrace read_scalesim(const std::filesystem::path& file) {
  InputStream in(file);
  SourceTrace trace;
  trace.format = "scalesim";
  std::string text;
  std::uint32_t number = 0;
  bool has_header = false, is_gemm = false;
  while (std::getline(in.stream(), text)) {
    const Line line(file.string(), ++number, text);
    if (line.size() == 0) continue;
    if (!has_header) {
      has_header = true;
      const std::vector<std::string> header = fields_of(text);
      is_gemm = header.size() == 4 && header[1] == "M" && header[2] == "N" && header[3] == "K";
      if (!is_gemm && header.size() < 8) {
        line.refuse("expected the header 'Layer,M,N,K,' or that of convolutions with 8 fields");
      }
      continue;
    }
    trace.operators.push_back(
        is_gemm ? gemm(line.name(), line.number(1, "M"), line.number(2, "N"), line.number(3, "K"))
                : convolution(line));
  }
  if (trace.operators.empty())
    throw config::InputError(file.string(), "expected layers, found none");
  return trace;
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/safetensors.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/numerics/float_format.h"
#include "workloads/trace/json_object.h"

namespace lutsim::workloads {
namespace {

constexpr const char* kMetadata = "__metadata__";
constexpr std::uint64_t kLengthBytes = 8;
/// What the format's own reader allows.
constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 40;

/// Bytes of an element; 0: no such type.
std::uint64_t element_bytes(const std::string& dtype) {
  static const std::map<std::string, std::uint64_t> bytes{
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
      {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};
  const auto found = bytes.find(dtype);
  return found == bytes.end() ? 0 : found->second;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t extent : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(extent);
  }
  return "[" + text + "]";
}

/// Elements of a shape, kMostElements + 1 when there are more.
std::uint64_t elements_of(const std::vector<std::uint64_t>& shape) {
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : shape) {
    if (extent == 0) return 0;
    if (elements > kMostElements / extent) return kMostElements + 1;
    elements *= extent;
  }
  return elements;
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  const auto header_bytes = file_.number<std::uint64_t>("the length of the header");
  if (header_bytes < 2 || header_bytes > kLongestHeader || header_bytes > file_.remaining()) {
    file_.fail(0,
               "a safetensors header of 2.." +
                   std::to_string(std::min(kLongestHeader, file_.size() - kLengthBytes)) + " bytes",
               std::to_string(header_bytes));
  }
  read_directory(header_bytes);
  require_cover(kLengthBytes + header_bytes);
}

void SafetensorsFile::read_directory(std::uint64_t header_bytes) {
  const std::string text = file_.text(header_bytes, "the header");
  if (text[0] != '{') {
    file_.fail(kLengthBytes, "a header that begins with '{'", "'" + text.substr(0, 1) + "'");
  }
  const nlohmann::json header = parse_strict_json(text, file_.path());
  const std::uint64_t buffer = file_.remaining();
  JsonErrors errors(file_.path());
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata) {
      if (!value.is_object()) errors.add(std::string("/") + kMetadata, "expected an object");
      continue;
    }
    JsonObject entry(value, "/" + name, errors);
    Tensor tensor;
    tensor.dtype = entry.string("dtype");
    tensor.shape = entry.integers("shape", 0, kMostElements);
    const std::vector<std::uint64_t> place = entry.integers("data_offsets", 0, buffer);
    entry.finish();
    const std::uint64_t width = element_bytes(tensor.dtype);
    const std::uint64_t elements = elements_of(tensor.shape);
    if (width == 0) {
      entry.report("dtype", "'" + tensor.dtype + "' is no type of the format");
    } else if (place.size() != 2 || place[0] > place[1]) {
      entry.report("data_offsets", "expected two numbers, begin and end");
    } else if (elements > kMostElements || place[1] - place[0] != elements * width) {
      entry.report("data_offsets", "expected the bytes of " + shape_text(tensor.shape) + " " +
                                       tensor.dtype + ", found " +
                                       std::to_string(place[1] - place[0]));
    } else {
      tensor.begin = kLengthBytes + header_bytes + place[0];
      tensor.bytes = place[1] - place[0];
      tensors_.emplace(name, std::move(tensor));
    }
  }
  errors.throw_if_any();
}

void SafetensorsFile::require_cover(std::uint64_t buffer_begin) const {
  std::vector<std::pair<std::uint64_t, std::string>> order;
  order.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) order.emplace_back(tensor.begin, name);
  // Of tensors that begin at the same byte the empty ones come first.
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return std::pair(a.first, tensors_.at(a.second).bytes) <
           std::pair(b.first, tensors_.at(b.second).bytes);
  });
  std::uint64_t end = buffer_begin;
  for (const auto& [begin, name] : order) {
    if (begin != end) {
      file_.fail(begin, "'" + name + "' to begin where the tensor before it ends",
                 (begin < end ? "an overlap of " : "a gap of ") +
                     std::to_string(begin < end ? end - begin : begin - end) + " bytes");
    }
    end = begin + tensors_.at(name).bytes;
  }
  if (end != file_.size()) {
    file_.fail(end, "the end of the file after the last tensor",
               std::to_string(file_.size() - end) + " bytes more");
  }
}

const SafetensorsFile::Tensor& SafetensorsFile::open(const std::string& name,
                                                     const std::vector<std::uint64_t>& shape,
                                                     const std::vector<std::string>& dtypes) {
  const Tensor& tensor = tensors_.at(name);
  if (tensor.shape != shape) {
    file_.fail(tensor.begin, "'" + name + "' of shape " + shape_text(shape),
               shape_text(tensor.shape));
  }
  if (std::find(dtypes.begin(), dtypes.end(), tensor.dtype) == dtypes.end()) {
    file_.fail(tensor.begin, "'" + name + "' as " + config::comma_list(dtypes), tensor.dtype);
  }
  file_.seek(tensor.begin);
  return tensor;
}

std::vector<float> SafetensorsFile::floats(const std::string& name,
                                           const std::vector<std::uint64_t>& shape) {
  const Tensor& tensor = open(name, shape, {"F32", "F16", "BF16"});
  const std::string what = "'" + name + "'";
  if (tensor.dtype == "F32") return file_.finite_floats(tensor.bytes / 4, what);
  const auto bits = file_.numbers<std::uint16_t>(tensor.bytes / 2, what);
  std::vector<float> values(bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    values[i] =
        tensor.dtype == "F16" ? models::fp16_from_bits(bits[i]) : models::bf16_from_bits(bits[i]);
    if (!std::isfinite(values[i])) {
      file_.fail(tensor.begin + 2 * i, "a finite number in " + what, std::to_string(values[i]));
    }
  }
  return values;
}

std::vector<std::int32_t> SafetensorsFile::integers(const std::string& name,
                                                    const std::vector<std::uint64_t>& shape) {
  const Tensor& tensor = open(name, shape, {"I32"});
  return file_.numbers<std::int32_t>(tensor.bytes / 4, "'" + name + "'");
}

std::vector<std::uint16_t> SafetensorsFile::halves(const std::string& name,
                                                   const std::vector<std::uint64_t>& shape) {
  const Tensor& tensor = open(name, shape, {"F16"});
  return file_.numbers<std::uint16_t>(tensor.bytes / 2, "'" + name + "'");
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/gguf_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/numerics/float_format.h"
#include "workloads/checkpoint/gguf.h"
#include "workloads/checkpoint/gguf_blocks.h"

namespace lutsim::workloads {
namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr std::uint64_t kSmallestKeyBytes = 8 + 4 + 1;         // name length, type, a bool
constexpr std::uint64_t kSmallestTensorBytes = 8 + 4 + 4 + 8;  // name length, count, type, offset

/// Types of metadata values, numbered as in ggml/include/gguf.h.
enum ValueType : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64
};

/// Types of tensors, numbered as in ggml/include/ggml.h.
enum TensorType : std::uint32_t { kF32 = 0, kF16 = 1 };

bool is_known(std::uint32_t type) {
  return type == kF32 || type == kF16 || gguf_block_type(type) != nullptr;
}

/// Precondition: is_known(type); quantised rows are whole blocks.
std::uint64_t stored_bytes(std::uint32_t type, std::uint64_t elements) {
  if (const auto* blocks = gguf_block_type(type)) return elements / kGgufBlock * blocks->bytes();
  return elements * (type == kF32 ? 4 : 2);
}

std::string shape_text(const std::vector<std::uint64_t>& dimensions) {
  std::string text;
  for (const std::uint64_t d : dimensions) text += (text.empty() ? "" : ", ") + std::to_string(d);
  return "[" + text + "]";
}

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& entry : map) keys.push_back(entry.first);
  return keys;
}

}  // namespace

GgufFile::GgufFile(ByteReader& file) : file_(file) {
  const auto magic = file_.number<std::uint32_t>("the magic 'GGUF'");
  if (magic != kGgufMagic) file_.fail(0, "the magic 'GGUF'", std::to_string(magic));
  const std::uint64_t version_offset = file_.offset();
  const auto version = file_.number<std::uint32_t>("the version");
  if (version != kVersion) {
    file_.fail(version_offset, "GGUF version 3", "version " + std::to_string(version),
               "convert the file again with a current llama.cpp");
  }
  const auto tensors = file_.number<std::uint64_t>("the number of tensors");
  const auto keys = file_.number<std::uint64_t>("the number of keys");
  file_.require_elements(keys, kSmallestKeyBytes, "the metadata");
  file_.require_elements(tensors, kSmallestTensorBytes, "the tensor directory");
  for (std::uint64_t i = 0; i < keys; ++i) {
    const std::uint64_t offset = file_.offset();
    const std::string key = read_string("a key");
    if (has(key)) file_.fail(offset, "keys that differ", "'" + key + "' twice");
    read_value(key);
  }
  for (std::uint64_t i = 0; i < tensors; ++i) read_tensor_entry();
  directory_end_ = file_.offset();
  place_tensors();
}

std::string GgufFile::read_string(const std::string& what) {
  const auto length = file_.number<std::uint64_t>("the length of " + what);
  return file_.text(length, what);
}

GgufFile::Value GgufFile::read_scalar(std::uint32_t type, std::uint64_t offset,
                                      const std::string& key) {
  const std::string what = "the value of '" + key + "'";
  switch (type) {
    case kUint8:
      return {offset, std::uint64_t{file_.number<std::uint8_t>(what)}};
    case kInt8:
      return {offset, std::int64_t{file_.number<std::int8_t>(what)}};
    case kUint16:
      return {offset, std::uint64_t{file_.number<std::uint16_t>(what)}};
    case kInt16:
      return {offset, std::int64_t{file_.number<std::int16_t>(what)}};
    case kUint32:
      return {offset, std::uint64_t{file_.number<std::uint32_t>(what)}};
    case kInt32:
      return {offset, std::int64_t{file_.number<std::int32_t>(what)}};
    case kFloat32:
      return {offset, double{file_.number<float>(what)}};
    case kBool:
      return {offset, file_.number<std::uint8_t>(what) != 0};
    case kString:
      return {offset, read_string(what)};
    case kUint64:
      return {offset, file_.number<std::uint64_t>(what)};
    case kInt64:
      return {offset, file_.number<std::int64_t>(what)};
    case kFloat64:
      return {offset, file_.number<double>(what)};
    default:
      break;
  }
  file_.fail(offset, "a value type of 0..12 for '" + key + "'", std::to_string(type));
}

void GgufFile::read_value(const std::string& key) {
  const std::uint64_t offset = file_.offset();
  const auto type = file_.number<std::uint32_t>("the type of '" + key + "'");
  Value value;
  value.offset = offset;
  if (type == kArray) {
    read_array(value, key);
  } else {
    value = read_scalar(type, offset, key);
  }
  values_.emplace(key, std::move(value));
}

void GgufFile::read_array(Value& value, const std::string& key) {
  const std::uint64_t offset = file_.offset();
  const auto type = file_.number<std::uint32_t>("the element type of '" + key + "'");
  const auto count = file_.number<std::uint64_t>("the length of '" + key + "'");
  if (type == kArray) file_.fail(offset, "an array of scalars in '" + key + "'", "nested arrays");
  file_.require_elements(count, type == kString ? 8 : 1, "the array '" + key + "'");
  std::vector<double> reals;
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) {
    Value element = read_scalar(type, offset, key);
    if (auto* text = std::get_if<std::string>(&element.value)) texts.push_back(std::move(*text));
    if (const auto* u = std::get_if<std::uint64_t>(&element.value)) {
      reals.push_back(static_cast<double>(*u));
    }
    if (const auto* s = std::get_if<std::int64_t>(&element.value)) {
      reals.push_back(static_cast<double>(*s));
    }
    if (const auto* real = std::get_if<double>(&element.value)) reals.push_back(*real);
    if (const auto* flag = std::get_if<bool>(&element.value)) reals.push_back(*flag ? 1.0 : 0.0);
  }
  if (type == kString) {
    value.value = std::move(texts);
  } else {
    value.value = std::move(reals);
  }
}

void GgufFile::read_tensor_entry() {
  TensorInfo tensor;
  tensor.entry_offset = file_.offset();
  const std::string name = read_string("the name of a tensor");
  const std::uint64_t count_offset = file_.offset();
  const auto count = file_.number<std::uint32_t>("the dimensions of '" + name + "'");
  if (count < 1 || count > 4) {
    file_.fail(count_offset, "1..4 dimensions of '" + name + "'", std::to_string(count));
  }
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t offset = file_.offset();
    const auto extent = file_.number<std::uint64_t>("a dimension of '" + name + "'");
    if (extent < 1 || extent > (std::uint64_t{1} << 40) / elements) {
      file_.fail(offset, "'" + name + "' to have 1..2^40 elements",
                 "a dimension of " + std::to_string(extent));
    }
    elements *= extent;
    tensor.dimensions.push_back(extent);
  }
  const std::uint64_t type_offset = file_.offset();
  tensor.type = file_.number<std::uint32_t>("the type of '" + name + "'");
  if (!is_known(tensor.type)) {
    file_.fail(type_offset, "'" + name + "' as F32 (0), F16 (1), Q4_0 (2), Q4_1 (3) or Q8_0 (8)",
               "tensor type " + std::to_string(tensor.type),
               "convert the model to F16 and quantise it with lutsim quantize");
  }
  const GgufBlockType* blocks = gguf_block_type(tensor.type);
  if (blocks != nullptr && tensor.dimensions[0] % kGgufBlock != 0) {
    file_.fail(type_offset, "rows of '" + name + "' in whole " + blocks->name + " blocks of 32",
               std::to_string(tensor.dimensions[0]) + " columns");
  }
  tensor.data_offset = file_.number<std::uint64_t>("the offset of '" + name + "'");
  if (!tensors_.emplace(name, tensor).second) {
    file_.fail(tensor.entry_offset, "tensors with different names", "'" + name + "' twice");
  }
}

void GgufFile::place_tensors() {
  std::uint64_t alignment = kDefaultAlignment;
  if (has("general.alignment")) {
    alignment = unsigned_integer("general.alignment");
    if (alignment == 0 || alignment % 8 != 0 || alignment > (1u << 20)) {
      file_.fail(offset_of("general.alignment"), "an alignment that is a multiple of 8",
                 std::to_string(alignment));
    }
  }
  const std::uint64_t data = (directory_end_ + alignment - 1) / alignment * alignment;
  for (auto& [name, tensor] : tensors_) {
    std::uint64_t elements = 1;
    for (const std::uint64_t d : tensor.dimensions) elements *= d;
    const std::uint64_t bytes = stored_bytes(tensor.type, elements);
    if (tensor.data_offset % alignment != 0) {
      file_.fail(tensor.entry_offset,
                 "'" + name + "' to begin at a multiple of " + std::to_string(alignment),
                 "offset " + std::to_string(tensor.data_offset));
    }
    if (data > file_.size() || tensor.data_offset > file_.size() - data ||
        bytes > file_.size() - data - tensor.data_offset) {
      file_.fail(tensor.entry_offset,
                 "'" + name + "' (" + std::to_string(bytes) + " bytes at data offset " +
                     std::to_string(tensor.data_offset) + ") inside the file",
                 "a file of " + std::to_string(file_.size()) + " bytes");
    }
    tensor.data_offset += data;
    tensor.data_bytes = bytes;
  }
  require_no_overlap();
}

void GgufFile::require_no_overlap() const {
  std::vector<std::pair<std::uint64_t, const std::string*>> order;
  order.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) order.emplace_back(tensor.data_offset, &name);
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const TensorInfo& tensor = tensors_.at(*order[i].second);
    if (order[i + 1].first >= tensor.data_offset + tensor.data_bytes) continue;
    file_.fail(tensors_.at(*order[i + 1].second).entry_offset,
               "'" + *order[i + 1].second + "' behind the data of '" + *order[i].second + "'",
               "an overlap");
  }
}

const GgufFile::Value& GgufFile::value(const std::string& key, const char* type) const {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    fail(directory_end_, "a key '" + key + "' (" + type + ") in the metadata", "none",
         config::did_you_mean(key, keys_of(values_)));
  }
  return found->second;
}

std::uint64_t GgufFile::unsigned_integer(const std::string& key) const {
  const Value& v = value(key, "unsigned integer");
  if (const auto* u = std::get_if<std::uint64_t>(&v.value)) return *u;
  if (const auto* i = std::get_if<std::int64_t>(&v.value); i != nullptr && *i >= 0) {
    return static_cast<std::uint64_t>(*i);
  }
  fail(v.offset, "an unsigned integer in '" + key + "'", "a value of another type");
}

double GgufFile::real(const std::string& key) const {
  const Value& v = value(key, "number");
  if (const auto* real = std::get_if<double>(&v.value)) return *real;
  fail(v.offset, "a floating-point number in '" + key + "'", "a value of another type");
}

std::string GgufFile::text(const std::string& key) const {
  const Value& v = value(key, "string");
  if (const auto* text = std::get_if<std::string>(&v.value)) return *text;
  fail(v.offset, "a string in '" + key + "'", "a value of another type");
}

const std::vector<std::string>& GgufFile::texts(const std::string& key) const {
  const Value& v = value(key, "array of strings");
  if (const auto* texts = std::get_if<std::vector<std::string>>(&v.value)) return *texts;
  fail(v.offset, "an array of strings in '" + key + "'", "a value of another type");
}

const std::vector<double>& GgufFile::reals(const std::string& key) const {
  const Value& v = value(key, "array of numbers");
  if (const auto* reals = std::get_if<std::vector<double>>(&v.value)) return *reals;
  fail(v.offset, "an array of numbers in '" + key + "'", "a value of another type");
}

std::vector<std::string> GgufFile::tensor_names() const { return keys_of(tensors_); }

const GgufFile::TensorInfo& GgufFile::info(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    fail(directory_end_, "a tensor '" + name + "'", "none",
         config::did_you_mean(name, keys_of(tensors_)));
  }
  return found->second;
}

std::uint64_t GgufFile::rows_of(const std::string& name) const {
  return info(name).dimensions.back();
}

const GgufFile::TensorInfo& GgufFile::of_shape(const std::string& name, std::uint64_t rows,
                                               std::uint64_t columns) const {
  const TensorInfo& t = info(name);
  std::vector<std::uint64_t> expected{columns};
  if (rows > 1) expected.push_back(rows);
  std::vector<std::uint64_t> found = t.dimensions;
  while (found.size() > 1 && found.back() == 1) found.pop_back();
  if (found != expected) {
    fail(t.entry_offset, "'" + name + "' of shape " + shape_text(expected) + " by the metadata",
         shape_text(t.dimensions));
  }
  return t;
}

bool GgufFile::is_quantized(const std::string& name) const {
  return gguf_block_type(info(name).type) != nullptr;
}

GgufBlocks GgufFile::blocks(const std::string& name, std::uint64_t rows,
                            std::uint64_t columns) const {
  const TensorInfo& t = of_shape(name, rows, columns);
  const GgufBlockType& type = *gguf_block_type(t.type);
  const std::uint64_t count = rows * columns / kGgufBlock;
  file_.seek(t.data_offset);
  return unpack_gguf_blocks(type, file_.bytes(count * type.bytes(), "'" + name + "'"), count);
}

std::vector<float> GgufFile::tensor(const std::string& name, std::uint64_t rows,
                                    std::uint64_t columns) const {
  const TensorInfo& t = of_shape(name, rows, columns);
  const std::uint64_t count = rows * columns;
  file_.seek(t.data_offset);
  if (t.type == kF32) return file_.finite_floats(count, "'" + name + "'");

  std::vector<float> values(count);
  const auto keep = [&](std::uint64_t i, float x, std::uint64_t offset) {
    if (!std::isfinite(x)) fail(offset, "a finite number in '" + name + "'", std::to_string(x));
    values[i] = x;
  };
  if (t.type == kF16) {
    const auto bits = file_.numbers<std::uint16_t>(count, "'" + name + "'");
    for (std::uint64_t i = 0; i < count; ++i) {
      keep(i, models::fp16_from_bits(bits[i]), t.data_offset + i * sizeof bits[0]);
    }
    return values;
  }
  const GgufBlocks blocks = this->blocks(name, rows, columns);
  for (std::uint64_t i = 0; i < count; ++i) {
    keep(i, blocks.weight(i), t.data_offset + i / kGgufBlock * blocks.type->bytes());
  }
  return values;
}

}  // namespace lutsim::workloads

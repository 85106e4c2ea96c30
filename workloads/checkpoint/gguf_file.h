// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/gguf_blocks.h"

namespace lutsim::workloads {

/// The container: keys with values, and named tensors. Knows nothing of models.
class GgufFile {
 public:
  /// Reads and checks the directory; tensor data stay in the file. Throws config::InputError.
  explicit GgufFile(ByteReader& file);

  bool has(const std::string& key) const { return values_.count(key) > 0; }

  /// Value of a key. Fails when it is missing (naming the nearest key) or of another type.
  std::uint64_t unsigned_integer(const std::string& key) const;
  double real(const std::string& key) const;
  std::string text(const std::string& key) const;
  const std::vector<std::string>& texts(const std::string& key) const;
  const std::vector<double>& reals(const std::string& key) const;

  /// Names of all tensors, sorted.
  std::vector<std::string> tensor_names() const;
  bool has_tensor(const std::string& name) const { return tensors_.count(name) > 0; }

  /// Extent of a tensor's slowest dimension. Fails when there is no such tensor.
  std::uint64_t rows_of(const std::string& name) const;

  /// A tensor of `rows` rows of `columns` elements (rows = 1: one dimension), widened to FP32.
  /// Fails when it is missing, has another shape or type, or holds a value that is not finite.
  std::vector<float> tensor(const std::string& name, std::uint64_t rows,
                            std::uint64_t columns) const;

  /// Whether a tensor is stored in blocks of integers. Fails when there is no such tensor.
  bool is_quantized(const std::string& name) const;
  /// The same as tensor(), as it is stored. Precondition: is_quantized(name).
  GgufBlocks blocks(const std::string& name, std::uint64_t rows, std::uint64_t columns) const;

  /// The directory ends here: where errors about missing things point.
  std::uint64_t directory_end() const { return directory_end_; }
  [[noreturn]] void fail(std::uint64_t offset, const std::string& expected,
                         const std::string& found, const std::string& hint = {}) const {
    file_.fail(offset, expected, found, hint);
  }
  /// Where the value of `key` is. Precondition: has(key).
  std::uint64_t offset_of(const std::string& key) const { return values_.at(key).offset; }

 private:
  struct Value {
    std::uint64_t offset = 0;  ///< of its type
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<double>,
                 std::vector<std::string>>
        value;
  };
  struct TensorInfo {
    std::uint64_t entry_offset = 0;         ///< of its entry in the directory
    std::vector<std::uint64_t> dimensions;  ///< fastest first
    std::uint32_t type = 0;
    std::uint64_t data_offset = 0;  ///< in the file
    std::uint64_t data_bytes = 0;
  };

  void read_value(const std::string& key);
  Value read_scalar(std::uint32_t type, std::uint64_t offset, const std::string& key);
  void read_array(Value& value, const std::string& key);
  std::string read_string(const std::string& what);
  void read_tensor_entry();
  void place_tensors();
  void require_no_overlap() const;
  const Value& value(const std::string& key, const char* type) const;
  const TensorInfo& info(const std::string& name) const;
  /// Fails when it is missing or has another shape.
  const TensorInfo& of_shape(const std::string& name, std::uint64_t rows,
                             std::uint64_t columns) const;

  ByteReader& file_;
  std::map<std::string, Value> values_;
  std::map<std::string, TensorInfo> tensors_;
  std::uint64_t directory_end_ = 0;
};

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "workloads/checkpoint/byte_reader.h"

namespace lutsim::workloads {

/// A safetensors file (huggingface/safetensors, README "Format"): 8 bytes with the length of a JSON
/// header, the header, and one buffer of tensors that they cover without gap or overlap. Knows
/// nothing of models.
class SafetensorsFile {
 public:
  struct Tensor {
    std::string dtype;  ///< "F16", "I32", ...
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0;  ///< byte in the file
    std::uint64_t bytes = 0;
  };

  /// Maps the file and checks its whole directory. Throws config::InputError.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::string& path() const { return file_.path(); }
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }

  /// Values of a tensor of that shape; floats are F32, F16 or BF16, all finite, widened to FP32.
  /// Throw config::InputError for another shape or type. Precondition: there is the tensor.
  std::vector<float> floats(const std::string& name, const std::vector<std::uint64_t>& shape);
  std::vector<std::int32_t> integers(const std::string& name,
                                     const std::vector<std::uint64_t>& shape);  ///< I32
  std::vector<std::uint16_t> halves(const std::string& name,
                                    const std::vector<std::uint64_t>& shape);  ///< F16, as bits

 private:
  void read_directory(std::uint64_t header_bytes);
  void require_cover(std::uint64_t buffer_begin) const;
  /// Moves to the tensor and checks its shape and that its type is one of `dtypes`.
  const Tensor& open(const std::string& name, const std::vector<std::uint64_t>& shape,
                     const std::vector<std::string>& dtypes);

  ByteReader file_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace lutsim::workloads

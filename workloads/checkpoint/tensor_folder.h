// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workloads/checkpoint/safetensors.h"

namespace lutsim::workloads {

/// The tensors of a folder: those of the shards that model.safetensors.index.json lists, of
/// model.safetensors, or of the only *.safetensors file.
class TensorFolder {
 public:
  /// Throws config::InputError: no file or several without an index, a tensor in two shards, in
  /// none or in another than the index says.
  explicit TensorFolder(const std::filesystem::path& folder);

  bool has(const std::string& name) const { return shard_of_.count(name) > 0; }
  std::vector<std::string> names() const;
  /// Path of the shard with a tensor; the folder when there is none.
  const std::string& file_of(const std::string& name) const;

  /// As those of SafetensorsFile; a tensor that is missing is an error with the nearest name.
  std::vector<float> floats(const std::string& name, const std::vector<std::uint64_t>& shape) {
    return shard(name).floats(name, shape);
  }
  std::vector<std::int32_t> integers(const std::string& name,
                                     const std::vector<std::uint64_t>& shape) {
    return shard(name).integers(name, shape);
  }
  std::vector<std::uint16_t> halves(const std::string& name,
                                    const std::vector<std::uint64_t>& shape) {
    return shard(name).halves(name, shape);
  }

 private:
  void read_index(const std::filesystem::path& folder, const std::filesystem::path& index);
  void add(const std::filesystem::path& path);
  SafetensorsFile& shard(const std::string& name);

  std::string folder_;
  std::vector<std::unique_ptr<SafetensorsFile>> shards_;
  std::map<std::string, SafetensorsFile*> shard_of_;
};

}  // namespace lutsim::workloads

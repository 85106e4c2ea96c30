// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/tensor_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "models/config/diagnostics.h"
#include "workloads/trace/json_object.h"

namespace lutsim::workloads {

namespace fs = std::filesystem;

namespace {

constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kSuffix = ".safetensors";

fs::path only_file(const fs::path& folder) {
  const fs::path usual = folder / "model.safetensors";
  if (fs::exists(usual)) return usual;
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kSuffix) files.push_back(entry.path());
  }
  if (files.size() == 1) return files.front();
  throw config::InputError(folder.string(), std::string("expected model.safetensors or ") + kIndex +
                                                ", found " + std::to_string(files.size()) +
                                                " files *.safetensors");
}

/// A name in the folder itself, nothing that leads elsewhere.
bool is_plain_name(const std::string& name) {
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  return !name.empty() && printable && fs::path(name).filename().string() == name && name != "." &&
         name != "..";
}

}  // namespace

TensorFolder::TensorFolder(const fs::path& folder) : folder_(folder.string()) {
  if (fs::exists(folder / kIndex)) {
    read_index(folder, folder / kIndex);
  } else {
    add(only_file(folder));
  }
}

void TensorFolder::read_index(const fs::path& folder, const fs::path& index) {
  ByteReader file(index);
  const nlohmann::json root = parse_strict_json(file.text(file.size(), "JSON"), file.path());
  JsonErrors errors(file.path());
  const nlohmann::json& map = JsonObject(root, "", errors).object("weight_map");
  std::map<std::string, std::string> place;
  std::set<std::string> shards;
  if (!map.is_object()) errors.add("/weight_map", "expected an object");
  for (const auto& [tensor, shard] : map.items()) {
    if (!shard.is_string() || !is_plain_name(shard.get<std::string>())) {
      errors.add("/weight_map/" + tensor, "expected the name of a file in the folder");
      continue;
    }
    shards.insert(place[tensor] = shard.get<std::string>());
  }
  errors.throw_if_any();
  for (const std::string& shard : shards) add(folder / shard);
  for (const auto& [tensor, shard] : place) {
    if (!has(tensor) || file_of(tensor) != (folder / shard).string()) {
      errors.add("/weight_map/" + tensor, "'" + shard + "' has no such tensor");
    }
  }
  for (const auto& entry : shard_of_) {
    if (place.count(entry.first) == 0) {
      errors.add("/weight_map", "lacks '" + entry.first + "' of " + file_of(entry.first));
    }
  }
  errors.throw_if_any();
}

void TensorFolder::add(const fs::path& path) {
  shards_.push_back(std::make_unique<SafetensorsFile>(path));
  for (const auto& entry : shards_.back()->tensors()) {
    const auto [place, is_new] = shard_of_.emplace(entry.first, shards_.back().get());
    if (is_new) continue;
    throw config::InputError(path.string(),
                             "'" + entry.first + "' is also in " + place->second->path());
  }
}

std::vector<std::string> TensorFolder::names() const {
  std::vector<std::string> names;
  names.reserve(shard_of_.size());
  for (const auto& entry : shard_of_) names.push_back(entry.first);
  return names;
}

const std::string& TensorFolder::file_of(const std::string& name) const {
  const auto found = shard_of_.find(name);
  return found == shard_of_.end() ? folder_ : found->second->path();
}

SafetensorsFile& TensorFolder::shard(const std::string& name) {
  const auto found = shard_of_.find(name);
  if (found == shard_of_.end()) {
    throw config::InputError(folder_, "expected a tensor '" + name + "', found none",
                             config::did_you_mean(name, names()));
  }
  return *found->second;
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "models/config/named.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"

namespace lutsim::config {

std::vector<std::string> list_named(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_root() / folder, error)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path find_named(const std::string& folder, const std::string& name_or_path,
                                 const std::string& what) {
  std::filesystem::path path = name_or_path;
  const std::string extension = path.extension().string();
  const bool is_path = name_or_path.find('/') != std::string::npos || extension == ".yaml" ||
                       extension == ".yml" || extension == ".json";
  if (is_path) {
    if (!std::filesystem::exists(path)) throw InputError(name_or_path, "no such file");
    return path;
  }
  const std::vector<std::string> names = list_named(folder);
  if (std::find(names.begin(), names.end(), name_or_path) == names.end()) {
    const std::string near = did_you_mean(name_or_path, names);
    throw InputError(name_or_path,
                     "no " + what + " has this name (one of: " + comma_list(names) + ")",
                     near.empty() ? "a path to a file of your own ends in .yaml" : near);
  }
  return data_root() / folder / (name_or_path + ".yaml");
}

std::vector<std::string> list_archs() { return list_named(kHardwareFolder); }

std::filesystem::path find_arch(const std::string& name_or_path) {
  return find_named(kHardwareFolder, name_or_path, "architecture");
}

namespace {

/// NAME-ENGINE, a shipped architecture with another engine.
struct EngineVariant {
  std::string base;
  spec::Engine engine;
};

bool is_shipped_arch(const std::string& name) {
  const std::vector<std::string> names = list_archs();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<EngineVariant> engine_variant(const std::string& name) {
  for (const auto& engine : enum_names(spec::Engine{})) {
    const std::string suffix = std::string("-") + engine.name;
    if (name.size() <= suffix.size()) continue;
    const std::size_t length = name.size() - suffix.size();
    const std::string base = name.substr(0, length);
    if (name.compare(length, std::string::npos, suffix) == 0 && is_shipped_arch(base)) {
      return EngineVariant{base, engine.value};
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_arch_name(const std::string& name) {
  return is_shipped_arch(name) || engine_variant(name).has_value();
}

spec::ArchSpec load_arch(const std::string& name_or_path, const std::vector<std::string>& sets) {
  const auto variant = is_shipped_arch(name_or_path) ? std::nullopt : engine_variant(name_or_path);
  if (!variant) return read_yaml<spec::ArchSpec>(find_arch(name_or_path), sets);
  spec::ArchSpec arch = load_arch(variant->base);
  arch.name = name_or_path;
  arch.description +=
      "; engine " + spec::to_string_of(variant->engine) + " at equal peak throughput";
  arch.matrix = spec::with_engine(arch.matrix, variant->engine);
  apply_sets(arch, sets);
  return arch;
}

}  // namespace lutsim::config

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"

/// Named configurations: the YAML files that the project ships.
namespace lutsim::config {

/// Folders below data_root().
constexpr const char* kHardwareFolder = "models/hardware";
constexpr const char* kMemoryFolder = "models/hardware/memory";
constexpr const char* kEnergyFolder = "models/hardware/energy";
constexpr const char* kGpuFolder = "models/hardware/gpu";
constexpr const char* kCostFolder = "models/hardware/cost";
constexpr const char* kQualityFolder = "models/quality";

/// Names (without .yaml) in a folder below data_root(), sorted.
std::vector<std::string> list_named(const std::string& folder);

/// The file that `name_or_path` stands for: a shipped NAME, or a path (it has a '/' or ends in
/// .yaml, .yml or .json). `what` says what is looked for ("architecture"). Throws InputError with
/// the nearest name when there is none.
std::filesystem::path find_named(const std::string& folder, const std::string& name_or_path,
                                 const std::string& what);

std::vector<std::string> list_archs();
std::filesystem::path find_arch(const std::string& name_or_path);

/// Whether load_arch() takes this for the name of a shipped architecture, with or without an
/// engine.
bool is_arch_name(const std::string& name);

/// Reads an architecture by name or path and applies overrides. A name of the form NAME-ENGINE
/// that has no file of its own ("server-card-figna") is NAME with that engine at equal peak
/// throughput (spec::with_engine). Throws InputError, and SpecError when the engine cannot have it.
spec::ArchSpec load_arch(const std::string& name_or_path,
                         const std::vector<std::string>& sets = {});

}  // namespace lutsim::config

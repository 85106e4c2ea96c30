// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "models/config/type_info.h"

namespace lutsim::tools {

/// A kind of input file, known by the first part of its schema ("arch" of "lutsim.arch/1").
struct InputKind {
  std::string name;
  std::string doc;     ///< what such a file describes
  std::string folder;  ///< where the shipped ones are, below config::data_root(); empty: none
  const config::TypeInfo* type;
  /// Reads a file strictly. Throws config::InputError.
  std::function<void(const std::filesystem::path&)> check;
};

/// Every kind. A new format is one line in input_kinds.cpp; its JSON Schema, documentation table,
/// `lutsim config check` and `lutsim config explain` follow.
const std::vector<InputKind>& input_kinds();

/// The kind with this name. Throws config::InputError with the nearest name.
const InputKind& input_kind(const std::string& name);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/config/describe.h"

/// `lutsim config`: the one field list, as a user sees it.
namespace lutsim::tools {

/// A file that was read without an error.
struct CheckedFile {
  std::string path;
  std::string kind;  ///< "arch", "memory", ...
};

/// Reads every file strictly as the kind that its `schema` names; without paths, every shipped
/// file. Throws config::InputError with the errors of all of them.
std::vector<CheckedFile> config_check(const std::vector<std::string>& paths);

/// JSON Schema of a kind of file. Throws config::InputError with the nearest name.
nlohmann::ordered_json config_schema(const std::string& kind);

/// A parameter and the kind of file that has it.
struct Explanation {
  std::string kind;
  std::string schema;  ///< "lutsim.arch/1"
  config::FieldInfo field;
};

/// The parameter that a path names, or all that lie below it ("matrix"), or all of a kind ("arch").
/// Values are those of the architecture `default`, otherwise the initialisers. Throws
/// config::InputError with the nearest path.
std::vector<Explanation> config_explain(const std::string& path);

/// For people; ends with a newline.
std::string explanation_text(const std::vector<Explanation>& explanations);
nlohmann::ordered_json explanation_json(const std::vector<Explanation>& explanations);

}  // namespace lutsim::tools

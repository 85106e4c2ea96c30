// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "models/config/diagnostics.h"
#include "models/spec/field.h"

/// Enumerations as command-line options.
namespace lutsim::tools {

template <class Enum>
std::vector<std::string> choice_names() {
  std::vector<std::string> names;
  for (const auto& e : enum_names(Enum{})) names.emplace_back(e.name);
  return names;
}

/// "a, b, c"
template <class Enum>
std::string choices() {
  return config::comma_list(choice_names<Enum>());
}

/// The enumerator called `name`, if there is one.
template <class Enum>
std::optional<Enum> find_choice(const std::string& name) {
  for (const auto& e : enum_names(Enum{})) {
    if (name == e.name) return e.value;
  }
  return std::nullopt;
}

/// The enumerator called `name`. Throws config::InputError with the nearest name.
template <class Enum>
Enum choice(const std::string& option, const std::string& name) {
  if (const auto found = find_choice<Enum>(name)) return *found;
  throw config::InputError(option, "'" + name + "' is not one of: " + choices<Enum>(),
                           config::did_you_mean(name, choice_names<Enum>()));
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "models/config/type_info.h"

/// Values as text. Throws spec::SpecError for infinity and NaN, which no file can spell.
namespace lutsim::config {

/// Canonical YAML: block style, every field, the largest unit that is exact.
std::string write_yaml(const TypeInfo& type, const Value& value);

/// JSON in base units.
nlohmann::ordered_json to_json(const TypeInfo& type, const Value& value);

/// One value as it stands in a YAML file: "500 MHz", "fp16", "\"off\"". Precondition: a single
/// value.
std::string value_text(const FieldEntry& field, const TypeInfo& type, const Value& value);

/// Canonical text of a parameter struct; read_yaml_text() of it gives the same struct, bit for bit.
template <class Spec>
std::string write_yaml(const Spec& spec) {
  return write_yaml(type_info<Spec>(), to_value(spec));
}

/// A parameter struct in base units, enumerators by name.
template <class Spec>
nlohmann::ordered_json to_json(const Spec& spec) {
  return to_json(type_info<Spec>(), to_value(spec));
}

}  // namespace lutsim::config

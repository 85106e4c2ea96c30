// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/config/type_info.h"

/// What a field list says, for people, editors and sweeps.
namespace lutsim::config {

/// One parameter that is a single value.
struct FieldInfo {
  std::string path;  ///< dotted, as --set and sweep axes spell it; "*" for the items of a list
  std::string key;   ///< last component of the path
  Kind kind = Kind::boolean;
  spec::Unit unit = spec::Unit::none;
  std::string range;  ///< "1 MHz .. 10 GHz"; empty: every value of the type
  double min = 0;     ///< in the base unit, infinite when there is no bound
  double max = 0;
  std::string initial;    ///< initialiser of the struct, with its unit
  bool optional = false;  ///< may be absent from a file
  std::string doc;
  std::vector<std::string> choices;  ///< names of an enumeration
  std::string rtl;                   ///< parameter of rtl/gen/lutsim_pkg.sv, empty: not in the RTL
};

std::vector<FieldInfo> describe_fields(const TypeInfo& type);

/// "whole number", "number", "text", "true or false", "one of: a, b".
std::string kind_text(const FieldInfo& field);

/// JSON Schema draft-07; documentation, units (as patterns), ranges and enumerators included.
nlohmann::ordered_json json_schema(const TypeInfo& type);

template <class Spec>
std::vector<FieldInfo> describe_fields() {
  return describe_fields(type_info<Spec>());
}

template <class Spec>
nlohmann::ordered_json json_schema() {
  return json_schema(type_info<Spec>());
}

}  // namespace lutsim::config

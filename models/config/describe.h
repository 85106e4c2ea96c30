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
  std::string value;      ///< with its unit; empty for a list of single values
  bool optional = false;  ///< may be absent from a file
  std::string doc;
  std::vector<std::string> choices;  ///< every legal value, when they can be listed
  std::string rtl;                   ///< parameter of rtl/gen/lutsim_pkg.sv, empty: not in the RTL
};

/// Every single value below a structure, in file order. FieldInfo::value is the initialiser of the
/// struct, or what `values` (a value of the structure) gives.
std::vector<FieldInfo> describe_fields(const TypeInfo& type);
std::vector<FieldInfo> describe_fields(const TypeInfo& type, const Value& values);

/// "whole number", "number in Hz", "text".
std::string kind_text(const FieldInfo& field);

/// What a file may give: the range, the names, or the kind of value with its unit.
std::string legal_text(const FieldInfo& field);

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

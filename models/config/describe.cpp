// SPDX-License-Identifier: Apache-2.0
#include "models/config/describe.h"

#include <cmath>

#include "models/config/diagnostics.h"
#include "models/config/document.h"
#include "models/config/units.h"
#include "models/config/write_yaml.h"

namespace lutsim::config {
namespace {

using Json = nlohmann::ordered_json;

void collect(const FieldEntry& field, const TypeInfo& type, const std::string& path,
             const Value* initial, std::vector<FieldInfo>& infos) {
  if (type.kind == Kind::structure) {
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      const FieldEntry& f = type.fields[i];
      const Value* child =
          initial == nullptr ? &f.initial : &std::get<std::vector<Value>>(initial->data).at(i);
      collect(f, f.type, path.empty() ? f.key : path + "." + f.key, child, infos);
    }
    return;
  }
  if (type.kind == Kind::list)
    return collect(field, type.item.front(), path + ".*", nullptr, infos);
  FieldInfo info;
  info.path = path;
  info.key = field.key;
  info.kind = type.kind;
  info.unit = field.unit;
  info.range = range_text(field);
  info.min = field.min;
  info.max = field.max;
  if (initial != nullptr) info.value = value_text(field, type, *initial);
  info.optional = field.optional;
  info.doc = field.doc;
  info.choices = type.names;
  if (!required_schema(field).empty()) info.choices = {required_schema(field)};
  if (type.kind == Kind::boolean) info.choices = {"true", "false"};
  info.rtl = field.rtl;
  infos.push_back(std::move(info));
}

/// A decimal number followed by a unit of the family; the numbers are those of split_number().
std::string quantity_pattern(const FieldEntry& field, const TypeInfo& type) {
  std::string units;
  for (const std::string& name : unit_spellings(field.unit)) {
    units += (units.empty() ? "" : "|") + name;
  }
  const std::string sign = field.min >= 0 || type.kind == Kind::integer ? "" : "-?";
  const std::string exponent = type.kind == Kind::integer ? "" : "([eE][-+]?[0-9]{1,4})?";
  return "^" + sign + R"((0|[1-9][0-9]*)(\.[0-9]+)?)" + exponent + " *(" + units + ")$";
}

Json schema_of_structure(const TypeInfo& type);

Json schema_of(const FieldEntry& field, const TypeInfo& type) {
  Json j = Json::object();
  switch (type.kind) {
    case Kind::boolean:
      j["type"] = "boolean";
      break;
    case Kind::text:
      j["type"] = "string";
      break;
    case Kind::enumeration:
      j["enum"] = type.names;
      break;
    case Kind::structure:
      return schema_of_structure(type);
    case Kind::list:
      j["type"] = "array";
      j["items"] = schema_of(field, type.item.front());
      break;
    case Kind::integer:
    case Kind::real:
      if (field.unit != spec::Unit::none) {
        j["type"] = "string";
        j["pattern"] = quantity_pattern(field, type);
      } else {
        j["type"] = type.kind == Kind::integer ? "integer" : "number";
        const auto bound = [&](double value) {
          return type.kind == Kind::integer ? Json(static_cast<std::uint64_t>(value)) : Json(value);
        };
        if (std::isfinite(field.min)) {
          j["minimum"] = bound(field.min);
        } else if (type.kind == Kind::integer) {
          j["minimum"] = 0;
        }
        if (std::isfinite(field.max)) j["maximum"] = bound(field.max);
      }
  }
  return j;
}

std::string description(const FieldEntry& field) {
  const std::string range = range_text(field);
  return range.empty() ? field.doc : field.doc + " (" + range + ")";
}

Json schema_of_structure(const TypeInfo& type) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldEntry& f : type.fields) {
    Json j = schema_of(f, f.type);
    if (!required_schema(f).empty()) j["const"] = required_schema(f);
    j["description"] = description(f);
    properties[f.key] = std::move(j);
    if (!f.optional) required.push_back(f.key);
  }
  Json j;
  j["type"] = "object";
  j["additionalProperties"] = false;
  j["properties"] = std::move(properties);
  if (!required.empty()) j["required"] = std::move(required);
  return j;
}

}  // namespace

std::vector<FieldInfo> describe_fields(const TypeInfo& type) {
  std::vector<FieldInfo> infos;
  collect(FieldEntry{}, type, "", nullptr, infos);
  return infos;
}

std::vector<FieldInfo> describe_fields(const TypeInfo& type, const Value& values) {
  std::vector<FieldInfo> infos;
  collect(FieldEntry{}, type, "", &values, infos);
  return infos;
}

std::string kind_text(const FieldInfo& field) {
  const std::string unit = base_unit(field.unit);
  const std::string of = unit.empty() ? "" : " in " + unit;
  switch (field.kind) {
    case Kind::integer:
      return "whole number" + of;
    case Kind::real:
      return "number" + of;
    default:
      return "text";
  }
}

std::string legal_text(const FieldInfo& field) {
  if (!field.choices.empty()) return comma_list(field.choices);
  return field.range.empty() ? kind_text(field) : field.range;
}

nlohmann::ordered_json json_schema(const TypeInfo& type) {
  Json j;
  j["$schema"] = "http://json-schema.org/draft-07/schema#";
  for (const FieldEntry& f : type.fields) {
    if (!required_schema(f).empty()) j["title"] = required_schema(f);
  }
  j.update(schema_of_structure(type));
  return j;
}

}  // namespace lutsim::config

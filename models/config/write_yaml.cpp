// SPDX-License-Identifier: Apache-2.0
#include "models/config/write_yaml.h"

#include <array>
#include <cstdio>
#include <regex>

#include "models/config/units.h"

namespace lutsim::config {
namespace {

/// Text in double quotes unless every YAML reader, 1.1 or 1.2, takes the plain form for this text.
std::string yaml_string(const std::string& text) {
  static const std::regex plain(
      R"([A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./(-][A-Za-z0-9_./()-]*)*)");
  static const std::regex reserved("(true|false|null|yes|no|on|off|y|n)", std::regex::icase);
  constexpr std::size_t kLongest = 200;  // std::regex recurses once per character
  if (text.size() <= kLongest && std::regex_match(text, plain) &&
      !std::regex_match(text, reserved)) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += std::string("\\") + c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(c));
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool is_single(const TypeInfo& type) {
  return type.kind != Kind::structure && type.kind != Kind::list;
}

void write_fields(const TypeInfo& type, const Value& value, const std::string& indent,
                  std::string& out);

/// What stands after "key:" or "-".
void write_value(const FieldEntry& field, const TypeInfo& type, const Value& value,
                 const std::string& indent, std::string& out) {
  if (is_single(type)) {
    out += " " + value_text(field, type, value) + "\n";
    return;
  }
  const auto& children = std::get<std::vector<Value>>(value.data);
  if (type.kind == Kind::structure) {
    out += "\n";
    write_fields(type, value, indent, out);
    return;
  }
  if (children.empty()) {
    out += " []\n";
    return;
  }
  out += "\n";
  const TypeInfo& item = type.item.front();
  for (const Value& child : children) {
    out += indent + "-";
    if (item.kind == Kind::structure) {
      // The first key stands on the line of the dash.
      std::string block;
      write_fields(item, child, indent + "  ", block);
      out += " " + block.substr(indent.size() + 2);
    } else {
      write_value(field, item, child, indent + "  ", out);
    }
  }
}

void write_fields(const TypeInfo& type, const Value& value, const std::string& indent,
                  std::string& out) {
  const auto& values = std::get<std::vector<Value>>(value.data);
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const FieldEntry& f = type.fields[i];
    out += indent + f.key + ":";
    write_value(f, f.type, values.at(i), indent + "  ", out);
  }
}

}  // namespace

std::string value_text(const FieldEntry& field, const TypeInfo& type, const Value& value) {
  switch (type.kind) {
    case Kind::boolean:
      return std::get<bool>(value.data) ? "true" : "false";
    case Kind::integer:
      return quantity_text(std::get<std::uint64_t>(value.data), field.unit);
    case Kind::real:
      return quantity_text(std::get<double>(value.data), field.unit);
    default:
      return yaml_string(std::get<std::string>(value.data));
  }
}

std::string write_yaml(const TypeInfo& type, const Value& value) {
  std::string out;
  write_fields(type, value, "", out);
  return out;
}

nlohmann::ordered_json to_json(const TypeInfo& type, const Value& value) {
  switch (type.kind) {
    case Kind::boolean:
      return std::get<bool>(value.data);
    case Kind::integer:
      return std::get<std::uint64_t>(value.data);
    case Kind::real: {
      shortest(std::get<double>(value.data));  // refuses what JSON cannot spell
      return std::get<double>(value.data);
    }
    case Kind::text:
    case Kind::enumeration:
      return std::get<std::string>(value.data);
    case Kind::list:
    case Kind::structure:
      break;
  }
  const auto& children = std::get<std::vector<Value>>(value.data);
  if (type.kind == Kind::list) {
    auto list = nlohmann::ordered_json::array();
    for (const Value& child : children) list.push_back(to_json(type.item.front(), child));
    return list;
  }
  auto object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    object[type.fields[i].key] = to_json(type.fields[i].type, children.at(i));
  }
  return object;
}

}  // namespace lutsim::config

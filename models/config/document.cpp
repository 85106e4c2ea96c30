// SPDX-License-Identifier: Apache-2.0
#include "models/config/document.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <regex>
#include <tuple>
#include <utility>

#include "models/config/units.h"

namespace lutsim::config {
namespace {

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string block_name(const std::string& path) { return path.empty() ? "the file" : path; }

/// True for what a YAML 1.2 reader takes for a number, a Boolean or null when it is not in quotes.
bool looks_like_no_text(const std::string& text) {
  static const std::regex pattern(
      R"(true|True|TRUE|false|False|FALSE|null|Null|NULL|~)"
      R"(|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"
      R"(|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))");
  constexpr std::size_t kLongest = 64;  // std::regex recurses once per character
  return text.size() <= kLongest && std::regex_match(text, pattern);
}

Value initial_value(const TypeInfo& type) {
  switch (type.kind) {
    case Kind::boolean:
      return Value{false};
    case Kind::integer:
      return Value{std::uint64_t{0}};
    case Kind::real:
      return Value{0.0};
    case Kind::text:
      return Value{std::string{}};
    case Kind::enumeration:
      return Value{type.names.front()};
    case Kind::list:
      return Value{std::vector<Value>{}};
    case Kind::structure:
      break;
  }
  std::vector<Value> values;
  for (const FieldEntry& f : type.fields) values.push_back(f.initial);
  return Value{std::move(values)};
}

std::vector<std::string> keys_of(const TypeInfo& structure) {
  std::vector<std::string> keys;
  for (const FieldEntry& f : structure.fields) keys.push_back(f.key);
  return keys;
}

void collect_paths(const TypeInfo& type, const std::string& path, std::vector<std::string>& paths) {
  if (type.kind == Kind::structure) {
    for (const FieldEntry& f : type.fields) collect_paths(f.type, join(path, f.key), paths);
  } else if (type.kind == Kind::list) {
    collect_paths(type.item.front(), join(path, "*"), paths);
  } else {
    paths.push_back(path);
  }
}

/// Way out for a key that its block does not have: a slip of the hand, or a key of another block.
std::string hint_for_key(const TypeInfo& root, const TypeInfo& block, const std::string& key) {
  std::string hint = did_you_mean(key, keys_of(block));
  if (!hint.empty()) return hint;
  for (const std::string& path : all_paths(root)) {
    if (path.substr(path.rfind('.') + 1) == key) return "did you mean '" + path + "'?";
  }
  return "the keys are: " + comma_list(keys_of(block));
}

bool equal_but_for_case(const std::string& a, const std::string& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

std::string bound_text(const FieldEntry& field, double bound) {
  const bool whole = field.type.kind == Kind::integer && bound >= 0 && bound < 1.8e19;
  return whole ? quantity_text(static_cast<std::uint64_t>(bound), field.unit)
               : quantity_text(bound, field.unit);
}

}  // namespace

std::vector<std::string> all_paths(const TypeInfo& type) {
  std::vector<std::string> paths;
  collect_paths(type, "", paths);
  return paths;
}

std::string required_schema(const FieldEntry& field) {
  const bool names_a_schema = field.key == "schema" && field.type.kind == Kind::text;
  return names_a_schema ? std::get<std::string>(field.initial.data) : "";
}

std::string leading_path(const std::string& message) {
  const std::size_t end = message.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.");
  return message.substr(0, end);
}

std::string range_text(const FieldEntry& field) {
  const bool has_min = std::isfinite(field.min);
  const bool has_max = std::isfinite(field.max);
  if (has_min && has_max)
    return bound_text(field, field.min) + " .. " + bound_text(field, field.max);
  if (has_min) return "at least " + bound_text(field, field.min);
  if (has_max) return "at most " + bound_text(field, field.max);
  return "";
}

/// What a dotted path leads to. `field` carries the unit and the range.
struct Document::Target {
  const FieldEntry* field;
  const TypeInfo* type;
  Value* value;
};

/// One pass over one source.
class Document::Walk {
 public:
  Walk(Document& document, std::size_t source) : document_(document), source_(source) {}

  /// `at`: where the block was named, the place of errors about what it lacks.
  void structure(const TypeInfo& type, const YamlNode& node, Position at, const std::string& path,
                 Value& out) {
    if (node.kind != YamlNode::Kind::map) {
      error(node.kind == YamlNode::Kind::null ? at : node.at,
            block_name(path) + " must be a map of keys, but is " + node.kind_text());
      return;
    }
    auto& values = std::get<std::vector<Value>>(out.data);
    std::map<std::string, Position> seen;
    for (const auto& [key, child] : node.entries) {
      const auto [first, is_new] = seen.emplace(key.name, key.at);
      if (!is_new) {
        error(key.at, "key '" + join(path, key.name) + "' is given twice (first on line " +
                          std::to_string(first->second.line) + ")");
        continue;
      }
      const auto field =
          std::find_if(type.fields.begin(), type.fields.end(),
                       [&, &name = key.name](const FieldEntry& f) { return f.key == name; });
      if (field == type.fields.end()) {
        error(key.at, "unknown key '" + join(path, key.name) + "'",
              hint_for_key(document_.type_, type, key.name));
        continue;
      }
      const auto index = static_cast<std::size_t>(field - type.fields.begin());
      value(*field, field->type, child, key.at, join(path, key.name), values[index]);
    }
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      const FieldEntry& f = type.fields[i];
      if (seen.count(f.key) != 0) continue;
      if (!f.optional) error(at, "missing key '" + join(path, f.key) + "' (" + f.doc + ")");
    }
  }

  /// `type` is the field's type, or the type of an item when the field is a list.
  void value(const FieldEntry& field, const TypeInfo& type, const YamlNode& node, Position at,
             const std::string& path, Value& out) {
    document_.origins_[path] = {source_, node.kind == YamlNode::Kind::null ? at : node.at};
    if (type.kind == Kind::structure) {
      structure(type, node, at, path, out);
    } else if (type.kind == Kind::list) {
      list(field, type.item.front(), node, at, path, out);
    } else if (node.kind == YamlNode::Kind::null) {
      error(at, path + " has no value");
    } else if (node.kind != YamlNode::Kind::scalar) {
      error(node.at, path + " must be a single value, but is " + node.kind_text());
    } else {
      scalar(field, type, node, path, out);
    }
  }

  /// The value that a dotted path names; reports the first component that is wrong.
  std::optional<Target> find_target(const std::string& path) {
    Target target{nullptr, &document_.type_, &document_.value_};
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      const Position at{1, static_cast<std::uint32_t>(begin + 1)};
      if (!descend(path.substr(begin, end - begin), path.substr(0, end), at, target)) {
        return std::nullopt;
      }
      begin = end + 1;
    }
    return target;
  }

 private:
  /// One component of a dotted path; `so_far` is the path up to and with it.
  bool descend(const std::string& key, const std::string& so_far, Position at, Target& target) {
    const TypeInfo& type = *target.type;
    if (type.kind != Kind::structure && type.kind != Kind::list) {
      error(at, "unknown key '" + so_far + "'", "the key before it is a single value");
      return false;
    }
    auto& children = std::get<std::vector<Value>>(target.value->data);
    if (type.kind == Kind::list) {
      const std::optional<NumberText> number = split_number(key);
      const IntegerResult index =
          number ? to_integer(number->number, nullptr) : IntegerResult{IntegerFit::fraction, 0};
      if (!number || !number->unit.empty() || index.fit != IntegerFit::exact ||
          index.value >= children.size()) {
        error(at, "unknown item '" + so_far + "'",
              "the list has " + std::to_string(children.size()) + " items, counted from 0");
        return false;
      }
      target = {target.field, &type.item.front(), &children[index.value]};
      return true;
    }
    const auto field = std::find_if(type.fields.begin(), type.fields.end(),
                                    [&](const FieldEntry& f) { return f.key == key; });
    if (field == type.fields.end()) {
      error(at, "unknown key '" + so_far + "'", hint_for_key(document_.type_, type, key));
      return false;
    }
    const auto i = static_cast<std::size_t>(field - type.fields.begin());
    target = {&*field, &field->type, &children[i]};
    return true;
  }

  void list(const FieldEntry& field, const TypeInfo& item, const YamlNode& node, Position at,
            const std::string& path, Value& out) {
    if (node.kind != YamlNode::Kind::list) {
      error(node.kind == YamlNode::Kind::null ? at : node.at,
            path + " must be a list, but is " + node.kind_text());
      return;
    }
    std::vector<Value> values;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      values.push_back(initial_value(item));
      value(field, item, node.items[i], node.items[i].at, join(path, std::to_string(i)),
            values.back());
    }
    out = Value{std::move(values)};
  }

  void scalar(const FieldEntry& field, const TypeInfo& type, const YamlNode& node,
              const std::string& path, Value& out) {
    switch (type.kind) {
      case Kind::boolean:
        return boolean(node, path, out);
      case Kind::text:
        return text(field, node, path, out);
      case Kind::enumeration:
        return enumeration(type, node, path, out);
      default:
        return number(field, type, node, path, out);
    }
  }

  void boolean(const YamlNode& node, const std::string& path, Value& out) {
    if (!node.quoted && (node.text == "true" || node.text == "false")) {
      out = Value{node.text == "true"};
    } else {
      error(node.at, path + " must be true or false, but is '" + node.text + "'");
    }
  }

  void text(const FieldEntry& field, const YamlNode& node, const std::string& path, Value& out) {
    const std::string required = required_schema(field);
    if (!node.quoted && looks_like_no_text(node.text)) {
      error(node.at, path + " must be text, but is " + node.text,
            "write it in quotes: \"" + node.text + "\"");
    } else if (!required.empty() && node.text != required) {
      error(node.at, path + " is '" + node.text + "', expected '" + required + "'");
    } else {
      out = Value{node.text};
    }
  }

  void enumeration(const TypeInfo& type, const YamlNode& node, const std::string& path,
                   Value& out) {
    if (std::find(type.names.begin(), type.names.end(), node.text) != type.names.end()) {
      out = Value{node.text};
    } else {
      error(node.at, path + ": '" + node.text + "' is not one of: " + comma_list(type.names),
            did_you_mean(node.text, type.names));
    }
  }

  void number(const FieldEntry& field, const TypeInfo& type, const YamlNode& node,
              const std::string& path, Value& out) {
    const bool whole = type.kind == Kind::integer;
    const auto parts = split_number(node.text);
    const bool has_exponent = parts && parts->number.find_first_of("eE") != std::string::npos;
    // Quotes are how YAML spells text; a quantity with a unit is text, a bare number is not.
    const bool quoted_number = node.quoted && field.unit == spec::Unit::none;
    if (!parts || quoted_number || (whole && has_exponent)) {
      error(node.at, path + " must be a " + (whole ? "whole number" : "number") +
                         (field.unit == spec::Unit::none ? "" : " with a unit") + ", but is '" +
                         node.text + "'" + (quoted_number ? " in quotes" : ""));
      return;
    }
    const UnitName* unit = nullptr;
    if (!find_unit(field, node, *parts, path, unit)) return;
    if (whole) {
      whole_number(field, type, node, parts->number, unit, path, out);
    } else {
      real_number(field, node, parts->number, unit, path, out);
    }
  }

  bool find_unit(const FieldEntry& field, const YamlNode& node, const NumberText& parts,
                 const std::string& path, const UnitName*& unit) {
    const auto& family = unit_names(field.unit);
    if (family.empty()) {
      if (parts.unit.empty()) return true;
      error(node.at, path + " takes no unit, but has '" + parts.unit + "'");
      return false;
    }
    for (const UnitName& u : family) {
      if (parts.unit == u.name) {
        unit = &u;
        return true;
      }
    }
    const std::vector<std::string> spellings = unit_spellings(field.unit);
    const std::string legal = " (one of: " + comma_list(spellings) + ")";
    if (parts.unit.empty()) {
      error(
          node.at, path + " needs a unit" + legal,
          spellings.size() == 1 ? "did you mean '" + parts.number + " " + spellings[0] + "'?" : "");
    } else {
      error(node.at, path + ": unknown unit '" + parts.unit + "'" + legal,
            unit_hint(parts, spellings));
    }
    return false;
  }

  static std::string unit_hint(const NumberText& parts, const std::vector<std::string>& spellings) {
    if (parts.unit == "KB") return "write kB for 1000 bytes or KiB for 1024 bytes";
    std::vector<std::string> same;
    for (const std::string& s : spellings) {
      if (equal_but_for_case(s, parts.unit)) same.push_back(s);
    }
    const std::string near = same.size() == 1 ? same[0] : nearest_name(parts.unit, spellings);
    return near.empty() ? "" : "did you mean '" + parts.number + " " + near + "'?";
  }

  void whole_number(const FieldEntry& field, const TypeInfo& type, const YamlNode& node,
                    const std::string& number, const UnitName* unit, const std::string& path,
                    Value& out) {
    const IntegerResult result = to_integer(number, unit);
    if (result.fit == IntegerFit::fraction) {
      const std::string base = base_unit(field.unit);
      error(node.at, path + " = " + node.text + " is not a whole number" +
                         (base.empty() ? "" : " of " + base));
      return;
    }
    // 64 bits of mantissa compare every integer exactly with the bounds.
    const auto wide = static_cast<long double>(result.value);
    const bool fits = result.fit == IntegerFit::exact && result.value <= type.max_integer &&
                      wide >= static_cast<long double>(field.min) &&
                      wide <= static_cast<long double>(field.max);
    if (fits) {
      out = Value{result.value};
    } else {
      FieldEntry bounds = field;
      bounds.min = std::max(bounds.min, 0.0);
      if (!std::isfinite(bounds.max)) bounds.max = static_cast<double>(type.max_integer);
      bounds.type = type;
      // 2^64 - 1 is no double: say its value, not the double next to it.
      const bool widest = bounds.max > 1.8e19;
      error(node.at, path + " = " + node.text + " is outside " +
                         (widest ? bound_text(bounds, bounds.min) + " .. " +
                                       quantity_text(type.max_integer, field.unit)
                                 : range_text(bounds)));
    }
  }

  void real_number(const FieldEntry& field, const YamlNode& node, const std::string& number,
                   const UnitName* unit, const std::string& path, Value& out) {
    const auto value = to_double(number, unit);
    if (!value) {
      error(node.at, path + " = " + node.text + " is too large or too small for a double");
    } else if (*value < field.min || *value > field.max) {
      const bool interval = std::isfinite(field.min) && std::isfinite(field.max);
      error(node.at, path + " = " + node.text + (interval ? " is outside " : " must be ") +
                         range_text(field));
    } else {
      out = Value{*value};
    }
  }

  void error(Position at, const std::string& message, const std::string& hint = {}) {
    document_.errors_.push_back(document_.sources_[source_].error(at, message, hint));
  }

  Document& document_;
  std::size_t source_;
};

namespace {

/// The value of the first key `schema` of a file, null when it has none.
const YamlNode* schema_node(const YamlNode& root) {
  for (const auto& [key, node] : root.entries) {
    if (key.name == "schema" && node.kind == YamlNode::Kind::scalar) return &node;
  }
  return nullptr;
}

}  // namespace

Document::Document(const TypeInfo& type, Value initial) : type_(type), value_(std::move(initial)) {}

void Document::read(const Source& source) {
  sources_.push_back(source);
  const std::size_t errors_before = errors_.size();
  const YamlNode root = parse_yaml(source, errors_);
  if (errors_.size() > errors_before) return;
  std::string required;
  for (const FieldEntry& f : type_.fields) required += required_schema(f);
  const YamlNode* found = schema_node(root);
  // A file of another format would fail on every key; the one error that matters is this one.
  if (!required.empty() && found != nullptr && found->text != required) {
    errors_.push_back(source.error(
        found->at, "this file has schema '" + found->text + "', expected '" + required + "'"));
    return;
  }
  Walk(*this, sources_.size() - 1).structure(type_, root, {1, 1}, "", value_);
}

void Document::set(const std::string& assignment, const std::string& label) {
  sources_.emplace_back(label, assignment);
  const Source& source = sources_.back();
  Walk walk(*this, sources_.size() - 1);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    errors_.push_back(source.error({1, 1}, "expected PATH=VALUE", "for example clock=800 MHz"));
    return;
  }
  const std::string path = assignment.substr(0, equals);
  const std::optional<Target> target = walk.find_target(path);
  if (!target) return;

  const Position at{1, static_cast<std::uint32_t>(equals + 2)};
  const TypeInfo& type = *target->type;
  YamlNode node;
  if (type.kind == Kind::structure || type.kind == Kind::list) {
    // Blanks in the place of "path=" keep the columns of the value.
    const Source flow(label, std::string(equals + 1, ' ') + assignment.substr(equals + 1));
    const std::size_t errors_before = errors_.size();
    node = parse_yaml(flow, errors_);
    for (std::size_t i = errors_before; i < errors_.size(); ++i) {
      errors_[i].source_line = assignment;
    }
    if (errors_.size() > errors_before) return;
  } else {
    node.text = assignment.substr(equals + 1);
    node.at = at;
    // The shell took the quotes: whatever is given to a text is text.
    node.quoted = type.kind == Kind::text;
    node.kind = node.text.empty() && !node.quoted ? YamlNode::Kind::null : YamlNode::Kind::scalar;
  }
  walk.value(*target->field, type, node, at, path, *target->value);
}

void Document::add_error(const std::string& path, const std::string& message,
                         const std::string& hint) {
  for (std::string place = path;; place.erase(place.rfind('.'))) {
    const auto origin = origins_.find(place);
    if (origin != origins_.end()) {
      errors_.push_back(sources_[origin->second.source].error(origin->second.at, message, hint));
      return;
    }
    if (place.find('.') == std::string::npos) break;
  }
  const std::string name = sources_.empty() ? "configuration" : sources_.front().name();
  errors_.push_back({name, 0, 0, message, hint, {}});
}

void Document::throw_if_errors() const {
  if (errors_.empty()) return;
  std::map<std::string, std::size_t> order;
  for (const Source& s : sources_) order.emplace(s.name(), order.size());
  std::vector<Diagnostic> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return std::make_tuple(order[a.file], a.line, a.column) <
           std::make_tuple(order[b.file], b.line, b.column);
  });
  throw InputError(std::move(sorted));
}

}  // namespace lutsim::config

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/json_object.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace lutsim::workloads {

namespace {

using nlohmann::json;

/// "a string", "-3", "the number 2.5": what stands in the file, short enough for a message.
std::string found(const json& value) {
  if (value.is_number() || value.is_boolean() || value.is_null()) return value.dump();
  if (value.is_string() && value.get_ref<const std::string&>().size() <= 40) return value.dump();
  return std::string("a value of type ") + value.type_name();
}

/// Line and column, from 1, of a byte offset, from 0.
std::pair<std::uint32_t, std::uint32_t> line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

/// nlohmann puts a tag and the position in front of its text; only the text is wanted.
std::string reason_of(const json::exception& error) {
  const std::string what = error.what();
  const std::size_t colon = what.find(": ");
  return colon == std::string::npos ? what : what.substr(colon + 2);
}

}  // namespace

void JsonErrors::add(const std::string& pointer, const std::string& message,
                     const std::string& hint) {
  config::Diagnostic diagnostic;
  diagnostic.file = file_;
  diagnostic.message = (pointer.empty() ? "" : pointer + ": ") + message;
  diagnostic.hint = hint;
  diagnostics_.push_back(std::move(diagnostic));
  if (diagnostics_.size() >= kMost) throw_if_any();
}

void JsonErrors::throw_if_any() const {
  if (!diagnostics_.empty()) throw config::InputError(diagnostics_);
}

JsonObject::JsonObject(const json& value, std::string pointer, JsonErrors& errors)
    : value_(value), pointer_(std::move(pointer)), errors_(errors) {
  if (!value.is_object()) errors_.add(pointer_, "expected an object, found " + found(value));
}

bool JsonObject::contains(const char* key) const {
  return value_.is_object() && value_.contains(key);
}

std::string JsonObject::pointer_to(std::string_view key) const {
  std::string pointer = pointer_;
  pointer += '/';
  pointer += key;
  return pointer;
}

void JsonObject::report(const char* key, const std::string& message, const std::string& hint) {
  errors_.add(pointer_to(key), message, hint);
}

const json* JsonObject::find(const char* key) {
  asked_.emplace_back(key);
  if (!value_.is_object()) return nullptr;  // reported by the constructor
  const auto entry = value_.find(key);
  if (entry != value_.end()) return &*entry;
  errors_.add(pointer_, std::string("missing key '") + key + "'");
  return nullptr;
}

std::uint64_t JsonObject::integer(const char* key, std::uint64_t least, std::uint64_t most) {
  const json* value = find(key);
  if (value == nullptr) return least;
  if (value->is_number_unsigned()) {
    const auto number = value->get<std::uint64_t>();
    if (number >= least && number <= most) return number;
  }
  const std::string upper = most == std::numeric_limits<std::uint64_t>::max()
                                ? " or more"
                                : " to " + std::to_string(most);
  report(key,
         "expected an integer of " + std::to_string(least) + upper + ", found " + found(*value));
  return least;
}

double JsonObject::number(const char* key, double least, double most) {
  const json* value = find(key);
  if (value == nullptr) return least;
  if (value->is_number()) {
    const double number = value->get<double>();
    if (number >= least && number <= most) return number;
  }
  report(key, "expected a number from " + json(least).dump() + " to " + json(most).dump() +
                  ", found " + found(*value));
  return least;
}

bool JsonObject::boolean(const char* key) {
  const json* value = find(key);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  report(key, "expected true or false, found " + found(*value));
  return false;
}

std::string JsonObject::string(const char* key) {
  const json* value = find(key);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  report(key, "expected a string, found " + found(*value));
  return {};
}

const json& JsonObject::array(const char* key) {
  static const json kEmpty = json::array();
  const json* value = find(key);
  if (value == nullptr) return kEmpty;
  if (value->is_array()) return *value;
  report(key, "expected an array, found " + found(*value));
  return kEmpty;
}

const json& JsonObject::object(const char* key) {
  static const json kEmpty = json::object();
  const json* value = find(key);
  return value == nullptr ? kEmpty : *value;
}

std::vector<std::uint64_t> JsonObject::integers(const char* key, std::uint64_t least,
                                                std::uint64_t most) {
  const json& values = array(key);
  std::vector<std::uint64_t> numbers;
  numbers.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const json& value = values[i];
    if (value.is_number_unsigned() && value.get<std::uint64_t>() >= least &&
        value.get<std::uint64_t>() <= most) {
      numbers.push_back(value.get<std::uint64_t>());
    } else {
      errors_.add(pointer_to(key) + '/' + std::to_string(i),
                  "expected an integer of at least " + std::to_string(least) + " and at most " +
                      std::to_string(most) + ", found " + found(value));
    }
  }
  return numbers;
}

void JsonObject::report_enumerator(const char* key, const std::string& name,
                                   const std::vector<std::string>& names) {
  const std::string hint = config::did_you_mean(name, names);
  report(key, "expected one of " + config::comma_list(names) + ", found '" + name + "'", hint);
}

void JsonObject::finish() {
  if (!value_.is_object()) return;
  for (const auto& [key, value] : value_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      errors_.add(pointer_, "unknown key '" + key + "'", config::did_you_mean(key, asked_));
    }
  }
}

json parse_strict_json(std::string_view text, const std::string& file) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  const json::parser_callback_t reject_duplicates = [&](int, json::parse_event_t event,
                                                        json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      throw config::InputError(file, "duplicate key '" + parsed.get<std::string>() + "'");
    }
    return true;
  };
  try {
    return json::parse(text, reject_duplicates);
  } catch (const json::parse_error& error) {
    config::Diagnostic diagnostic;
    diagnostic.file = file;
    std::tie(diagnostic.line, diagnostic.column) =
        line_and_column(text, error.byte > 0 ? error.byte - 1 : 0);
    diagnostic.message = "not JSON: " + reason_of(error);
    throw config::InputError({diagnostic});
  } catch (const json::exception& error) {  // a number that no double holds
    throw config::InputError(file, "not JSON: " + reason_of(error));
  }
}

}  // namespace lutsim::workloads

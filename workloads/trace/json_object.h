// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/diagnostics.h"
#include "models/spec/field.h"

namespace lutsim::workloads {

/// Errors of one JSON file, each with a JSON pointer. Reading stops at kMost of them.
class JsonErrors {
 public:
  explicit JsonErrors(std::string file) : file_(std::move(file)) {}

  void add(const std::string& pointer, const std::string& message, const std::string& hint = {});

  /// Throws config::InputError when there is at least one error.
  void throw_if_any() const;

 private:
  static constexpr std::size_t kMost = 20;

  std::string file_;
  std::vector<config::Diagnostic> diagnostics_;
};

/// Strict view of one JSON object: a key is asked for once, and the keys that nobody asked for are
/// errors. A value that is wrong is reported and replaced by a harmless one, so that reading goes
/// on and finds the next error.
class JsonObject {
 public:
  /// `pointer` is the JSON pointer of `value`; the root is "".
  JsonObject(const nlohmann::json& value, std::string pointer, JsonErrors& errors);

  /// The integer at `key`, at least `least` and at most `most`.
  std::uint64_t integer(const char* key, std::uint64_t least,
                        std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  double number(const char* key, double least, double most);
  bool boolean(const char* key);
  std::string string(const char* key);
  /// The array at `key`; an empty one when it is missing.
  const nlohmann::json& array(const char* key);
  /// The object at `key`; an empty one when it is missing.
  const nlohmann::json& object(const char* key);
  /// The array at `key` of integers in least..most.
  std::vector<std::uint64_t> integers(const char* key, std::uint64_t least, std::uint64_t most);

  template <class Enum>
  Enum enumerator(const char* key) {
    const std::string name = string(key);
    std::vector<std::string> names;
    for (const auto& e : enum_names(Enum{})) {
      if (name == e.name) return e.value;
      names.emplace_back(e.name);
    }
    if (contains(key)) report_enumerator(key, name, names);
    return Enum{};
  }

  bool contains(const char* key) const;
  std::string pointer_to(std::string_view key) const;
  void report(const char* key, const std::string& message, const std::string& hint = {});

  /// Reports the keys that were not asked for.
  void finish();

 private:
  const nlohmann::json* find(const char* key);
  void report_enumerator(const char* key, const std::string& name,
                         const std::vector<std::string>& names);

  const nlohmann::json& value_;
  std::string pointer_;
  JsonErrors& errors_;
  std::vector<std::string> asked_;
};

/// Parses JSON text. Throws config::InputError with line and column when it is no JSON, with a line
/// when an object has a key twice.
nlohmann::json parse_strict_json(std::string_view text, const std::string& file);

}  // namespace lutsim::workloads

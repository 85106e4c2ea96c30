// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "models/spec/field.h"

/// A field list as data: what the templates of this file find in a parameter struct, every reader
/// and writer walks without being a template.
namespace lutsim::config {

/// A value of any parameter. Enumerators are held by name; a structure holds its fields in the
/// order of the field list; a list holds its items.
struct Value {
  std::variant<bool, std::uint64_t, double, std::string, std::vector<Value>> data;

  friend bool operator==(const Value& a, const Value& b) { return a.data == b.data; }
};

enum class Kind { boolean, integer, real, text, enumeration, structure, list };

struct FieldEntry;

/// The type of a parameter.
struct TypeInfo {
  Kind kind = Kind::boolean;
  std::uint64_t max_integer = 0;   ///< integer: largest value of the C++ type
  std::vector<std::string> names;  ///< enumeration: every legal name
  std::vector<FieldEntry> fields;  ///< structure
  std::vector<TypeInfo> item;      ///< list: the one type of its items
};

/// One parameter of a structure; see spec::Field for the members.
struct FieldEntry {
  std::string key;
  std::string doc;
  spec::Unit unit = spec::Unit::none;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string rtl;  ///< empty: not in the RTL
  bool optional = false;
  TypeInfo type;
  Value initial;  ///< the struct's initialiser: the value of an optional field that is absent
};

template <class T>
TypeInfo make_type_info();
template <class T>
Value to_value(const T& object);
template <class T>
void from_value(const Value& value, T& object);

/// Type of T with all that lies below it.
template <class T>
const TypeInfo& type_info() {
  static const TypeInfo info = make_type_info<T>();
  return info;
}

template <class T>
TypeInfo make_type_info() {
  TypeInfo info;
  if constexpr (std::is_same_v<T, bool>) {
    info.kind = Kind::boolean;
  } else if constexpr (std::is_enum_v<T>) {
    info.kind = Kind::enumeration;
    for (const auto& e : enum_names(T{})) info.names.emplace_back(e.name);
  } else if constexpr (std::is_unsigned_v<T>) {
    info.kind = Kind::integer;
    info.max_integer = std::numeric_limits<T>::max();
  } else if constexpr (std::is_same_v<T, double>) {
    info.kind = Kind::real;
  } else if constexpr (std::is_same_v<T, std::string>) {
    info.kind = Kind::text;
  } else if constexpr (spec::is_vector<T>::value) {
    info.kind = Kind::list;
    info.item.push_back(make_type_info<typename T::value_type>());
  } else {
    static_assert(spec::has_fields<T>::value, "a type that a field list cannot hold");
    info.kind = Kind::structure;
    const T initial = T();  // T{} makes GCC 12 warn of members that it believes uninitialised
    spec::for_each_field<T>([&](const auto& f) {
      using Value_ = typename std::decay_t<decltype(f)>::Value;
      info.fields.push_back(FieldEntry{f.key, f.doc, f.unit, f.min, f.max,
                                       f.rtl == nullptr ? "" : f.rtl, f.optional,
                                       make_type_info<Value_>(), to_value(initial.*(f.member))});
    });
  }
  return info;
}

template <class T>
Value to_value(const T& object) {
  if constexpr (std::is_enum_v<T>) {
    return Value{spec::to_string_of(object)};
  } else if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
    return Value{std::uint64_t{object}};
  } else if constexpr (spec::is_vector<T>::value) {
    std::vector<Value> items;
    items.reserve(object.size());
    for (const auto& item : object) items.push_back(to_value(item));
    return Value{std::move(items)};
  } else if constexpr (spec::has_fields<T>::value) {
    std::vector<Value> values;
    spec::for_each_field<T>([&](const auto& f) { values.push_back(to_value(object.*(f.member))); });
    return Value{std::move(values)};
  } else {
    return Value{object};
  }
}

/// Precondition: `value` was made by to_value<T>() or checked against type_info<T>().
template <class T>
void from_value(const Value& value, T& object) {
  if constexpr (std::is_same_v<T, bool>) {
    object = std::get<bool>(value.data);
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& e : enum_names(T{})) {
      if (std::get<std::string>(value.data) == e.name) object = e.value;
    }
  } else if constexpr (std::is_unsigned_v<T>) {
    object = static_cast<T>(std::get<std::uint64_t>(value.data));
  } else if constexpr (spec::is_vector<T>::value) {
    object.clear();
    for (const Value& item : std::get<std::vector<Value>>(value.data)) {
      auto element = typename T::value_type();
      from_value(item, element);
      object.push_back(std::move(element));
    }
  } else if constexpr (spec::has_fields<T>::value) {
    const auto& values = std::get<std::vector<Value>>(value.data);
    std::size_t i = 0;
    spec::for_each_field<T>([&](const auto& f) { from_value(values.at(i++), object.*(f.member)); });
  } else {
    object = std::get<T>(value.data);
  }
}

}  // namespace lutsim::config

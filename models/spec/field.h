// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace lutsim::spec {

/// A value that the specification refuses. The text names the parameter, its value and what is
/// legal.
class SpecError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A parameter that does not go with the others: `path` is dotted ("matrix.align_bits"), `message`
/// goes on with its value and what is legal ("= 40 needs ...").
struct Problem {
  std::string path;
  std::string message;
};

/// The dimension of a parameter. Files spell values with a unit of that family ("800 MHz",
/// "128 KiB"); C++ holds them in the base unit named here.
enum class Unit {
  none,             ///< a count or a ratio
  bit,              ///< bit
  byte,             ///< B
  hertz,            ///< Hz
  second,           ///< s
  bit_per_second,   ///< b/s (data rate of one pin)
  byte_per_second,  ///< B/s
  joule,            ///< J
  watt,             ///< W
  square_metre,     ///< m2
  volt,             ///< V
  metre,            ///< m (feature size)
};

/// One named, ranged, documented parameter of the struct `Owner`.
///
/// A parameter struct lists its fields once, in `static auto fields()`. The YAML reader, the JSON
/// Schema, `--set`, the generated SystemVerilog package, the resolved configuration and the tables
/// of the documentation all walk that list; nothing else spells a parameter's name.
///
/// `Value` is bool, an unsigned integer, double, std::string, an enum with enum_names(), another
/// struct with fields(), or std::vector of any of these but bool.
template <class Owner_, class Value_>
struct Field {
  using Owner = Owner_;
  using Value = Value_;

  const char* key;       ///< spelling in YAML, JSON and C++ (lower_snake_case)
  Value Owner::*member;  ///< where the value lives
  const char* doc;       ///< one sentence for people
  Unit unit = Unit::none;
  double min = -std::numeric_limits<double>::infinity();  ///< inclusive, in the base unit
  double max = std::numeric_limits<double>::infinity();   ///< inclusive, in the base unit
  const char* rtl = nullptr;  ///< spelling in SystemVerilog (UpperCamelCase), null: not in the RTL
  bool optional = false;  ///< may be absent from a file; the struct's initialiser is its default

  constexpr Field in(Unit u) const {
    Field f = *this;
    f.unit = u;
    return f;
  }
  constexpr Field range(double lo, double hi) const {
    Field f = *this;
    f.min = lo;
    f.max = hi;
    return f;
  }
  constexpr Field as_rtl(const char* name) const {
    Field f = *this;
    f.rtl = name;
    return f;
  }
  constexpr Field maybe() const {
    Field f = *this;
    f.optional = true;
    return f;
  }
};

template <class Owner, class Value>
constexpr Field<Owner, Value> field(const char* key, Value Owner::*member, const char* doc) {
  return {key, member, doc};
}

/// Spelling of an enumerator in files and on the command line.
template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};

/// True for parameter structs: those with a static fields().
template <class T, class = void>
struct has_fields : std::false_type {};
template <class T>
struct has_fields<T, std::void_t<decltype(T::fields())>> : std::true_type {};

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

/// Calls visit(field) for every field of `Spec`, in order.
template <class Spec, class Visitor>
constexpr void for_each_field(Visitor&& visit) {
  std::apply([&](const auto&... f) { (visit(f), ...); }, Spec::fields());
}

/// Name of an enumerator; `enum_names(Enum)` is found by argument-dependent look-up and returns a
/// std::array<EnumName<Enum>, n>.
template <class Enum>
std::string to_string_of(Enum value) {
  for (const auto& e : enum_names(Enum{})) {
    if (e.value == value) return e.name;
  }
  throw SpecError("an enumerator without a name");
}

/// Smallest b with 2^b >= n; 0 for n = 0 and 1.
constexpr std::uint32_t ceil_log2(std::uint64_t n) {
  std::uint32_t bits = 0;
  while (bits < 63 && (std::uint64_t{1} << bits) < n) ++bits;
  return bits;
}

/// Quotient rounded up. d must not be 0.
constexpr std::uint64_t ceil_div(std::uint64_t n, std::uint64_t d) { return (n + d - 1) / d; }

}  // namespace lutsim::spec

// SPDX-License-Identifier: Apache-2.0
#include "models/config/units.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace lutsim::config {
namespace {

using spec::Unit;

std::size_t count_digits(const std::string& text, std::size_t from) {
  std::size_t n = 0;
  while (from + n < text.size() && std::isdigit(static_cast<unsigned char>(text[from + n])) != 0) {
    ++n;
  }
  return n;
}

/// digits * 10^exponent, digits without leading or trailing zeros ("0" for zero).
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

/// Precondition: `number` came out of split_number() or std::to_chars().
Decimal parse_decimal(const std::string& number) {
  Decimal d;
  std::size_t i = 0;
  if (number[i] == '-') {
    d.negative = true;
    ++i;
  }
  bool after_point = false;
  for (; i < number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
    if (number[i] == '.') {
      after_point = true;
    } else {
      d.digits += number[i];
      d.exponent -= after_point ? 1 : 0;
    }
  }
  if (i < number.size()) d.exponent += std::atoi(number.c_str() + i + 1);
  const std::size_t first = d.digits.find_first_not_of('0');
  if (first == std::string::npos) return {d.negative, "0", 0};
  d.digits.erase(0, first);
  while (d.digits.back() == '0') {
    d.digits.pop_back();
    ++d.exponent;
  }
  return d;
}

/// Plain decimal notation where that stays short, scientific otherwise.
std::string print_decimal(const Decimal& d) {
  const int point = static_cast<int>(d.digits.size()) + d.exponent;  // digits before the point
  std::string text = d.negative ? "-" : "";
  if (point > 15 || point < -5) {
    text += d.digits.substr(0, 1);
    if (d.digits.size() > 1) text += "." + d.digits.substr(1);
    return text + "e" + std::to_string(point - 1);
  }
  if (d.exponent >= 0)
    return text + d.digits + std::string(static_cast<std::size_t>(d.exponent), '0');
  if (point <= 0)
    return text + "0." + std::string(static_cast<std::size_t>(-point), '0') + d.digits;
  const auto whole = static_cast<std::size_t>(point);
  return text + d.digits.substr(0, whole) + "." + d.digits.substr(whole);
}

Decimal shortest_decimal(double value) {
  if (!std::isfinite(value)) throw spec::SpecError("infinity and NaN cannot be written to a file");
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific);
  return parse_decimal(std::string(buffer.data(), end.ptr));
}

bool multiply(std::uint64_t& value, std::uint64_t factor) {
  return !__builtin_mul_overflow(value, factor, &value);
}

std::string with_unit(const std::string& number, Unit unit, const char* name) {
  return unit == Unit::none ? number : number + " " + name;
}

}  // namespace

const std::vector<UnitName>& unit_names(Unit unit) {
  static const std::vector<UnitName> none, bit{{"bit", 0, 0}},
      byte{{"B", 0, 0},    {"kB", 0, 3}, {"KiB", 10, 0}, {"MB", 0, 6},
           {"MiB", 20, 0}, {"GB", 0, 9}, {"GiB", 30, 0}},
      hertz{{"Hz", 0, 0}, {"kHz", 0, 3}, {"MHz", 0, 6}, {"GHz", 0, 9}},
      second{{"ps", 0, -12}, {"ns", 0, -9}, {"us", 0, -6}, {"ms", 0, -3}, {"s", 0, 0}},
      bit_per_second{{"b/s", 0, 0}, {"kb/s", 0, 3}, {"Mb/s", 0, 6}, {"Gb/s", 0, 9}},
      byte_per_second{{"B/s", 0, 0}, {"kB/s", 0, 3}, {"MB/s", 0, 6}, {"GB/s", 0, 9}},
      joule{{"fJ", 0, -15}, {"pJ", 0, -12}, {"nJ", 0, -9},
            {"uJ", 0, -6},  {"mJ", 0, -3},  {"J", 0, 0}},
      watt{{"nW", 0, -9}, {"uW", 0, -6}, {"mW", 0, -3}, {"W", 0, 0}},
      square_metre{{"um2", 0, -12}, {"mm2", 0, -6}, {"m2", 0, 0}}, volt{{"mV", 0, -3}, {"V", 0, 0}},
      metre{{"nm", 0, -9}, {"um", 0, -6}, {"m", 0, 0}};
  switch (unit) {
    case Unit::none:
      return none;
    case Unit::bit:
      return bit;
    case Unit::byte:
      return byte;
    case Unit::hertz:
      return hertz;
    case Unit::second:
      return second;
    case Unit::bit_per_second:
      return bit_per_second;
    case Unit::byte_per_second:
      return byte_per_second;
    case Unit::joule:
      return joule;
    case Unit::watt:
      return watt;
    case Unit::square_metre:
      return square_metre;
    case Unit::volt:
      return volt;
    case Unit::metre:
      return metre;
  }
  return none;
}

std::vector<std::string> unit_spellings(Unit unit) {
  std::vector<std::string> names;
  for (const UnitName& u : unit_names(unit)) names.emplace_back(u.name);
  return names;
}

std::string base_unit(Unit unit) {
  for (const UnitName& u : unit_names(unit)) {
    if (u.binary_exponent == 0 && u.decimal_exponent == 0) return u.name;
  }
  return "";
}

std::optional<NumberText> split_number(const std::string& text) {
  std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = count_digits(text, i);
  if (whole == 0 || (whole > 1 && text[i] == '0')) return std::nullopt;
  i += whole;
  if (i < text.size() && text[i] == '.') {
    const std::size_t fraction = count_digits(text, i + 1);
    if (fraction == 0) return std::nullopt;
    i += 1 + fraction;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    const bool has_sign = i + 1 < text.size() && (text[i + 1] == '+' || text[i + 1] == '-');
    const std::size_t exponent = count_digits(text, i + (has_sign ? 2 : 1));
    // More digits overflow every type; they would also overflow the arithmetic on exponents.
    if (exponent == 0 || exponent > 4) return std::nullopt;
    i += (has_sign ? 2 : 1) + exponent;
  }
  const std::size_t unit = text.find_first_not_of(' ', i);
  return NumberText{text.substr(0, i), unit == std::string::npos ? "" : text.substr(unit)};
}

std::optional<double> to_double(const std::string& number, const UnitName* unit) {
  // The decimal exponent of the unit joins the text, so that "6.4 Gb/s" rounds once, as 6.4e9 does.
  Decimal d = parse_decimal(number);
  if (unit != nullptr) d.exponent += unit->decimal_exponent;
  const std::string text = (d.negative ? "-" : "") + d.digits + "e" + std::to_string(d.exponent);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{}) return std::nullopt;
  if (unit != nullptr) value = std::ldexp(value, unit->binary_exponent);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

IntegerResult to_integer(const std::string& number, const UnitName* unit) {
  Decimal d = parse_decimal(number);
  if (d.digits == "0") return {IntegerFit::exact, 0};
  if (d.negative) return {IntegerFit::negative, 0};
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(d.digits.data(), d.digits.data() + d.digits.size(), value);
  if (parsed.ec != std::errc{}) return {IntegerFit::too_large, 0};
  if (unit != nullptr) {
    d.exponent += unit->decimal_exponent;
    if (!multiply(value, std::uint64_t{1} << unit->binary_exponent)) {
      return {IntegerFit::too_large, 0};
    }
  }
  for (; d.exponent > 0; --d.exponent) {
    if (!multiply(value, 10)) return {IntegerFit::too_large, 0};
  }
  for (; d.exponent < 0; ++d.exponent) {
    if (value % 10 != 0) return {IntegerFit::fraction, 0};
    value /= 10;
  }
  return {IntegerFit::exact, value};
}

std::string shortest(double value) { return print_decimal(shortest_decimal(value)); }

std::string quantity_text(double value, Unit unit) {
  Decimal d = shortest_decimal(value);
  const bool whole_bytes = unit == Unit::byte && !std::signbit(value) &&
                           value == std::floor(value) &&
                           value < 9007199254740992.0;  // 2^53: every such double is an integer
  if (whole_bytes) return quantity_text(static_cast<std::uint64_t>(value), unit);
  const UnitName* chosen = nullptr;
  const int magnitude = static_cast<int>(d.digits.size()) + d.exponent - 1;  // of the leading digit
  for (const UnitName& u : unit_names(unit)) {
    if (u.binary_exponent != 0) continue;
    const bool is_base = u.decimal_exponent == 0;
    if (d.digits == "0" ? is_base : (chosen == nullptr || u.decimal_exponent <= magnitude)) {
      chosen = &u;
    }
  }
  if (chosen == nullptr) return print_decimal(d);
  if (d.digits != "0") d.exponent -= chosen->decimal_exponent;
  return with_unit(print_decimal(d), unit, chosen->name);
}

std::string quantity_text(std::uint64_t value, Unit unit) {
  const UnitName* chosen = nullptr;
  std::uint64_t divisor = 1;
  for (const UnitName& u : unit_names(unit)) {
    if (u.decimal_exponent < 0) continue;
    std::uint64_t scale = std::uint64_t{1} << u.binary_exponent;
    for (int i = 0; i < u.decimal_exponent; ++i) scale *= 10;
    if (scale == 1 || (value != 0 && value % scale == 0)) {
      chosen = &u;
      divisor = scale;
    }
  }
  return with_unit(std::to_string(value / divisor), unit, chosen == nullptr ? "" : chosen->name);
}

}  // namespace lutsim::config

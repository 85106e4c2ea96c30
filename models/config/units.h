// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/spec/field.h"

/// Numbers with units, from text and back, without a rounding that the text does not ask for.
namespace lutsim::config {

/// One spelling of a dimension: a value of 1 is 2^binary_exponent * 10^decimal_exponent base units.
struct UnitName {
  const char* name;
  int binary_exponent;
  int decimal_exponent;
};

/// Every spelling of the dimension, smallest first; empty for Unit::none.
const std::vector<UnitName>& unit_names(spec::Unit unit);

/// The spellings as text, in the same order.
std::vector<std::string> unit_spellings(spec::Unit unit);

/// Name of the base unit that C++ and JSON hold values in; "" for Unit::none.
std::string base_unit(spec::Unit unit);

/// A decimal number and what follows it, as they were written: "6.4 Gb/s" is {"6.4", "Gb/s"}.
struct NumberText {
  std::string number;
  std::string unit;
};

/// Splits -?digits[.digits][e[+-]digits] from the rest; nothing when the text does not begin so. A
/// number with a leading zero, in hexadecimal, infinite or NaN is none.
std::optional<NumberText> split_number(const std::string& text);

/// The double nearest to the written decimal times the unit; nothing when it overflows.
std::optional<double> to_double(const std::string& number, const UnitName* unit);

/// How the exact value of a text fits an unsigned integer of 64 bits.
enum class IntegerFit { exact, negative, fraction, too_large };
struct IntegerResult {
  IntegerFit fit;
  std::uint64_t value;
};

/// Exact: 1.5 KiB is 1536, 1.5 B is a fraction.
IntegerResult to_integer(const std::string& number, const UnitName* unit);

/// Shortest text that reads back to the same double.
std::string shortest(double value);

/// "500 MHz", "28 nm", "0.1": reads back to the same double. The unit is the largest one that is
/// not above the value. Throws SpecError for infinity and NaN, which no file can spell.
std::string quantity_text(double value, spec::Unit unit);

/// "1536 KiB", "10 GB", "16 bit", "4": the largest unit that divides the value.
std::string quantity_text(std::uint64_t value, spec::Unit unit);

}  // namespace lutsim::config

// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_pins.h"

#include <string>
#include <type_traits>

namespace lutsim::rtl {

namespace {

/// Value of a field as text, for comparison and for messages.
template <class Value>
std::string text_of(const Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    return spec::to_string_of(value);
  } else {
    return std::to_string(value);
  }
}

/// "mu = 4, racs_per_lut = 32, ..."
std::string describe(const spec::MatrixSpec& spec) {
  std::string text;
  spec::for_each_field<spec::MatrixSpec>([&](const auto& field) {
    if (!text.empty()) text += ", ";
    text += std::string(field.key) + " = " + text_of(spec.*field.member);
  });
  return text;
}

}  // namespace

const BuiltMatrixUnit& built_matrix_unit(const std::string& name) {
  std::string names;
  for (const BuiltMatrixUnit& unit : built_matrix_units()) {
    if (unit.name == name) return unit;
    names += (names.empty() ? "" : ", ") + unit.name;
  }
  throw spec::SpecError("the RTL of the matrix unit was not verilated as " + name + ", only as " +
                        names);
}

std::unique_ptr<MatrixPins> MatrixPins::make(const spec::MatrixSpec& spec) {
  const std::string wanted = describe(spec);
  std::string built;
  for (const BuiltMatrixUnit& unit : built_matrix_units()) {
    const std::string parameters = describe(unit.spec);
    if (parameters == wanted) return unit.make();
    built += "\n  " + unit.name + ": " + parameters;
  }
  throw spec::SpecError("the RTL of the matrix unit was not verilated for " + wanted +
                        "; it was for" + built);
}

}  // namespace lutsim::rtl

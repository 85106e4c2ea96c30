// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/lut_matrix_pins.h"

#include <tuple>

namespace lutsim::rtl {

// One function for each verilated configuration: built_matrix_unit.cpp.in.
#define LUTSIM_DECLARE(config) BuiltMatrixUnit built_matrix_unit_##config();
LUTSIM_FOR_EACH_RTL_CONFIG(LUTSIM_DECLARE)
#undef LUTSIM_DECLARE

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

const std::vector<BuiltMatrixUnit>& built_matrix_units() {
#define LUTSIM_UNIT(config) built_matrix_unit_##config(),
  static const std::vector<BuiltMatrixUnit> units = {LUTSIM_FOR_EACH_RTL_CONFIG(LUTSIM_UNIT)};
#undef LUTSIM_UNIT
  return units;
}

std::unique_ptr<LutMatrixPins> LutMatrixPins::make(const spec::MatrixSpec& spec) {
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

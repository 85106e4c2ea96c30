// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"

namespace lutsim::spec {

/// One parameter of rtl/gen/lutsim_pkg.sv and of the top module of the matrix unit.
struct RtlParameter {
  std::string name;  ///< UpperCamelCase
  std::uint64_t value;
  std::string doc;
};

/// The fields that say as_rtl(), in the order of the field list, then what follows from them (the
/// RTL must not compute these itself). The generated package, the -G overrides of Verilator and the
/// drivers' check of an elaborated model against a spec all walk this list.
std::vector<RtlParameter> rtl_parameters(const MatrixSpec& matrix);

}  // namespace lutsim::spec

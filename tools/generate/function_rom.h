// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// rtl/gen/function_rom.sv: the coefficients of models/vector/function_tables.h as a module.
std::string function_rom();

}  // namespace lutsim::tools

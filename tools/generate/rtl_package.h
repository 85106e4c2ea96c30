// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/spec/arch_spec.h"

/// The parameters of the RTL as text (spec::rtl_parameters).
namespace lutsim::tools {

/// rtl/gen/lutsim_pkg.sv: the values of one matrix unit as the defaults of every module.
std::string rtl_package(const spec::MatrixSpec& matrix);

/// "-GMu=4 -GRacsPerLut=32 ...": what makes Verilator build the top module for this matrix unit.
std::string verilator_args(const spec::MatrixSpec& matrix);

/// rtl/gen/rtl_configs.cmake: the verilator_args() of every architecture that is built in RTL.
std::string rtl_configs();

}  // namespace lutsim::tools

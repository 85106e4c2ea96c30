// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// rtl/gen/xor_code_pkg.sv: the matrix of the XOR codes (models/sparsity/xor_matrix.h) for the RTL.
std::string xor_code_package();

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "models/spec/matrix_spec.h"
#include "tools/energy_flow/netlist.h"

namespace lutsim::gates {

/// Where the library and the RTL are, and where intermediate files go.
struct FlowPaths {
  std::filesystem::path liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  std::filesystem::path rtl;
  std::filesystem::path work;
};

/// Flip-flop of the library that every register becomes.
constexpr const char* kRegisterCell = "DFFPOSX1";

/// Makes gates of module `top`: that of the RTL, with the parameters of `matrix` as defaults, or of
/// `wrapper` (SystemVerilog text), read beside the RTL. Blocks of the RTL stay instances, so that
/// energy can be told by block. Gates are chosen by ABC for area and speed without a constraint;
/// registers with a load enable keep it (their clock is gated, not their data). Throws
/// std::runtime_error with the end of the log if Yosys fails.
Netlist synthesize(const FlowPaths& paths, const CellLibrary& library, const std::string& name,
                   const std::string& top, const spec::MatrixSpec& matrix,
                   const std::string& wrapper = "");

}  // namespace lutsim::gates

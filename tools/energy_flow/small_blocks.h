// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "tools/energy_flow/gate_energy.h"
#include "tools/energy_flow/stimulus.h"
#include "tools/energy_flow/synthesis.h"

namespace lutsim::gates {

/// The gates of one block by itself. Every result was compared with the golden function.
struct BlockRun {
  std::string name;
  std::string operands;  ///< "run": of the embedded model; "random"
  std::uint64_t operations = 0;
  EnergyByPart zero_delay, with_glitches;
};

/// Combinational operators: integer and floating-point sums and products, shifter, conversion. On
/// random operands (uniform bits; normally distributed numbers), to compare with published energies
/// of operations, and on operands of the run.
std::vector<BlockRun> run_operations(const FlowPaths& paths, const CellLibrary& library,
                                     const Stimulus& stimulus);

/// rtl/vector/function_unit.sv on the exponentials and sigmoids of the run.
std::vector<BlockRun> run_function_unit(const FlowPaths& paths, const CellLibrary& library,
                                        const Stimulus& stimulus);

/// rtl/decoder/xor_decoder.sv on a bit-plane of the model, 90 % of its weights pruned by magnitude.
/// One operation is one decoded block.
std::vector<BlockRun> run_decoder_block(const FlowPaths& paths, const CellLibrary& library,
                                        const Stimulus& stimulus);

/// table_study.sv: full and half table, 1 and 32 readers; "rewritten": a new table in every cycle
/// under constant keys; "held": one table, new keys in every cycle. One operation is one cycle.
std::vector<BlockRun> run_tables(const FlowPaths& paths, const CellLibrary& library,
                                 const Stimulus& stimulus);

}  // namespace lutsim::gates

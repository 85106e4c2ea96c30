// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_pins.h"

namespace lutsim::rtl {

/// How often each side of a handshake is there, in percent of the cycles in which it is not already
/// waiting. 100: always, the default.
struct Pacing {
  std::uint32_t command = 100, activations = 100, columns = 100, keys = 100, scales = 100,
                out = 100;
  std::uint64_t seed = 0;
};

/// Cycles in which a beat was offered that the unit did not take.
struct Refusals {
  std::uint64_t commands = 0, activations = 0, columns = 0, keys = 0, scales = 0;
};

/// What came out of the unit.
struct StreamOutcome {
  std::vector<std::uint32_t> outputs;        ///< [beat][lanes_n], FP32 bits
  std::vector<std::uint64_t> output_cycles;  ///< cycle of each output beat, 0 is the first step's
  std::uint64_t cycles = 0;  ///< first step to the last cycle in which the unit held a step
  Refusals refused;
};

/// Clocks an idle unit until it has taken all operands and is idle again. Throws std::logic_error
/// if it takes or gives more or fewer beats than `operands` has, or if nothing moves any more.
StreamOutcome run_stream(const spec::MatrixSpec& spec, MatrixPins& pins,
                         const MatrixOperands& operands, const Pacing& pacing = {});

/// Y[m_count][n_count] of a tile from its output beats [beat][lanes_n]; empty unless work.last.
std::vector<float> tile_results(const spec::MatrixSpec& spec, const sim::MatrixWork& work,
                                const std::vector<std::uint32_t>& outputs);

}  // namespace lutsim::rtl

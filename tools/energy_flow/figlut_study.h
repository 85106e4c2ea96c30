// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/energy_table.h"
#include "models/spec/arch_spec.h"

/// FIGLUT's evaluation (HPCA 2025, arXiv 2503.06862) on our engines: the decoder matmuls of
/// OPT-6.7B on the figlut-* configurations.
namespace lutsim::gates {

/// Joules for one multiplication and addition, by where they go.
struct MacEnergy {
  double align = 0;    ///< pre-alignment and activation registers
  double tables = 0;   ///< LUT generation and writes
  double lanes = 0;    ///< keys or weights, reads, products, sums
  double output = 0;   ///< scales, accumulation, partial sums
  double sram = 0;     ///< scratchpads and the link to them
  double dram = 0;     ///< device, PHY and rows
  double idle = 0;     ///< standby and refresh of DRAM, leakage, clock tree: in proportion to time
  double seconds = 0;  ///< of the chip's time

  double matrix() const { return align + tables + lanes + output; }
  double dynamic() const { return matrix() + sram + dram; }
  double total() const { return dynamic() + idle; }
};

/// One decoder layer's matmuls with `batch` rows and weights of `weight_bits`. Bit-serial engines
/// take BCQ without offset; fp and figna take uniform weights padded to their width, in memory too,
/// as in the paper. Weights and activations come from DRAM once, results go back; compute and DRAM
/// overlap, the longer one counts. Sums of a batch of one use the LUT-broadcast dataflow where
/// there is one.
MacEnergy opt_6_7b_mac(const spec::ArchSpec& arch, const models::EnergyTable& table,
                       std::uint32_t weight_bits, std::uint32_t batch);

}  // namespace lutsim::gates

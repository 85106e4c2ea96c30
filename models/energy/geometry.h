// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/spec/arch_spec.h"

namespace lutsim::models {

/// Widths and counts of the matrix unit as factors of energies and areas.
struct MatrixGeometry {
  explicit MatrixGeometry(const spec::MatrixSpec& m)
      : planes(m.planes),
        mu(m.mu),
        racs_per_lut(m.racs_per_lut),
        columns(m.array_cols),
        lanes_k(m.lanes_k()),
        lanes_n(m.lanes_n()),
        rows(m.array_rows),
        pes(static_cast<double>(m.array_rows) * m.array_cols),
        racs(pes * m.racs_per_lut),
        act_bits(spec::width_bits(m.act_format)),
        act_exponent_bits(spec::float_encoding(m.act_format).exponent_bits),
        align_bits(m.align_bits),
        entry_bits(m.entry_bits()),
        sum_bits(m.sum_bits()),
        slots(m.slots()),
        weight_bits(m.engine == spec::Engine::fp      ? spec::width_bits(m.act_format)
                    : m.engine == spec::Engine::figna ? m.planes + 1.0
                                                      : m.mu),
        lut_entries(m.lut_entries()),
        lut_bits(lut_entries * entry_bits),
        psum_bits(static_cast<double>(m.psum_depth) * spec::width_bits(spec::NumberFormat::fp32)) {}

  double planes;
  double mu;
  double racs_per_lut;
  double columns;
  double lanes_k;
  double lanes_n;
  double rows;
  double pes;
  double racs;
  double act_bits;
  double act_exponent_bits;
  double align_bits;
  double entry_bits;
  double sum_bits;
  double slots;
  double weight_bits;  ///< of the register that one weight or key occupies in a lane or RAC
  double lut_entries;
  double lut_bits;   ///< of one half LUT
  double psum_bits;  ///< of one output lane
};

constexpr double kFp32Bits = spec::width_bits(spec::NumberFormat::fp32);
constexpr double kFp32ExponentBits = spec::float_encoding(spec::NumberFormat::fp32).exponent_bits;
constexpr double kBitsPerByte = 8;

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

#include "sim/kernel/cycles.h"

namespace lutsim::sim {

/// Units that share a clock. Nothing toggles: a unit waits for a number of cycles.
struct ClockDomain {
  sc_core::sc_time period;

  /// Domain of a frequency in Hz. Precondition: the period is a whole number of picoseconds
  /// (spec::validate(ArchSpec) refuses others).
  static ClockDomain from_frequency(double hertz) {
    return {sc_core::sc_time(1e12 / hertz, sc_core::SC_PS)};
  }

  sc_core::sc_time duration(Cycles n) const { return n * period; }
  /// Whole cycles that fit into a duration.
  Cycles cycles_in(const sc_core::sc_time& duration) const {
    return Cycles(duration.value() / period.value());
  }
  /// The first clock edge at or after `time`; edges are at multiples of the period.
  sc_core::sc_time next_edge(const sc_core::sc_time& time) const {
    const auto remainder = time.value() % period.value();
    return remainder == 0 ? time
                          : sc_core::sc_time::from_value(time.value() - remainder + period.value());
  }
};

}  // namespace lutsim::sim

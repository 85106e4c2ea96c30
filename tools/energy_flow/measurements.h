// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "models/energy/event.h"
#include "models/spec/matrix_spec.h"

/// measured.json: what lutsim_characterize wrote.
namespace lutsim::gates {

/// An energy with two views of the same gates, in pJ: every net changes at most once a cycle, or
/// with the glitches that unpipelined gates of the library pass on.
struct GateEnergy {
  double zero_delay = 0;
  double with_glitches = 0;

  GateEnergy& operator+=(const GateEnergy& other) {
    zero_delay += other.zero_delay;
    with_glitches += other.with_glitches;
    return *this;
  }
  friend GateEnergy operator*(const GateEnergy& e, double factor) {
    return {e.zero_delay * factor, e.with_glitches * factor};
  }
  friend GateEnergy operator-(const GateEnergy& a, const GateEnergy& b) {
    return {a.zero_delay - b.zero_delay, a.with_glitches - b.with_glitches};
  }
};

struct MeasuredPart {
  std::uint64_t gates = 0, registers = 0;
  double area_um2 = 0, leakage_nw = 0;
  double clock_pj = 0, idle_clock_pj = 0, ungated_clock_pj = 0;
  GateEnergy energy;  ///< all that happens because something is computed or written
  GateEnergy load;    ///< of it, what the outputs drive
};

using MeasuredParts = std::map<std::string, MeasuredPart>;

struct MeasuredBlock {
  std::string name, operands;
  std::uint64_t operations = 0;
  MeasuredParts parts;

  /// Of one operation.
  GateEnergy each() const;
  double area_um2() const;
};

struct MeasuredRun {
  std::uint32_t weight_bits = 0;
  bool lut_broadcast = false;
  std::uint64_t cycles = 0, macs = 0;
  std::map<std::string, std::uint64_t> events;
  MeasuredParts parts;
};

struct MeasuredUnit {
  std::string name;
  spec::MatrixSpec matrix;
  std::vector<MeasuredRun> runs;

  /// Sum over the runs with 4-bit weights.
  GateEnergy energy(const std::vector<std::string>& parts) const;
  GateEnergy load(const std::vector<std::string>& parts) const;
  double count(const char* event) const;
  double area_um2(const std::vector<std::string>& parts) const;
};

struct Measurements {
  std::string synthesis, library, library_hash, rtl_hash;
  std::vector<std::string> stimuli;  ///< description and hash
  std::vector<MeasuredBlock> blocks;
  std::vector<MeasuredUnit> units;

  /// Throw std::out_of_range naming what is missing.
  const MeasuredBlock& block(const std::string& name, const std::string& operands) const;
  const MeasuredUnit& unit(const std::string& name) const;
};

Measurements read_measurements(const std::string& json);

/// Parts of the unit (unit_run.cpp) that make up an event of an engine.
std::vector<std::string> parts_of_event(const std::string& event, spec::Engine engine);

}  // namespace lutsim::gates

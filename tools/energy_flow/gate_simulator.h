// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "tools/energy_flow/netlist.h"

namespace lutsim::gates {

/// Slew of every net in ns: between the first two points of the tables of the OSU library.
constexpr double kSlewNs = 0.12;

/// Load that every net has, by its pins.
std::vector<double> pin_loads_pf(const Netlist& netlist);

/// Two-valued simulation that counts the transitions of every net. Registers and inputs change
/// together at the beginning of a cycle, then the gates settle.
class GateSimulator {
 public:
  /// zero: a net changes at most once a cycle. liberty: every gate has the inertial delay of its
  /// library tables, rise and fall, at its load (at most the largest of the table: a buffer would
  /// stand there) and kSlewNs, so that glitches are counted that a gate would pass.
  enum class Delays { zero, liberty };

  GateSimulator(const Netlist& netlist, Delays delays);

  /// For the next cycle.
  void set_input(std::uint32_t net, bool value) { next_input_[net] = value; }
  void set_port(const Port& port, std::size_t lsb, std::uint32_t width, std::uint64_t value);

  /// Registers take what they were told to at the last clock(), inputs what was set; the gates
  /// settle.
  void settle();
  /// The rising edge at the end of the cycle: what the registers take. Counts the edges that
  /// registers see.
  void clock();

  bool value(std::uint32_t net) const { return value_[net] != 0; }
  std::uint64_t port_value(const Port& port, std::size_t lsb, std::uint32_t width) const;

  /// Forgets the counts; values stay.
  void reset_counts();
  const std::vector<std::uint64_t>& rises() const { return rises_; }
  const std::vector<std::uint64_t>& falls() const { return falls_; }
  /// Edges with enable, by register.
  const std::vector<std::uint64_t>& edges() const { return edges_; }
  std::uint64_t cycles() const { return cycles_; }

 private:
  struct Event {
    std::uint32_t net;
    std::uint32_t stamp;
  };

  void levelize();
  void delays_from_library();
  void change(std::uint32_t net, bool value);
  void settle_levels();
  void settle_events();
  void schedule(std::uint32_t gate, std::uint64_t now);
  bool evaluate(std::uint32_t gate) const;

  const Netlist& netlist_;
  Delays delays_;
  std::vector<std::uint8_t> value_, next_register_;
  std::vector<std::uint8_t> next_input_;
  std::vector<std::uint32_t> input_nets_;
  std::vector<std::uint64_t> rises_, falls_, edges_;
  std::uint64_t cycles_ = 0;

  // Fan-out: gates that read a net are reader_[reader_begin_[net] .. reader_begin_[net + 1]).
  std::vector<std::uint32_t> reader_begin_, reader_;
  std::vector<std::uint32_t> level_;
  std::vector<std::vector<std::uint32_t>> dirty_;
  std::vector<std::uint8_t> is_dirty_;

  // Of delays: picoseconds, and the transition that is on its way.
  std::vector<std::uint32_t> rise_ps_, fall_ps_;
  std::vector<std::uint8_t> projected_;
  std::vector<std::uint32_t> stamp_;
  std::vector<std::vector<Event>> calendar_;
  std::uint64_t pending_ = 0;
};

}  // namespace lutsim::gates

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

/// Does a bug change anything? Answered by Yosys and its ABC, on the netlists that make_mutants.sh
/// left in a folder (docs/units/verify.md, "Mutation").
namespace lutsim::tools {

/// Value behind the last `option` in a command of Yosys; empty if there is none.
std::string value_of(const std::string& command, const std::string& option);

class EquivalenceProver {
 public:
  /// `top` is the name of the block, whose netlist is called TOP_mutated.
  EquivalenceProver(const std::filesystem::path& folder, const std::string& top)
      : folder_(folder), whole_(top + "_mutated") {}

  /// Whether the bug that `command` plants is proven to change nothing, by any of the proofs below.
  /// `number` names temporary files. False says nothing.
  bool proven(const std::string& command, unsigned number) const;

  /// From every state of the registers: they are inputs and outputs of a combinational circuit,
  /// `module` with the ports of its children as its own or, `flat`, with its children in it.
  bool proven_from_every_state(const std::string& command, unsigned number,
                               const std::string& module, bool flat) const;

  /// From reset: all registers are 0 at first, as in a simulation, and the inputs meet what the
  /// block asserts of them. Invariants come from signal correspondence and from property-directed
  /// reachability. Modules that do not contain the bug may answer anything, the same on both sides
  /// as long as they are asked the same; `flat`: only those with memories may.
  bool proven_from_reset(const std::string& command, unsigned number, bool flat) const;

 private:
  std::filesystem::path folder_;
  std::string whole_;
};

}  // namespace lutsim::tools

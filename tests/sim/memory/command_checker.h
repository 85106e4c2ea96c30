// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/spec/memory_standard.h"
#include "sim/memory/command.h"

namespace lutsim::test {

/// Reads a stream of commands of one channel against the timings of its standard and the states of
/// its rows, command by command and pair by pair. Written from the meaning of the fields, it shares
/// nothing with the tables of the simulator. Returns one line for each violation, at most `most`.
std::vector<std::string> violations(const spec::MemoryStandard& standard,
                                    const std::vector<sim::IssuedCommand>& commands,
                                    std::size_t most = 10);

}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

/// What the instrumented build observes of its Verilated blocks: coverage counters and waveforms
/// (docs/decisions/0011). Blocks are made inside checks that know nothing of it, so the request is
/// one for the whole process: that of the verification worker, which checks one block.
namespace lutsim::rtl {

/// The `count`-th evaluation of the Verilated block that was made as number `block`, both from 0.
struct Evaluation {
  std::uint32_t block = 0;
  std::uint64_t count = 0;
};

struct ProbeRequest {
  /// Existing folder: every Verilated block writes its counters there as <number>.dat when it ends.
  /// Empty: none.
  std::string coverage_folder;
  /// Waveform of the block `trace_end.block`, its last `trace_length` evaluations up to and with
  /// `trace_end.count`. Empty: none.
  std::string trace_file;
  Evaluation trace_end;
  std::uint64_t trace_length = 0;
};

/// Call before the first block is made.
void request_probe(const ProbeRequest& request);
const ProbeRequest& probe_request();

/// The evaluation that ended last, of any block.
Evaluation last_evaluation();

/// For VerilatedBlock: the number of a block that is made, and that it was evaluated.
std::uint32_t number_block();
void note_evaluation(const Evaluation& evaluation);

}  // namespace lutsim::rtl

// SPDX-License-Identifier: Apache-2.0
#include "sim/command/command_processor.h"

#include <utility>
#include <variant>

namespace lutsim::sim {

CommandProcessor::CommandProcessor(const sc_core::sc_module_name& name,
                                   const spec::CommandSpec& spec,
                                   const sc_core::sc_time& clock_period, CompletionBoard& board,
                                   Agenda& agenda, std::function<CommandPtr()> fetch)
    : sc_module(name),
      spec_(spec),
      clock_period_(clock_period),
      board_(board),
      timer_(agenda),
      fetch_(std::move(fetch)) {
  SC_HAS_PROCESS(CommandProcessor);
  SC_THREAD(run);
}

void CommandProcessor::run() {
  while (CommandPtr command = fetch_()) {
    timer_.wait(spec_.issue_cycles * clock_period_);
    const auto* transfer = std::get_if<DmaTransfer>(&command->work);
    board_.issue(command->id, transfer != nullptr && !transfer->write);
    const sc_core::sc_time ready = sc_core::sc_time_stamp();
    blocked_ = command;
    queue_of(*command).write(command);
    blocked_.reset();
    if (sc_core::sc_time_stamp() > ready) board_.was_held_up(command->id);
    ++issued_;
  }
  finished_ = true;
}

sc_core::sc_fifo_out<CommandPtr>& CommandProcessor::queue_of(const MacroCommand& command) {
  if (const auto* transfer = std::get_if<DmaTransfer>(&command.work)) {
    return transfer->write ? dma_write_out : dma_read_out;
  }
  if (const auto* message = std::get_if<LinkTransfer>(&command.work)) {
    return message->send ? link_send_out : link_receive_out;
  }
  return std::holds_alternative<MatrixWork>(command.work) ? matrix_out : vector_out;
}

}  // namespace lutsim::sim

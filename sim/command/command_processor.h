// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <systemc>

#include "models/spec/arch_spec.h"
#include "sim/kernel/agenda.h"
#include "sim/kernel/completion_board.h"
#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Fetches macro-commands in program order and puts each into the queue of its unit; a full queue
/// holds it up. Dependencies are the units' business: they wait for tokens, the processor runs
/// ahead.
class CommandProcessor : public sc_core::sc_module {
 public:
  sc_core::sc_fifo_out<CommandPtr> dma_read_out{"dma_read_out"};
  sc_core::sc_fifo_out<CommandPtr> dma_write_out{"dma_write_out"};
  sc_core::sc_fifo_out<CommandPtr> matrix_out{"matrix_out"};
  sc_core::sc_fifo_out<CommandPtr> vector_out{"vector_out"};
  sc_core::sc_fifo_out<CommandPtr> link_send_out{"link_send_out"};
  sc_core::sc_fifo_out<CommandPtr> link_receive_out{"link_receive_out"};

  /// `fetch` returns the next command, nullptr after the last.
  CommandProcessor(const sc_core::sc_module_name& name, const spec::CommandSpec& spec,
                   const sc_core::sc_time& clock_period, CompletionBoard& board, Agenda& agenda,
                   std::function<CommandPtr()> fetch);

  std::uint64_t issued() const { return issued_; }
  bool finished() const { return finished_; }
  /// The command that waits for room in its queue, null if none.
  const CommandPtr& blocked() const { return blocked_; }

 private:
  void run();
  sc_core::sc_fifo_out<CommandPtr>& queue_of(const MacroCommand& command);

  const spec::CommandSpec spec_;
  const sc_core::sc_time clock_period_;
  CompletionBoard& board_;
  Agenda::Timer timer_;
  const std::function<CommandPtr()> fetch_;
  std::uint64_t issued_ = 0;
  bool finished_ = false;
  CommandPtr blocked_;
};

}  // namespace lutsim::sim

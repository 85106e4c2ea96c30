// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <systemc>
#include <vector>

#include "sim/buffer/scratchpad.h"
#include "sim/command/command_processor.h"
#include "sim/decoder/weight_decoder.h"
#include "sim/dma/dma_engine.h"
#include "sim/link/link_port.h"
#include "sim/lowering/lowering.h"
#include "sim/matrix/matrix_unit.h"
#include "sim/memory/dram.h"
#include "sim/noc/noc_link.h"
#include "sim/platform/ledger.h"
#include "sim/platform/platform.h"
#include "sim/vector/vector_unit.h"

namespace lutsim::sim {

/// One chip: all its units, the queues between them, its memory.
class Machine : public sc_core::sc_module {
 public:
  /// `arch` and `trace` must outlive the machine. Throws spec::SpecError when the trace does not
  /// fit.
  Machine(const sc_core::sc_module_name& name, const spec::ArchSpec& arch,
          const spec::MemoryStandard& memory, const workloads::OperatorTrace& trace,
          Computation* computation, const RunOptions& options);

  /// Ports to the other chips, to be bound by whoever builds the system.
  LinkSender& link_sender() { return link_sender_; }
  LinkReceiver& link_receiver() { return link_receiver_; }

  /// All commands of the program have been issued and have finished.
  bool done() const { return processor_.finished() && board_.finished() == processor_.issued(); }
  /// Who waits for whom.
  std::string describe_stop() const;
  RunStatistics statistics() const;

 private:
  struct Unit {
    UnitKind kind;
    std::vector<const UnitFront*> fronts;
  };
  std::vector<Unit> units() const;
  models::EventCounts events() const;
  UnitCycles unit_cycles(const Unit& unit) const;

  const spec::ArchSpec& arch_;
  const workloads::OperatorTrace& trace_;
  const sc_core::sc_time period_;
  Agenda agenda_;
  Ledger ledger_;
  Lowering lowering_;
  CompletionBoard board_;
  Dram dram_;
  Scratchpad weight_buffer_;
  Scratchpad activation_buffer_;
  WeightDecoder decoder_;
  NocLink dma_path_, matrix_path_, vector_path_, send_path_, receive_path_;
  sc_core::sc_fifo<CommandPtr> read_queue_, write_queue_, matrix_queue_, vector_queue_,
      link_send_queue_, link_receive_queue_;
  CommandProcessor processor_;
  DmaEngine dma_read_, dma_write_;
  MatrixUnit matrix_;
  VectorUnit vector_;
  LinkSender link_sender_;
  LinkReceiver link_receiver_;
};

}  // namespace lutsim::sim

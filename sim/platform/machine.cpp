// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/machine.h"

#include "sim/kernel/clock.h"
#include "sim/matrix/matrix_cost.h"
#include "sim/platform/deadlock.h"

namespace lutsim::sim {

Machine::Machine(const sc_core::sc_module_name& name, const spec::ArchSpec& arch,
                 const spec::MemoryStandard& memory, const workloads::OperatorTrace& trace,
                 Computation* computation, const RunOptions& options)
    : sc_module(name),
      arch_(arch),
      trace_(trace),
      period_(ClockDomain::from_frequency(arch.clock).period),
      agenda_("agenda"),
      ledger_(trace, [this] { return events(); }),
      lowering_(arch, trace, capacity_bytes(memory, arch.memory.channels)),
      dram_("dram", arch.memory, memory, agenda_, options.dram_path),
      weight_buffer_("weight_buffer", arch.weight_buffer, period_),
      activation_buffer_("activation_buffer", arch.activation_buffer, period_),
      decoder_("decoder", arch.decoder, period_),
      dma_path_("dma_path", arch.dma.bytes_per_cycle, period_),
      matrix_path_("matrix_path", arch.noc.matrix_bytes_per_cycle, period_),
      vector_path_("vector_path", arch.noc.vector_bytes_per_cycle, period_),
      send_path_("send_path", arch.noc.chip_link_bytes_per_cycle, period_),
      receive_path_("receive_path", arch.noc.chip_link_bytes_per_cycle, period_),
      read_queue_("dma_read_queue", static_cast<int>(arch.command.queue_depth)),
      write_queue_("dma_write_queue", static_cast<int>(arch.command.queue_depth)),
      matrix_queue_("matrix_queue", static_cast<int>(arch.command.queue_depth)),
      vector_queue_("vector_queue", static_cast<int>(arch.command.queue_depth)),
      link_send_queue_("link_send_queue", static_cast<int>(arch.command.queue_depth)),
      link_receive_queue_("link_receive_queue", static_cast<int>(arch.command.queue_depth)),
      processor_("command_processor", arch.command, period_, board_, agenda_,
                 [this, total = trace.operators.size(), progress = options.progress] {
                   CommandPtr command = lowering_.next();
                   if (progress) progress(lowering_.operators_lowered(), total);
                   return command;
                 }),
      dma_read_("dma_read", arch.dma, arch.dma.read_channels, period_, board_, agenda_,
                ledger_.observer(UnitKind::dma_read)),
      dma_write_("dma_write", arch.dma, arch.dma.write_channels, period_, board_, agenda_,
                 ledger_.observer(UnitKind::dma_write)),
      matrix_("matrix", arch.matrix, period_, board_, agenda_, ledger_.observer(UnitKind::matrix),
              computation ? MatrixUnit::Implementation(
                                [computation](workloads::OperatorId op, const MatrixWork& work) {
                                  return computation->run(op, work);
                                })
                          : MatrixUnit::Implementation()),
      vector_("vector", arch.vector, period_, trace, board_, agenda_,
              ledger_.observer(UnitKind::vector),
              computation ? VectorUnit::Compute(
                                [computation](workloads::OperatorId op, const VectorWork& work) {
                                  computation->run(op, work);
                                })
                          : VectorUnit::Compute()),
      link_sender_("link_sender", arch.system, board_, agenda_,
                   ledger_.observer(UnitKind::link_send)),
      link_receiver_("link_receiver", arch.system, board_, agenda_,
                     ledger_.observer(UnitKind::link_receive)) {
  processor_.dma_read_out(read_queue_);
  processor_.dma_write_out(write_queue_);
  processor_.matrix_out(matrix_queue_);
  processor_.vector_out(vector_queue_);
  processor_.link_send_out(link_send_queue_);
  processor_.link_receive_out(link_receive_queue_);
  dma_read_.command_in(read_queue_);
  dma_write_.command_in(write_queue_);
  matrix_.command_in(matrix_queue_);
  vector_.command_in(vector_queue_);
  link_sender_.command_in(link_send_queue_);
  link_receiver_.command_in(link_receive_queue_);

  dma_read_.dram_initiator.bind(dram_.target);
  dma_write_.dram_initiator.bind(dram_.target);
  const auto bind_both = [](auto& unit, NocLink& path) {
    unit.weight_buffer_initiator.bind(path.weight_target);
    unit.activation_buffer_initiator.bind(path.activation_target);
  };
  dma_read_.weight_buffer_initiator.bind(decoder_.target);
  decoder_.initiator.bind(dma_path_.weight_target);
  dma_read_.activation_buffer_initiator.bind(dma_path_.activation_target);
  bind_both(dma_write_, dma_path_);
  bind_both(matrix_, matrix_path_);
  bind_both(vector_, vector_path_);
  link_sender_.activation_buffer_initiator.bind(send_path_.activation_target);
  link_receiver_.activation_buffer_initiator.bind(receive_path_.activation_target);
  for (NocLink* path : {&dma_path_, &matrix_path_, &vector_path_, &send_path_, &receive_path_}) {
    path->weight_initiator.bind(weight_buffer_.target);
    path->activation_initiator.bind(activation_buffer_.target);
  }
}

std::vector<Machine::Unit> Machine::units() const {
  std::vector<Unit> units{{UnitKind::matrix, {&matrix_.front()}},
                          {UnitKind::vector, {&vector_.front()}},
                          {UnitKind::dma_read, {}},
                          {UnitKind::dma_write, {}}};
  for (const UnitFront& front : dma_read_.fronts()) units[2].fronts.push_back(&front);
  for (const UnitFront& front : dma_write_.fronts()) units[3].fronts.push_back(&front);
  if (arch_.system.chips > 1) {
    units.push_back({UnitKind::link_send, {&link_sender_.front()}});
    units.push_back({UnitKind::link_receive, {&link_receiver_.front()}});
  }
  return units;
}

std::string Machine::describe_stop() const {
  StoppedChip chip{trace_, board_, {}, processor_.issued(), processor_.blocked()};
  for (const Unit& unit : units()) {
    for (const UnitFront* front : unit.fronts) chip.units.emplace_back(to_string(unit.kind), front);
  }
  return describe(chip);
}

RunStatistics Machine::statistics() const {
  RunStatistics s;
  const sc_core::sc_time total = ledger_.last();
  s.seconds = total.to_seconds();
  s.cycles = total / period_;
  s.steps = ledger_.steps();
  s.kinds = ledger_.kinds();
  s.critical_path = ledger_.record().critical_path();
  s.timeline = ledger_.record().timeline();
  sc_core::sc_time serial =
      static_cast<double>(processor_.issued() * arch_.command.issue_cycles) * period_;
  for (const Unit& unit : units()) {
    s.units.push_back(unit_cycles(unit));
    for (const UnitFront* front : unit.fronts) serial += front->activity().busy;
  }
  s.serial_s = serial.to_seconds();
  s.commands = board_.finished();
  s.matrix_tile_cycles = matrix_.tile_cycles_total();

  s.events = events();
  s.matrix_one_bit_ops = one_bit_operations(arch_.matrix, s.events);

  const DramStatistics memory = dram_.statistics();
  s.dram_read_bytes = memory.read_bytes;
  s.dram_write_bytes = memory.write_bytes;
  s.dram_row_hits = memory.row_hits;
  s.dram_row_misses = memory.row_misses;
  s.dram_row_conflicts = memory.row_conflicts;
  s.dram_mean_latency_s = memory.mean_read_latency_s();
  s.dram_peak_bytes_per_s = dram_.peak_bytes_per_second();
  s.dram_bytes_used = lowering_.dram_bytes_used();
  s.sram_read_bytes = weight_buffer_.read_bytes() + activation_buffer_.read_bytes();
  s.sram_write_bytes = weight_buffer_.write_bytes() + activation_buffer_.write_bytes();
  return s;
}

models::EventCounts Machine::events() const {
  models::EventCounts sum;
  for (const auto* part :
       {&matrix_.events(), &vector_.events(), &dma_read_.events(), &dma_write_.events(),
        &decoder_.events(), &link_sender_.events(), &link_receiver_.events()}) {
    sum += *part;
  }
  sum += dram_.events(sc_core::sc_time_stamp());
  sum.add(models::Event::command_issue, processor_.issued());
  return sum;
}

/// A unit that waits for more work when the run ends is idle until the end.
UnitCycles Machine::unit_cycles(const Unit& unit) const {
  UnitCycles cycles;
  cycles.unit = to_string(unit.kind);
  const auto count = static_cast<double>(unit.fronts.size());
  for (const UnitFront* front : unit.fronts) {
    cycles.busy += front->activity().busy / period_ / count;
    cycles.wait_memory += front->activity().wait_memory / period_ / count;
    cycles.wait_dependency += front->activity().wait_dependency / period_ / count;
  }
  cycles.idle =
      ledger_.last() / period_ - cycles.busy - cycles.wait_memory - cycles.wait_dependency;
  return cycles;
}

}  // namespace lutsim::sim

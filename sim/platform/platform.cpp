// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/platform.h"

#include <fmt/core.h>

#include <map>
#include <systemc>

#include "sim/buffer/scratchpad.h"
#include "sim/command/command_processor.h"
#include "sim/dma/dma_engine.h"
#include "sim/kernel/clock.h"
#include "sim/lowering/lowering.h"
#include "sim/matrix/matrix_cost.h"
#include "sim/matrix/matrix_unit.h"
#include "sim/memory/dram.h"
#include "sim/platform/run_record.h"
#include "sim/vector/vector_unit.h"

namespace lutsim::sim {

namespace {

using sc_core::sc_time;
using workloads::OperatorKind;

/// Books the work of finished commands by operator kind and by forward pass.
class Ledger {
 public:
  /// `events` returns the counts of the whole machine at this moment.
  Ledger(const workloads::OperatorTrace& trace, std::function<models::EventCounts()> events)
      : trace_(trace), events_(std::move(events)), record_(trace) {}

  UnitFront::Observer observer(UnitKind unit) {
    return [this, unit](const FinishedCommand& finished) {
      record_.add(unit, finished);
      const MacroCommand& command = finished.command;
      const auto& op = trace_.operators[command.op];
      KindTime& kind = kinds_[op.kind];
      kind.kind = op.kind;
      const double seconds = (sc_core::sc_time_stamp() - finished.began).to_seconds();
      switch (unit) {
        case UnitKind::matrix:
          kind.matrix_s += seconds;
          break;
        case UnitKind::vector:
          kind.vector_s += seconds;
          break;
        case UnitKind::dma_read:
        case UnitKind::dma_write:
          kind.dma_s += seconds;
          kind.dram_bytes += std::get<DmaTransfer>(command.work).bytes();
          break;
      }
      if (op.kind == OperatorKind::sample) {
        if (steps_.empty() || steps_.back().step != op.step) steps_.push_back({op.step, 0, {}});
        steps_.back().end_s = sc_core::sc_time_stamp().to_seconds();
        steps_.back().events = events_();
      }
      last_ = sc_core::sc_time_stamp();
    };
  }

  std::vector<KindTime> kinds() const {
    std::vector<KindTime> result;
    for (const auto& [kind, time] : kinds_) result.push_back(time);
    return result;
  }
  const std::vector<StepRecord>& steps() const { return steps_; }
  const RunRecord& record() const { return record_; }
  /// When the last command of the program finished.
  const sc_time& last() const { return last_; }

 private:
  const workloads::OperatorTrace& trace_;
  std::function<models::EventCounts()> events_;
  std::map<OperatorKind, KindTime> kinds_;
  std::vector<StepRecord> steps_;
  RunRecord record_;
  sc_time last_;
};

/// All modules of the accelerator and the queues between them.
class Machine {
 public:
  Machine(const spec::ArchSpec& arch, const spec::MemoryStandard& memory,
          const workloads::OperatorTrace& trace, Computation* computation,
          const RunOptions& options)
      : arch_(arch),
        period_(ClockDomain::from_frequency(arch.clock).period),
        ledger_(trace, [this] { return events(); }),
        lowering_(arch, trace, capacity_bytes(memory, arch.memory.channels)),
        dram_("dram", arch.memory, memory, options.dram_path),
        weight_buffer_("weight_buffer", arch.weight_buffer, period_),
        activation_buffer_("activation_buffer", arch.activation_buffer, period_),
        read_queue_("dma_read_queue", static_cast<int>(arch.command.queue_depth)),
        write_queue_("dma_write_queue", static_cast<int>(arch.command.queue_depth)),
        matrix_queue_("matrix_queue", static_cast<int>(arch.command.queue_depth)),
        vector_queue_("vector_queue", static_cast<int>(arch.command.queue_depth)),
        processor_("command_processor", arch.command, period_, board_,
                   [this, total = trace.operators.size(), progress = options.progress] {
                     CommandPtr command = lowering_.next();
                     if (progress) progress(lowering_.operators_lowered(), total);
                     return command;
                   }),
        dma_read_("dma_read", arch.dma, arch.dma.read_channels, period_, board_,
                  ledger_.observer(UnitKind::dma_read), path_),
        dma_write_("dma_write", arch.dma, arch.dma.write_channels, period_, board_,
                   ledger_.observer(UnitKind::dma_write), path_),
        matrix_("matrix", arch.matrix, period_, board_, ledger_.observer(UnitKind::matrix),
                computation ? MatrixUnit::Implementation(
                                  [computation](workloads::OperatorId op, const MatrixWork& work) {
                                    return computation->run(op, work);
                                  })
                            : MatrixUnit::Implementation()),
        vector_("vector", arch.vector, period_, trace, board_, ledger_.observer(UnitKind::vector),
                computation ? VectorUnit::Compute(
                                  [computation](workloads::OperatorId op, const VectorWork& work) {
                                    computation->run(op, work);
                                  })
                            : VectorUnit::Compute()) {
    processor_.dma_read_out(read_queue_);
    processor_.dma_write_out(write_queue_);
    processor_.matrix_out(matrix_queue_);
    processor_.vector_out(vector_queue_);
    dma_read_.command_in(read_queue_);
    dma_write_.command_in(write_queue_);
    matrix_.command_in(matrix_queue_);
    vector_.command_in(vector_queue_);
    for (DmaEngine* dma : {&dma_read_, &dma_write_}) {
      dma->dram_initiator.bind(dram_.target);
      bind_buffers(*dma);
    }
    bind_buffers(matrix_);
    bind_buffers(vector_);
  }

  /// Throws SimulationError when commands are left that wait for each other.
  void run() {
    sc_core::sc_start();
    if (processor_.finished() && board_.finished() == processor_.issued()) return;
    std::string text = fmt::format("deadlock at cycle {}: {} of {} issued commands have finished",
                                   static_cast<std::uint64_t>(sc_core::sc_time_stamp() / period_),
                                   board_.finished(), processor_.issued());
    const auto report = [&](const char* unit, const UnitFront& front) {
      if (!front.held()) return;
      const CommandId* pending = board_.first_pending(front.held()->waits);
      text += fmt::format("\n  {} holds command {}", unit, front.held()->id);
      if (pending) text += fmt::format(", which waits for command {}", *pending);
    };
    report("matrix", matrix_.front());
    report("vector", vector_.front());
    for (const auto& front : dma_read_.fronts()) report("dma_read", front);
    for (const auto& front : dma_write_.fronts()) report("dma_write", front);
    throw SimulationError(text);
  }

  RunStatistics statistics() const {
    RunStatistics s;
    const sc_time total = ledger_.last();
    s.seconds = total.to_seconds();
    s.cycles = total / period_;
    s.steps = ledger_.steps();
    s.kinds = ledger_.kinds();
    s.critical_path = ledger_.record().critical_path();
    s.timeline = ledger_.record().timeline();
    s.units.push_back(unit_cycles("matrix", {&matrix_.front()}));
    s.units.push_back(unit_cycles("vector", {&vector_.front()}));
    s.units.push_back(unit_cycles("dma_read", fronts(dma_read_)));
    s.units.push_back(unit_cycles("dma_write", fronts(dma_write_)));
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

 private:
  models::EventCounts events() const {
    models::EventCounts sum;
    for (const auto* part :
         {&matrix_.events(), &vector_.events(), &dma_read_.events(), &dma_write_.events()}) {
      sum += *part;
    }
    sum += dram_.events(sc_core::sc_time_stamp());
    sum.add(models::Event::command_issue, processor_.issued());
    return sum;
  }
  template <class Unit>
  void bind_buffers(Unit& unit) {
    unit.weight_buffer_initiator.bind(weight_buffer_.target);
    unit.activation_buffer_initiator.bind(activation_buffer_.target);
  }
  static std::vector<const UnitFront*> fronts(const DmaEngine& dma) {
    std::vector<const UnitFront*> result;
    for (const auto& front : dma.fronts()) result.push_back(&front);
    return result;
  }
  /// Mean over `fronts`. A unit that waits for more work when the run ends is idle until the end.
  UnitCycles unit_cycles(std::string name, const std::vector<const UnitFront*>& fronts) const {
    UnitCycles cycles;
    cycles.unit = std::move(name);
    const auto count = static_cast<double>(fronts.size());
    for (const UnitFront* front : fronts) {
      cycles.busy += front->activity().busy / period_ / count;
      cycles.wait_memory += front->activity().wait_memory / period_ / count;
      cycles.wait_dependency += front->activity().wait_dependency / period_ / count;
    }
    cycles.idle =
        ledger_.last() / period_ - cycles.busy - cycles.wait_memory - cycles.wait_dependency;
    return cycles;
  }

  const spec::ArchSpec& arch_;
  const sc_time period_;
  Ledger ledger_;
  Lowering lowering_;
  CompletionBoard board_;
  BandwidthServer path_;
  Dram dram_;
  Scratchpad weight_buffer_;
  Scratchpad activation_buffer_;
  sc_core::sc_fifo<CommandPtr> read_queue_, write_queue_, matrix_queue_, vector_queue_;
  CommandProcessor processor_;
  DmaEngine dma_read_, dma_write_;
  MatrixUnit matrix_;
  VectorUnit vector_;
};

}  // namespace

RunStatistics run_platform(const spec::ArchSpec& arch, const spec::MemoryStandard& memory,
                           const workloads::OperatorTrace& trace, Computation* computation,
                           const RunOptions& options) {
  try {
    Machine machine(arch, memory, trace, computation, options);
    machine.run();
    return machine.statistics();
  } catch (const sc_core::sc_report& report) {
    throw SimulationError(report.what());
  }
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/platform.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <stdexcept>
#include <systemc>

#include "sim/kernel/clock.h"
#include "sim/platform/machine.h"

namespace lutsim::sim {

namespace {

/// The chips that are simulated and the links between them.
class System {
 public:
  System(const spec::ArchSpec& arch, const spec::MemoryStandard& memory,
         const std::vector<workloads::OperatorTrace>& traces, Computation* computation,
         const RunOptions& options)
      : arch_(arch), chips_(arch.system.chips) {
    RunOptions of_chip = options;
    // What does not fit is found here, and not when the simulation gets there.
    for (const auto& trace : traces) {
      check_lowering(arch, trace, capacity_bytes(memory, arch.memory.channels));
    }
    for (const auto& trace : traces) {
      const std::string name = "chip_" + std::to_string(machines_.size());
      machines_.push_back(
          std::make_unique<Machine>(name.c_str(), arch, memory, trace, computation, of_chip));
      of_chip.progress = {};
    }
    for (std::size_t chip = 0; chip < machines_.size(); ++chip) {
      for (std::uint32_t distance = 1; distance < chips_; ++distance) {
        auto& link =
            links_.emplace_back(fmt::format("link_{}_{}", chip, distance).c_str(), kLinkMessages);
        Machine& receiver = *machines_[(chip + distance) % machines_.size()];
        machines_[chip]->link_sender().message_out[distance - 1].bind(link);
        receiver.link_receiver().message_in[distance - 1].bind(link);
      }
    }
  }

  /// Throws SimulationError when commands are left that wait for each other.
  void run() {
    sc_core::sc_start();
    const auto is_done = [](const auto& machine) { return machine->done(); };
    if (std::all_of(machines_.begin(), machines_.end(), is_done)) return;
    const auto period = ClockDomain::from_frequency(arch_.clock).period;
    std::string text = fmt::format("deadlock at cycle {}",
                                   static_cast<std::uint64_t>(sc_core::sc_time_stamp() / period));
    for (const auto& machine : machines_) {
      if (!machine->done())
        text += fmt::format("\n{}: {}", machine->name(), machine->describe_stop());
    }
    throw SimulationError(text);
  }

  RunStatistics statistics() const {
    RunStatistics sum = machines_.front()->statistics();
    for (std::size_t i = 1; i < machines_.size(); ++i) add(machines_[i]->statistics(), sum);
    const auto simulated = static_cast<std::uint32_t>(machines_.size());
    sum.simulated_chips = simulated;
    for (UnitCycles& unit : sum.units) {
      unit.busy /= simulated;
      unit.wait_memory /= simulated;
      unit.wait_dependency /= simulated;
      unit.idle = sum.cycles - unit.busy - unit.wait_memory - unit.wait_dependency;
    }
    for (KindTime& kind : sum.kinds) {
      for (double KindTime::*seconds : kSeconds) kind.*seconds /= simulated;
    }
    multiply_counts(sum, chips_ / simulated);
    return sum;
  }

 private:
  static constexpr std::array<double KindTime::*, 6> kSeconds{
      &KindTime::matrix_s, &KindTime::vector_s,      &KindTime::dma_s,
      &KindTime::link_s,   &KindTime::wait_memory_s, &KindTime::wait_dependency_s};

  static void add(const RunStatistics& chip, RunStatistics& sum) {
    if (chip.seconds > sum.seconds) {
      sum.seconds = chip.seconds;
      sum.cycles = chip.cycles;
      sum.critical_path = chip.critical_path;
    }
    for (std::size_t i = 0; i < sum.steps.size(); ++i) {
      sum.steps[i].end_s = std::max(sum.steps[i].end_s, chip.steps.at(i).end_s);
      sum.steps[i].events += chip.steps[i].events;
    }
    for (std::size_t i = 0; i < sum.units.size(); ++i) {
      sum.units[i].busy += chip.units.at(i).busy;
      sum.units[i].wait_memory += chip.units[i].wait_memory;
      sum.units[i].wait_dependency += chip.units[i].wait_dependency;
    }
    for (std::size_t i = 0; i < sum.kinds.size(); ++i) {
      for (double KindTime::*seconds : kSeconds) {
        sum.kinds[i].*seconds += chip.kinds.at(i).*seconds;
      }
      sum.kinds[i].dram_bytes += chip.kinds[i].dram_bytes;
    }
    sum.serial_s = std::max(sum.serial_s, chip.serial_s);
    sum.events += chip.events;
    for_each_count(sum, [&chip](std::uint64_t RunStatistics::*count, RunStatistics& of) {
      of.*count += chip.*count;
    });
    // The mean over the reads of all chips would weigh by their number, which hardly differs.
    sum.dram_mean_latency_s = std::max(sum.dram_mean_latency_s, chip.dram_mean_latency_s);
    sum.dram_peak_bytes_per_s += chip.dram_peak_bytes_per_s;
    sum.dram_bytes_used = std::max(sum.dram_bytes_used, chip.dram_bytes_used);
  }

  /// The chips that were not simulated do what the simulated ones do.
  static void multiply_counts(RunStatistics& sum, std::uint32_t times) {
    const auto multiply = [times](models::EventCounts& events) {
      const models::EventCounts once = events;
      for (std::uint32_t i = 1; i < times; ++i) events += once;
    };
    multiply(sum.events);
    for (StepRecord& step : sum.steps) multiply(step.events);
    for (KindTime& kind : sum.kinds) kind.dram_bytes *= times;
    for_each_count(sum, [times](std::uint64_t RunStatistics::*count, RunStatistics& of) {
      of.*count *= times;
    });
    sum.dram_peak_bytes_per_s *= times;
  }

  template <class Visit>
  static void for_each_count(RunStatistics& statistics, const Visit& visit) {
    using S = RunStatistics;
    for (const auto count :
         {&S::commands, &S::matrix_tile_cycles, &S::matrix_one_bit_ops, &S::dram_read_bytes,
          &S::dram_write_bytes, &S::dram_row_hits, &S::dram_row_misses, &S::dram_row_conflicts,
          &S::sram_read_bytes, &S::sram_write_bytes}) {
      visit(count, statistics);
    }
  }

  const spec::ArchSpec& arch_;
  const std::uint32_t chips_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::deque<sc_core::sc_fifo<LinkMessage>> links_;
};

}  // namespace

RunStatistics run_platform(const spec::ArchSpec& arch, const spec::MemoryStandard& memory,
                           const std::vector<workloads::OperatorTrace>& traces,
                           Computation* computation, const RunOptions& options) {
  if (traces.size() != 1 && traces.size() != arch.system.chips) {
    throw std::invalid_argument(
        fmt::format("{} traces for {} chips", traces.size(), arch.system.chips));
  }
  try {
    System system(arch, memory, traces, computation, options);
    system.run();
    return system.statistics();
  } catch (const sc_core::sc_report& report) {
    throw SimulationError(report.what());
  }
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/kernel/macro_command.h"
#include "sim/memory/channel.h"

/// The accelerator as a whole: builds the units from one ArchSpec, binds them, runs a trace.
/// SystemC stays behind this header.
namespace lutsim::sim {

/// The simulation itself failed: a deadlock, a broken protocol. The text names units and cycles.
class SimulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What computes the tensors in functional mode. Both functions are called once for every command
/// of their unit, in an order that respects all dependencies.
class Computation {
 public:
  virtual ~Computation() = default;
  /// Computes a tile and returns the cycles that its implementation took.
  virtual std::uint64_t run(workloads::OperatorId op, const MatrixWork& work) = 0;
  virtual void run(workloads::OperatorId op, const VectorWork& work) = 0;
};

/// Cycles of a unit, the mean over its channels and over all chips; the parts add up to the length
/// of the run.
struct UnitCycles {
  std::string unit;
  double busy = 0, wait_memory = 0, wait_dependency = 0, idle = 0;
};

/// A forward pass of the model: prefill is step 0.
struct StepRecord {
  std::uint32_t step = 0;
  double end_s = 0;
  models::EventCounts events;  ///< of the run up to the end of the step
};

/// What all operators of one kind took together.
struct KindTime {
  workloads::OperatorKind kind = workloads::OperatorKind::add;
  /// Busy time, the mean over the chips; units overlap, so parts may exceed a run.
  double matrix_s = 0, vector_s = 0, dma_s = 0, link_s = 0;
  /// Matrix and vector unit held a command of the kind and waited, the mean over the chips.
  double wait_memory_s = 0, wait_dependency_s = 0;
  std::uint64_t dram_bytes = 0;  ///< of all chips
};

enum class UnitKind : std::uint8_t { matrix, vector, dma_read, dma_write, link_send, link_receive };
const char* to_string(UnitKind unit);

/// A part of the critical path: what a unit did for operators of one kind.
struct PathShare {
  std::string unit;  ///< "command" for the command processor
  workloads::OperatorKind kind = workloads::OperatorKind::add;
  double seconds = 0;
  std::uint64_t commands = 0;
};

/// What one unit did for one operator, from its first command to its last.
struct TimelineSlice {
  UnitKind unit = UnitKind::matrix;
  workloads::OperatorId op = 0;
  double begin_s = 0;
  double end_s = 0;
  double busy_s = 0;  ///< of all its commands; more than the slice where several run at a time
  std::uint64_t commands = 0;
};

/// What all chips together did and counted, unless said otherwise.
struct RunStatistics {
  std::uint32_t simulated_chips = 1;  ///< the others do the same at the same time
  double seconds = 0;
  double cycles = 0;
  /// What the commands of one chip would take without any overlap, each as long as it took.
  double serial_s = 0;
  std::vector<StepRecord> steps;
  std::vector<UnitCycles> units;
  std::vector<KindTime> kinds;
  /// The chain of commands that ends with the last of the run, each the cause of the next: the run
  /// takes as long as this chain. Longest share first; the parts add up to `seconds`. Of the chip
  /// that finished last.
  std::vector<PathShare> critical_path;
  std::vector<TimelineSlice> timeline;  ///< by begin; of the first chip
  models::EventCounts events;
  std::uint64_t commands = 0;
  std::uint64_t matrix_tile_cycles = 0;  ///< cycles that the matrix implementation itself reported
  std::uint64_t matrix_one_bit_ops = 0;  ///< lanes x steps that carried weights
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;
  /// Regions that weights, caches and spilled tensors occupy, on the fullest chip.
  std::uint64_t dram_bytes_used = 0;
  double dram_peak_bytes_per_s = 0;
  double dram_mean_latency_s = 0;  ///< of reads, from entering a channel's queue to data
  std::uint64_t dram_row_hits = 0, dram_row_misses = 0, dram_row_conflicts = 0;
  std::uint64_t sram_read_bytes = 0, sram_write_bytes = 0;
};

struct RunOptions {
  DramPath dram_path = DramPath::row;  ///< how finely DRAM is played; the results are the same
  /// Called with lowered and total operators; may be empty.
  std::function<void(std::uint64_t, std::uint64_t)> progress;
};

/// Runs a workload on the accelerator. `computation` null: timing mode.
///
/// `traces` has what each of arch.system.chips executes (workloads::tensor_parallel()), or a single
/// trace if that is what every chip executes: then one chip is simulated, whose messages come back
/// to itself. As all chips start alike and do the same, that is what its neighbours send it.
///
/// One call per process: the SystemC kernel cannot elaborate twice. Throws SimulationError;
/// spec::SpecError when the workload does not fit the machine; std::invalid_argument when the
/// number of traces is neither.
RunStatistics run_platform(const spec::ArchSpec& arch, const spec::MemoryStandard& memory,
                           const std::vector<workloads::OperatorTrace>& traces,
                           Computation* computation, const RunOptions& options = {});

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"
#include "sim/lowering/dram_regions.h"
#include "sim/lowering/residency.h"
#include "sim/lowering/room_on_chip.h"
#include "sim/lowering/slot_ring.h"
#include "sim/lowering/weight_layout.h"

namespace lutsim::sim {

/// State that the lowering of all operators shares: where tensors live, which commands wrote them,
/// which staging slots are free, and the commands emitted so far.
class Program {
 public:
  Program(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
          std::uint64_t dram_capacity);

  const spec::ArchSpec& arch() const { return arch_; }
  const workloads::OperatorTrace& trace() const { return trace_; }

  CommandId emit(workloads::OperatorId op, DmaTransfer work, std::vector<CommandId> waits);
  CommandId emit(workloads::OperatorId op, MatrixWork work, std::vector<CommandId> waits);
  CommandId emit(workloads::OperatorId op, VectorWork work, std::vector<CommandId> waits);
  CommandId emit(workloads::OperatorId op, LinkTransfer work, std::vector<CommandId> waits);
  std::deque<CommandPtr>& pending() { return pending_; }

  SlotRing weight_slots;
  SlotRing activation_slots;
  Residency residency;
  RoomOnChip room;

  /// Where an activation lives while it is needed.
  struct Placement {
    bool resident = true;
    std::uint64_t bytes = 0;
    std::uint64_t address = 0;  ///< in DRAM, when not resident
    std::uint64_t rows = 1;
    std::uint64_t row_bytes = 0;
    /// In DRAM a tensor lies block of columns by block of columns, in a block row by row; a matrix
    /// unit writes and reads whole blocks. row_bytes: one block, that is row by row.
    std::uint64_t block_bytes = 0;
    std::vector<CommandId> ready;    ///< commands that a reader waits for
    std::vector<CommandId> readers;  ///< last command of every operator that read it
    std::uint32_t uses_left = 0;
  };
  /// Makes room for an output: on chip if it fits and is worth it, else in DRAM. `waits` gets what
  /// the writer must wait for.
  Placement& place_output(workloads::TensorId tensor, std::vector<CommandId>& waits);
  Placement& placement(workloads::TensorId tensor) { return placements_[tensor]; }
  /// The transfer of bytes [byte_begin, byte_begin + byte_count) of some rows of a spilled
  /// activation. Precondition: they are whole blocks, or lie in one.
  static DmaTransfer spilled_rows(const Placement& place, std::uint64_t row_begin,
                                  std::uint64_t row_count, std::uint64_t byte_begin,
                                  std::uint64_t byte_count, bool write);
  /// The same of any bytes: one transfer for the part of a block, one for whole blocks, one more
  /// for a part.
  static std::vector<DmaTransfer> spilled_columns(const Placement& place, std::uint64_t row_begin,
                                                  std::uint64_t row_count, std::uint64_t byte_begin,
                                                  std::uint64_t byte_count, bool write);
  /// Rows of an operator that has `rows` of them, when the tensor may have more or fewer (a row for
  /// each head, for example): its even share of the tensor.
  static DmaTransfer spilled_share(const Placement& place, std::uint64_t rows,
                                   std::uint64_t row_begin, std::uint64_t row_count, bool write);
  /// All columns of some rows.
  static DmaTransfer spilled_rows(const Placement& place, std::uint64_t row_begin,
                                  std::uint64_t row_count, bool write) {
    return spilled_rows(place, row_begin, row_count, 0, place.row_bytes, write);
  }
  bool is_activation(workloads::TensorId tensor) const;
  /// Bytes that neighbouring elements of a tensor take.
  std::uint64_t bytes_of(workloads::TensorId tensor, std::uint64_t elements) const;
  /// Called after an operator was lowered: `last` are its last commands that touch inputs.
  void retire_inputs(const workloads::Operator& op, const std::vector<CommandId>& last);
  void retire_inputs(const workloads::Operator& op, CommandId last) {
    retire_inputs(op, std::vector<CommandId>{last});
  }

  /// Region of a weight or cache tensor; BCQ matrices have a layout instead.
  std::uint64_t region(workloads::TensorId tensor) const { return regions_[tensor]; }
  const WeightLayout& weight_layout(workloads::TensorId tensor) const {
    return layouts_.at(tensor);
  }
  /// Names the commands after which all of a weight is overwritten.
  void updated(workloads::TensorId weight, std::vector<CommandId> last) {
    updates_[weight] = std::move(last);
  }
  /// Appends to `waits` what a load of the weight waits for.
  void wait_for_update(workloads::TensorId weight, std::vector<CommandId>& waits) const {
    const auto update = updates_.find(weight);
    if (update == updates_.end()) return;
    waits.insert(waits.end(), update->second.begin(), update->second.end());
  }
  std::uint64_t dram_used() const { return regions_of_dram_.used(); }

  /// KV cache bookkeeping: stores that a later load of old positions waits for, and the appends
  /// that the current step's attention waits for.
  struct CacheState {
    std::vector<CommandId> stores;                ///< of steps before the current one
    std::vector<CommandId> fresh_stores;          ///< of the current step
    std::vector<CommandId> appended;              ///< vector-unit commands of the current step
    bool fresh_on_chip = true;                    ///< the current step's rows need no load
    std::optional<workloads::OperatorId> append;  ///< whose input the attention reads on chip
    std::uint32_t step = 0;
  };
  CacheState& cache(workloads::TensorId tensor, std::uint32_t step);

 private:
  template <class Work>
  CommandId emit_work(workloads::OperatorId op, Work work, std::vector<CommandId> waits);

  const spec::ArchSpec& arch_;
  const workloads::OperatorTrace& trace_;
  std::uint64_t block_elements_;  ///< columns of a block of a spilled activation
  DramRegions regions_of_dram_;
  std::vector<Placement> placements_;
  std::vector<std::uint64_t> regions_;
  std::unordered_map<workloads::TensorId, WeightLayout> layouts_;
  std::unordered_map<workloads::TensorId, CacheState> caches_;
  std::unordered_map<workloads::TensorId, std::vector<CommandId>> updates_;
  std::deque<CommandPtr> pending_;
  CommandId next_id_ = 0;
};

/// 1 / share of the activation buffer stages tiles; the rest keeps activations between operators.
constexpr std::uint64_t kStagingShare = 4;

}  // namespace lutsim::sim

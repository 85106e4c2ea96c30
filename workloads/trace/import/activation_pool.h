// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workloads/trace/import/work_item.h"
#include "workloads/trace/trace_assembler.h"

namespace lutsim::workloads {

/// Which activation an operator reads. A profile does not name tensors: the pool infers them from
/// sizes and order, and what it does not have comes from outside the trace. Where a file names the
/// memory of tensors, dependencies are those of the memory, also through operators that have no
/// counterpart in the trace.
class ActivationPool {
 public:
  explicit ActivationPool(TraceAssembler& assembler) : assembler_(assembler) {}

  void begin_item(const SourceTrace& source, const WorkItem& item);
  void end_item();

  /// The activation of so many elements that was written last.
  TensorId latest(std::uint64_t elements);
  /// The one that was written first among those that nothing has read yet.
  TensorId oldest_unread(std::uint64_t elements);
  /// The last output of an embedding or an addition.
  TensorId residual(std::uint64_t elements);
  /// Matmuls that follow one another on rows of equal size read the same rows.
  TensorId matmul_input(std::uint64_t m, std::uint64_t k);
  TensorId query(std::uint64_t elements);
  std::pair<TensorId, TensorId> key_and_value(std::uint64_t elements);
  TensorId last() const { return activations_.back().id; }

  void wrote(OperatorId op, TensorId tensor, bool starts_residual);
  void wrote_cache(OperatorId op, TensorId cache);

  /// Adds the dependencies of the file, or the order of a list of layers.
  void add_dependencies(OperatorTrace& trace) const;

 private:
  struct Activation {
    TensorId id = 0;
    std::uint64_t elements = 0;
    OperatorKind kind = OperatorKind::add;
    bool is_read = false, is_residual = false;
    OperatorId writer = 0;
  };
  /// Of so many elements and, where the file names the memory, written by what the item depends on.
  bool fits(const Activation& a, std::uint64_t elements) const;
  Activation* find_latest(std::uint64_t elements, bool only_residual);
  TensorId read(Activation* found, std::uint64_t elements);
  TensorId outside(std::uint64_t elements);

  TraceAssembler& assembler_;
  std::vector<Activation> activations_;
  std::uint64_t outside_ = 0;
  TensorId matmul_x_ = 0;
  std::uint64_t matmul_m_ = 0, matmul_k_ = 0;

  bool in_order_ = false;  ///< the file is a list of layers
  std::vector<std::uint64_t> read_storages_, written_storages_;
  std::set<OperatorId> item_needs_;   ///< writers of what the item reads
  std::vector<OperatorId> item_ops_;  ///< operators of the item so far
  std::unordered_map<std::uint64_t, std::set<OperatorId>> writers_;  ///< by storage
  std::unordered_map<OperatorId, std::set<OperatorId>> needs_;
};

}  // namespace lutsim::workloads

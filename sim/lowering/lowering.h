// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"
#include "sim/lowering/program.h"

namespace lutsim::sim {

/// Turns an operator trace into macro-commands, one operator at a time and only as far as asked: a
/// program of millions of commands is never in memory.
///
/// The commands of an operator name the commands whose results they read, the ones whose staging
/// slots they reuse, and nothing else; overlap of load, compute and store follows from the units'
/// queues.
class Lowering {
 public:
  /// Lays weights and caches out in DRAM. Throws spec::SpecError when they do not fit, or when a
  /// tile does not fit a scratchpad. `arch` and `trace` must outlive the object.
  Lowering(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
           std::uint64_t dram_capacity);

  /// Next command in program order; nullptr after the last.
  CommandPtr next();

  std::uint32_t operators_lowered() const { return next_operator_; }
  std::uint64_t dram_bytes_used() const { return program_.dram_used(); }

 private:
  Program program_;
  std::uint32_t next_operator_ = 0;
};

/// Lowers the whole trace and drops the commands: throws what Lowering would throw on the way.
void check_lowering(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                    std::uint64_t dram_capacity);

/// Lowering of one operator kind each; they append commands to the program.
void lower_bcq_matmul(Program& program, workloads::OperatorId id);
void lower_plain_matmul(Program& program, workloads::OperatorId id);
void lower_grouped_matmul(Program& program, workloads::OperatorId id);
void lower_embedding(Program& program, workloads::OperatorId id);
void lower_row_wise(Program& program, workloads::OperatorId id);
void lower_kv_append(Program& program, workloads::OperatorId id);
void lower_collective(Program& program, workloads::OperatorId id);
void lower_attention(Program& program, workloads::OperatorId id);
void lower_weight_update(Program& program, workloads::OperatorId id);

/// Lowers scores, softmax and values together, head by head and some rows at a time, so that scores
/// never leave the chip. Returns the last operator that it lowered; none if the scores fit on chip
/// as a whole, or if what follows the scores is not that (then nothing was lowered).
std::optional<workloads::OperatorId> lower_fused_attention(Program& program,
                                                           workloads::OperatorId id);

/// Lowers scores, softmax and values with the products on the matrix unit, KV head by KV head and
/// some rows at a time; scores never leave the chip. Returns the last operator that it lowered.
/// Throws spec::SpecError when the matrix unit cannot attend to the cache, when what follows the
/// scores is not that (a latent cache, attention sinks), or when a row of scores does not fit.
workloads::OperatorId lower_matrix_attention(Program& program, workloads::OperatorId id);

}  // namespace lutsim::sim

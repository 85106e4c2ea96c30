// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "workloads/trace/operator_trace.h"

namespace lutsim::sim {

/// Index of a macro-command in program order. A command waits only for commands before it, so the
/// oldest unfinished command can always run and a program cannot deadlock by its own dependencies.
using CommandId = std::uint64_t;

enum class Buffer { weight, activation };

/// A strided block copy between DRAM and a scratchpad: `pieces` runs of `piece_bytes`, `stride`
/// bytes from the start of one to the start of the next.
struct DmaTransfer {
  bool write = false;  ///< true: scratchpad to DRAM
  std::uint64_t address = 0;
  std::uint64_t piece_bytes = 0;
  std::uint64_t stride = 0;
  std::uint32_t pieces = 1;
  Buffer buffer = Buffer::weight;
  /// Blocks of an XOR code that pass the weight decoders on their way on chip, and bits of them
  /// that a patch flips; 0 blocks: the bytes are what they are.
  std::uint64_t coded_blocks = 0, flips = 0;
  std::uint64_t decoded_bytes = 0;  ///< what the blocks become; 0: tokens that stay in the decoders
  bool is_coded = false;

  /// In DRAM.
  std::uint64_t bytes() const { return piece_bytes * pieces; }
  std::uint64_t on_chip_bytes() const { return is_coded ? decoded_bytes : bytes(); }
};

/// One weight tile of a BCQ matmul on the matrix unit: output features [n_begin, n_begin + n_count)
/// of rows [m_begin, m_begin + m_count) over K segments [segment_begin, segment_begin +
/// segment_count).
struct MatrixWork {
  bool lut_broadcast = false;  ///< GEMV dataflow; otherwise weight-stationary
  std::uint64_t m_begin = 0, m_count = 0;
  std::uint32_t n_begin = 0, n_count = 0;
  std::uint32_t segment_begin = 0, segment_count = 0;
  std::uint32_t k = 0, group_size = 0, planes = 0;
  bool has_offset = false;
  bool first = true;  ///< partial sums start from +0
  bool last = true;   ///< partial sums are final and leave the unit
  /// Of an attention operator, whose weights are cached positions of one KV head from `position`
  /// on. Its rows are those of the operator times the query heads of the KV head, row by row.
  std::uint32_t sequence = 0, kv_head = 0;
  std::uint64_t position = 0;
};

/// What the vector unit does of an attention operator: all of it, or what stands around the
/// product that the matrix unit forms (docs/units/transformer.md, "Attention on the matrix unit").
enum class AttentionStep { whole, finish_scores, scale_probabilities, finish_values };

/// Part of an operator on the vector unit. Which ranges mean something depends on the operator's
/// kind: rows of the operator, output features of a plain matmul, columns of an element-wise
/// operator (rope: whole heads), cached positions and KV heads of an attention operator, elements
/// of one addition of an all_reduce.
struct VectorWork {
  std::uint64_t row_begin = 0, row_count = 0;
  std::uint32_t n_begin = 0, n_count = 0;
  std::uint32_t kv_head_begin = 0, kv_head_count = 0;
  std::uint64_t position_begin = 0, position_count = 0;
  std::uint32_t sequence = 0;  ///< of a batched attention operator
  AttentionStep step = AttentionStep::whole;
};

/// A message to another chip, or from one: chips are numbered round, and a chip sends to the one
/// `distance` after it and receives from the one `distance` before it. All chips issue their
/// messages of one distance in the same order.
struct LinkTransfer {
  bool send = false;
  std::uint32_t distance = 1;
  std::uint64_t bytes = 0;
};

/// What the command processor issues: one piece of work for one unit, and the commands whose
/// completion tokens it needs.
struct MacroCommand {
  CommandId id = 0;
  workloads::OperatorId op = 0;
  std::vector<CommandId> waits;
  std::variant<DmaTransfer, MatrixWork, VectorWork, LinkTransfer> work;
};

using CommandPtr = std::shared_ptr<const MacroCommand>;

}  // namespace lutsim::sim

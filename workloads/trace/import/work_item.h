// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/trace/import/source_trace.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// What a captured operator is in our terms. Sizes follow Operator; those that do not apply are 0.
struct MappedOperator {
  OperatorKind kind = OperatorKind::matmul;  ///< attention_score stands for all of attention
  std::string label;                         ///< of the report: the kind, or "attention"
  std::uint64_t m = 0, n = 0, k = 0;
  std::uint64_t groups = 1;   ///< products of a batched matmul
  bool has_bias = false;      ///< of a matmul
  bool has_residual = false;  ///< of a norm: an add comes first
  bool is_packed = false;     ///< gate and up, or query, key and value, are one input
  std::uint32_t heads = 0, kv_heads = 0, head_dim = 0;
  std::uint64_t context = 0;
  std::uint32_t sequences = 0;   ///< of an attention
  bool is_causal = true;         ///< false: all pairs of queries and keys were computed
  std::uint64_t table_rows = 0;  ///< of an embedding
  spec::NumberFormat format = spec::NumberFormat::fp16;  ///< of activations and weights

  /// As the captured operator computes and moves them, each operand once.
  std::uint64_t multiply_adds = 0, flops = 0, bytes = 0;
};

/// A captured operator, or several that are one operator of ours, with the kernels of all that it
/// called.
struct WorkItem {
  std::vector<std::size_t> sources;  ///< ids in SourceTrace; the first one names the item
  Pass pass = Pass::forward;
  bool is_movement = false;  ///< copies, concatenations, fills: no operator of ours
  double seconds = 0;
  std::uint64_t kernels = 0;
  std::optional<MappedOperator> mapped;
};

struct MappingOptions {
  /// Cached positions of each sequence, for attention kernels that read them from a page table.
  std::uint64_t context = 0;
};

/// What `op` is in our terms; nothing when it has no counterpart or its shapes are not recorded.
std::optional<MappedOperator> map_operator(const SourceOperator& op, const MappingOptions& options);

/// True for operators that only rename or reserve memory.
bool is_view(const std::string& name);
/// True for operators that copy, gather or fill and compute nothing.
bool is_movement(const std::string& name);

struct WorkList {
  std::vector<WorkItem> items;
  std::uint64_t views = 0;  ///< operators without work of their own
};

/// Flattens the callers and the called: the outermost operator that maps stands for all it calls;
/// of the others, those that launch kernels or call nothing.
WorkList flatten(const SourceTrace& trace, const MappingOptions& options);

/// Joins what frameworks compute in pieces: RMSNorm, rotary positions, tanh GELU, gate times up,
/// attention of two batched matmuls and a softmax.
void fuse(const SourceTrace& trace, std::vector<WorkItem>& items);

/// Pairs of `rows` queries and `context` keys under the causal mask.
std::uint64_t causal_pairs_of(std::uint64_t rows, std::uint64_t context);

/// Fills multiply_adds and flops from kind and sizes.
void count_work(MappedOperator& op);

}  // namespace lutsim::workloads

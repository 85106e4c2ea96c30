// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/transformer/operator_kind.h"

namespace lutsim::models {

/// One operator that the golden transformer has just executed. Names, sizes and their order are
/// those of the operator trace (docs/trace_format.md) for one sequence; sizes that the kind does
/// not have are 0.
struct ExecutedOperator {
  OperatorKind kind = OperatorKind::add;
  std::string name;         ///< "layers.3.attention.q"
  std::uint32_t step = 0;   ///< forward pass since the sequence began
  std::uint32_t layer = 0;  ///< 0 outside the decoder layers
  std::uint64_t m = 0, n = 0, k = 0;
  std::uint32_t heads = 0, kv_heads = 0, head_dim = 0;
  std::uint64_t context = 0;   ///< cached positions that the last row attends to
  std::uint64_t position = 0;  ///< position of the first row

  std::vector<std::string> inputs;  ///< activations as "NAME@STEP", weights and caches by name
  std::string output;

  /// What it wrote, row-major: [m][n], attention scores and probabilities [heads][m][context], the
  /// m new rows of a cache. Valid during the call. Null for `sample`, whose result is `token`.
  const float* values = nullptr;
  std::size_t count = 0;
  std::uint32_t token = 0;
};

/// Sees every operator of the golden transformer, in the order of execution.
class OperatorObserver {
 public:
  virtual ~OperatorObserver() = default;
  virtual void on_operator(const ExecutedOperator& op) = 0;
};

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// The bookkeeping that everything which produces a trace needs: tensors are unique by name, and an
/// operator depends on the last writer of each of its inputs.
class TraceAssembler {
 public:
  /// `trace` gives model, batch and token counts; its tensors and operators must be empty.
  explicit TraceAssembler(OperatorTrace trace);

  /// Id of the tensor with this name, added when it is new. Throws std::logic_error when a tensor
  /// of that name has another shape, role or format.
  TensorId tensor(Tensor tensor);

  /// Id of a tensor that was added. Throws std::out_of_range when there is none.
  TensorId id_of(const std::string& name) const { return ids_.at(name); }

  bool contains(const std::string& name) const { return ids_.count(name) > 0; }

  /// Appends `op` and fills its depends_on.
  OperatorId append(Operator op);

  const OperatorTrace& trace() const { return trace_; }

  /// The trace; the assembler is empty afterwards.
  OperatorTrace take();

 private:
  static constexpr OperatorId kNoWriter = ~OperatorId{0};

  OperatorTrace trace_;
  std::unordered_map<std::string, TensorId> ids_;
  std::vector<OperatorId> last_writer_;  ///< by TensorId
};

}  // namespace lutsim::workloads

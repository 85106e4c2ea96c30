// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "models/transformer/model_shape.h"
#include "models/transformer/operator_observer.h"
#include "workloads/trace/trace_assembler.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {

/// Builds the trace of what the golden transformer really executes. Sizes, names and order come
/// from the execution; storage formats, which an execution in floating point does not show, come
/// from the request, as does the number of cached positions that the caches hold at the end.
class TraceCapture : public models::OperatorObserver {
 public:
  /// `request` describes what will be run: its batch must be 1 (the golden transformer runs one
  /// sequence) and cached_tokens 0. Throws spec::SpecError otherwise.
  TraceCapture(const models::ModelShape& shape, const TraceRequest& request);

  /// Throws std::logic_error when an operator does not write the tensor that its name asks for.
  void on_operator(const models::ExecutedOperator& executed) override;

  /// The trace of all operators seen. The capture is empty afterwards.
  OperatorTrace take() { return assembler_.take(); }

 private:
  Tensor input_of(const std::string& name, const models::ExecutedOperator& executed) const;
  Tensor cache_of(const std::string& name) const;

  models::ModelShape shape_;
  TraceRequest request_;
  TraceAssembler assembler_;
};

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "workloads/trace/expert_routing.h"
#include "workloads/trace/operator_writer.h"

namespace lutsim::workloads {

/// One forward pass over a decoder of any shape: which operators there are, and what reads what.
/// docs/models.md says what each architecture becomes.
class PassBuilder {
 public:
  /// `common` has phase, step, batch, m, context and position of every operator of the pass.
  PassBuilder(TraceAssembler& assembler, const TraceRequest& request, const ExpertRouter& router,
              Operator common);

  /// Appends the pass. `tokens` holds the input tokens; returns the tensor of the chosen ones.
  TensorId build(TensorId tokens);

 private:
  TensorId embedding(TensorId tokens);
  TensorId layer(TensorId residual);
  TensorId parallel_layer(TensorId residual);
  /// What attention and feed-forward add to the residual, from what the block has normalised.
  TensorId attention(TensorId x);
  TensorId plain_attention(TensorId x);
  TensorId latent_attention(TensorId x);
  TensorId probabilities(TensorId score);
  TensorId feed_forward(TensorId x);
  /// A layer that every row takes; its operators and weights begin with `prefix`.
  TensorId dense(TensorId x, std::uint64_t width, const std::string& prefix);
  TensorId experts(TensorId x);
  /// Adds what a block computed to the residual, with the norms that come after it.
  TensorId leave_block(const std::string& block, TensorId residual, TensorId output);
  TensorId head(TensorId residual);

  OperatorWriter writer_;
  const models::ModelShape& shape_;
  const ExpertRouter& router_;
};

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/transformer/matrix_attention.h"
#include "models/transformer/ops.h"
#include "models/transformer/quantized_model.h"
#include "models/transformer/sampler.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/platform/platform.h"

namespace lutsim::sim {

/// Functional mode: keeps every tensor of the trace and computes it command by command, with the
/// golden functions of models/ for the vector unit and the given implementation for the matrix
/// unit.
///
/// One sequence (batch 1), because the machine's results are compared with the golden transformer,
/// which runs one.
class FunctionalComputation : public Computation {
 public:
  /// Executes a tile of an operator on the matrix unit: golden_tile() or the Verilated RTL. All
  /// tiles of one operator must go to the same one, which keeps their partial sums.
  using TileExecutor = std::function<TileOutcome(const workloads::Operator&, const MatrixTile&)>;

  /// `trace` must be of `model` and start with `prompt`; all references must outlive the object.
  /// Throws spec::SpecError for a batched trace, or a weight that the model does not have.
  FunctionalComputation(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                        const models::QuantizedModel& model,
                        const std::vector<std::uint32_t>& prompt,
                        const models::SamplingOptions& sampling, TileExecutor execute_tile);

  std::uint64_t run(workloads::OperatorId op, const MatrixWork& work) override;
  void run(workloads::OperatorId op, const VectorWork& work) override;

  /// Tokens that the sample operators chose, in order.
  const std::vector<std::uint32_t>& generated() const { return generated_; }
  /// Values of an activation, row-major, or of a cache, [position][kv_dim]; empty if never written.
  const std::vector<float>& values(workloads::TensorId tensor) const { return values_[tensor]; }

 private:
  void attention_score(const workloads::Operator& op, const VectorWork& work);
  void attention_value(const workloads::Operator& op, const VectorWork& work);
  /// Attention on the matrix unit: a product, and what the vector unit does before and after it.
  std::uint64_t attention_product(const workloads::Operator& op, const MatrixWork& work);
  void attention_step(const workloads::Operator& op, const VectorWork& work);
  std::vector<float>& output(workloads::TensorId tensor);

  const spec::ArchSpec& arch_;
  const workloads::OperatorTrace& trace_;
  TileExecutor execute_tile_;
  models::Sampler sampler_;
  models::ops::RopeTable rope_;
  std::unordered_map<workloads::TensorId, const models::BcqMatrix*> bcq_;
  std::unordered_map<workloads::TensorId, const models::Fp16Matrix*> plain_;
  std::unordered_map<workloads::TensorId, const std::vector<float>*> norms_;
  std::vector<std::vector<float>> values_;          ///< by tensor
  std::vector<std::vector<std::uint32_t>> tokens_;  ///< by tensor, of role token
  std::vector<std::uint32_t> generated_;
  std::unordered_map<workloads::TensorId, models::KvGroups> groups_;  ///< of quantised caches
  /// Probabilities times scales, [heads][m][context], by output of the attention_value.
  std::unordered_map<workloads::TensorId, std::vector<float>> scaled_;
  std::vector<float> ordered_;  ///< activations of the last tile whose weights reorder them
};

}  // namespace lutsim::sim

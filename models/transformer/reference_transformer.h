// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/transformer/language_model.h"
#include "models/transformer/model_weights.h"
#include "models/transformer/ops.h"

namespace lutsim::models {

/// The FP32 reference: what the model means, before any hardware arithmetic. Matrix products are
/// Eigen's and libm's functions are used, so results agree between machines to rounding, not in
/// every bit; the exact path is GoldenTransformer.
class ReferenceTransformer : public LanguageModel {
 public:
  /// Keeps a reference to `weights`.
  explicit ReferenceTransformer(const ModelWeights& weights);

  const ModelShape& shape() const override { return weights_.shape; }
  std::uint32_t position() const override { return position_; }
  void reset() override { position_ = 0; }
  std::vector<float> forward(const std::vector<std::uint32_t>& tokens) override;
  std::vector<float> forward_all(const std::vector<std::uint32_t>& tokens) override;

  /// Logits [vocab] after `token` at position(), which grows by one.
  std::vector<float> forward(std::uint32_t token);

 private:
  std::vector<float> hidden_state(std::uint32_t token);
  void attention(std::uint32_t layer, const std::vector<float>& query, std::vector<float>& out);

  const ModelWeights& weights_;
  ops::RopeTable rope_;
  std::uint32_t position_ = 0;
  std::vector<std::vector<float>> k_cache_;  ///< per layer [max_context][kv_dim]
  std::vector<std::vector<float>> v_cache_;
};

}  // namespace lutsim::models

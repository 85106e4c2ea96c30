// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"
#include "models/transformer/language_model.h"
#include "models/transformer/matrix_attention.h"
#include "models/transformer/operator_observer.h"
#include "models/transformer/ops.h"
#include "models/transformer/quantized_model.h"

namespace lutsim::models {

/// The exact path: what the accelerator computes, bit for bit. Decoder matrices run on the matrix
/// unit (models/engine), everything else on the vector unit and the floating-point lanes (ops.h).
/// Results do not depend on how a sequence is cut into calls: one pass over M tokens gives the bits
/// of M passes over one.
class GoldenTransformer : public LanguageModel {
 public:
  /// Keeps a reference to `model`. Activations enter the matrix unit in matrix.act_format, keys and
  /// values are cached in `kv_format`, a floating-point format, int8 or int4; `attention` is the
  /// unit that multiplies by them. Throws spec::SpecError for other formats, and for a cache that
  /// the matrix unit cannot attend to.
  GoldenTransformer(const QuantizedModel& model, const spec::MatrixSpec& matrix,
                    spec::NumberFormat kv_format = spec::NumberFormat::fp16,
                    spec::AttentionUnit attention = spec::AttentionUnit::lanes);

  const ModelShape& shape() const override { return model_.shape; }
  std::uint32_t position() const override { return position_; }
  void reset() override;
  std::vector<float> forward(const std::vector<std::uint32_t>& tokens) override;
  std::vector<float> forward_all(const std::vector<std::uint32_t>& tokens) override;
  std::uint32_t sample(Sampler& sampler, const std::vector<float>& logits) override;

  /// Tells `observer` of every operator from now on; null: nobody.
  void observe_with(OperatorObserver* observer) { observer_ = observer; }

  /// Cached keys and values of one layer: position() rows of kv_dim, values of the KV format.
  const std::vector<float>& k_cache(std::uint32_t layer) const { return k_cache_.at(layer); }
  const std::vector<float>& v_cache(std::uint32_t layer) const { return v_cache_.at(layer); }

 private:
  /// A tensor as the operator at hand calls it; completed to its full name for the observer.
  struct Operand {
    const char* name;
    bool in_layer;       ///< its name begins with "layers.{i}."
    bool is_activation;  ///< its name ends with "@{step}"
  };

  std::vector<float> run(const std::vector<std::uint32_t>& tokens, bool all_logits);
  void attention(const QuantizedLayer& weights, std::vector<float>& residual);
  void feed_forward(const QuantizedLayer& weights, std::vector<float>& residual);
  std::vector<float> norm(const char* name, bool in_layer, const std::vector<float>& x,
                          const std::vector<float>& weight);
  std::vector<float> matmul(const char* name, const std::vector<float>& x, const char* input,
                            const BcqMatrix& w, const char* weight);
  std::vector<float> rope(const char* name, spec::NumberFormat format, const std::vector<float>& x,
                          const char* input, std::uint32_t heads);
  void append(const char* name, const std::vector<float>& x, const char* input,
              std::vector<float>& cache, KvGroups& groups, const char* cache_name);
  void add(const char* name, std::vector<float>& residual, const std::vector<float>& x,
           const char* input);
  Operand residual() const { return {residual_name_.c_str(), false, true}; }

  /// Hands `op` to the observer, if there is one, with its names completed.
  void observe(ExecutedOperator op, Operand name, std::initializer_list<Operand> inputs,
               Operand output, const std::vector<float>& values);
  std::string full_name(const Operand& operand) const;

  const QuantizedModel& model_;
  spec::MatrixSpec matrix_;
  spec::NumberFormat kv_format_;
  spec::AttentionUnit attention_;
  ops::AttentionShape heads_;
  ops::RopeTable rope_;
  OperatorObserver* observer_ = nullptr;

  std::uint32_t position_ = 0;
  std::uint32_t step_ = 0;                   ///< forward passes that are done
  std::vector<std::vector<float>> k_cache_;  ///< per layer [position][kv_dim]
  std::vector<std::vector<float>> v_cache_;
  std::vector<KvGroups> k_groups_, v_groups_;  ///< per layer; only for the matrix unit

  // Of the pass at hand.
  std::uint32_t rows_ = 0;
  std::uint32_t layer_ = 0;
  std::string residual_name_;
};

}  // namespace lutsim::models

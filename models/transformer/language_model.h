// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/transformer/model_shape.h"
#include "models/transformer/sampler.h"

namespace lutsim::models {

/// One sequence running through a decoder: its weights and its KV cache. Evaluation and generation
/// are written against this, whatever the arithmetic.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;
  virtual const ModelShape& shape() const = 0;

  /// Tokens that the cache holds.
  virtual std::uint32_t position() const = 0;

  /// Forgets the sequence.
  virtual void reset() = 0;

  /// Appends `tokens` and returns the logits [vocab] after the last of them. Throws
  /// std::invalid_argument when there is none, one is not below shape().vocab, or the sequence
  /// would be longer than shape().max_context.
  virtual std::vector<float> forward(const std::vector<std::uint32_t>& tokens) = 0;

  /// The same, with the logits after every one of them: [tokens][vocab].
  virtual std::vector<float> forward_all(const std::vector<std::uint32_t>& tokens) = 0;

  /// The next token after `logits` [vocab].
  virtual std::uint32_t sample(Sampler& sampler, const std::vector<float>& logits) {
    return sampler.sample(logits.data(), static_cast<std::uint32_t>(logits.size()));
  }

 protected:
  /// Throws what forward() says; implementations call it first.
  void check_tokens(const std::vector<std::uint32_t>& tokens) const;
};

/// Runs `prompt` in one pass and generates `count` tokens one by one; stops after `stop_token`,
/// which is the last then, and where the context is full. Returns the generated tokens alone. The
/// last one is not fed back.
std::vector<std::uint32_t> generate(LanguageModel& model, const std::vector<std::uint32_t>& prompt,
                                    std::uint32_t count, Sampler& sampler,
                                    std::uint32_t stop_token);

}  // namespace lutsim::models

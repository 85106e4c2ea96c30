// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/language_model.h"

#include <stdexcept>
#include <string>

namespace lutsim::models {

void LanguageModel::check_tokens(const std::vector<std::uint32_t>& tokens) const {
  if (tokens.empty()) throw std::invalid_argument("no tokens to run");
  for (const std::uint32_t token : tokens) {
    if (token >= shape().vocab) {
      throw std::invalid_argument("token " + std::to_string(token) + " of a vocabulary of " +
                                  std::to_string(shape().vocab));
    }
  }
  if (position() + tokens.size() > shape().max_context) {
    throw std::invalid_argument("a sequence of " + std::to_string(position() + tokens.size()) +
                                " tokens is longer than the context of " +
                                std::to_string(shape().max_context));
  }
}

std::vector<std::uint32_t> generate(LanguageModel& model, const std::vector<std::uint32_t>& prompt,
                                    std::uint32_t count, Sampler& sampler,
                                    std::uint32_t stop_token) {
  std::vector<std::uint32_t> generated;
  std::vector<std::uint32_t> input = prompt;
  while (generated.size() < count) {
    if (model.position() + input.size() > model.shape().max_context) break;
    const std::uint32_t next = model.sample(sampler, model.forward(input));
    generated.push_back(next);
    if (next == stop_token) break;
    input = {next};
  }
  return generated;
}

}  // namespace lutsim::models

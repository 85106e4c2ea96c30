// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/stimulus.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "models/config/data_root.h"
#include "models/transformer/golden_transformer.h"
#include "models/vector/function_unit.h"
#include "tools/support/read_file.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::gates {
namespace {

using models::ExecutedOperator;
using models::OperatorKind;

/// Vector operands that are kept of each kind: enough for a mean, few enough for gates.
constexpr std::size_t kVectorOperands = 2000;

class Capture : public models::OperatorObserver {
 public:
  explicit Capture(Stimulus* stimulus) : stimulus_(stimulus) {}

  void on_operator(const ExecutedOperator& op) override {
    if (op.kind == OperatorKind::matmul) matmul(op);
    if (op.kind == OperatorKind::add) add(op);
    if (op.kind == OperatorKind::softmax) softmax(op);
    if (op.kind == OperatorKind::silu_multiply) silu(op);
    if (op.values != nullptr) values_[op.output].assign(op.values, op.values + op.count);
  }

 private:
  const std::vector<float>& input(const ExecutedOperator& op, std::size_t index) const {
    const auto found = values_.find(op.inputs.at(index));
    if (found == values_.end()) {
      throw std::runtime_error("stimulus: " + op.name + " reads " + op.inputs[index] +
                               ", which no operator wrote");
    }
    return found->second;
  }

  void matmul(const ExecutedOperator& op) {
    auto& convert = stimulus_->vector.convert;
    for (std::size_t i = 0; i < op.count && convert.size() < kVectorOperands; i += 7) {
      convert.push_back(op.values[i]);
    }
    if (op.name.rfind("layers.", 0) != 0) return;
    stimulus_->matmuls.push_back({op.inputs.at(1), op.m, op.k, input(op, 0)});
  }

  void add(const ExecutedOperator& op) {
    const auto &a = input(op, 0), &b = input(op, 1);
    auto& pairs = stimulus_->vector.add;
    for (std::size_t i = 0; i < a.size() && pairs.size() < kVectorOperands; ++i) {
      pairs.emplace_back(a[i], b[i]);
    }
  }

  void softmax(const ExecutedOperator& op) {
    const auto& scores = input(op, 0);
    auto& x = stimulus_->vector.exponential;
    for (std::uint64_t row = 0; row < scores.size() / op.context; ++row) {
      // Causal: later positions are no operands.
      const std::uint64_t visible = op.context - op.m + 1 + row % op.m;
      const float* first = scores.data() + row * op.context;
      const float greatest = *std::max_element(first, first + visible);
      for (std::uint64_t i = 0; i < visible && x.size() < kVectorOperands; ++i) {
        x.push_back(first[i] - greatest);
      }
    }
  }

  void silu(const ExecutedOperator& op) {
    for (const float gate : input(op, 0)) {
      if (stimulus_->vector.sigmoid.size() >= kVectorOperands) return;
      stimulus_->vector.sigmoid.push_back(gate);
      stimulus_->vector.multiply.emplace_back(gate, models::sigmoid(gate));
    }
  }

  Stimulus* stimulus_;
  std::map<std::string, std::vector<float>> values_;
};

}  // namespace

Stimulus capture_stimulus(std::uint32_t weight_bits, std::uint32_t tokens) {
  const auto checkpoint = workloads::load_checkpoint(workloads::find_model("kjv-1m"));
  models::QuantizationRecipe recipe;
  recipe.weight_bits = weight_bits;
  recipe.group_size = models::default_group_size(checkpoint.shape());
  Stimulus stimulus;
  stimulus.model = models::quantize(*checkpoint.weights, recipe);
  stimulus.description = "kjv-1m, " + std::to_string(weight_bits) + "-bit RTN in groups of " +
                         std::to_string(recipe.group_size) + ", first " + std::to_string(tokens) +
                         " tokens of workloads/embedded/held_out.txt";
  const std::string text =
      tools::read_file(config::data_root() / "workloads" / "embedded" / "held_out.txt");
  std::vector<std::uint32_t> ids = checkpoint.tokenizer.encode(text.substr(0, 8 * tokens + 64));
  if (ids.size() < tokens) throw std::runtime_error("stimulus: the held-out text is too short");
  ids.resize(tokens);
  Capture capture(&stimulus);
  models::GoldenTransformer transformer(stimulus.model, spec::MatrixSpec{});
  transformer.observe_with(&capture);
  transformer.forward(ids);
  return stimulus;
}

}  // namespace lutsim::gates

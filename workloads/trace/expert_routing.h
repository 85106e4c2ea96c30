// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "models/transformer/model_shape.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// How tokens spread over the experts of a layer. Every token draws experts_per_token different
/// experts, one after the other, each with a probability in proportion to its weight among those
/// that are left.
struct RoutingRequest {
  std::uint64_t seed = 1;
  /// Zipf exponent: the expert of rank r (from 1) has weight 1 / r^skew, the ranks shuffled in
  /// every layer. 0: all experts alike.
  double skew = 0;
  /// Captured counts, which replace `skew`: one row for all layers with experts or one for each;
  /// one count for each expert.
  std::vector<std::vector<std::uint64_t>> histogram;
};

/// Draws the experts of a model's tokens. The same seed, step, layer and number of tokens give the
/// same draw, whatever was drawn before.
class ExpertRouter {
 public:
  /// Throws SpecError: skew outside 0..8, a histogram of other sizes than the model has, fewer
  /// experts with a count than a token uses.
  ExpertRouter(const models::ModelShape& shape, const RoutingRequest& request);

  /// Rows of each chosen expert when `tokens` tokens reach a layer with experts.
  std::vector<GroupRows> draw(std::uint32_t step, std::uint32_t layer, std::uint64_t tokens) const;

 private:
  std::vector<std::uint64_t> weights_of(std::uint32_t layer) const;

  std::uint32_t experts_, per_token_, dense_layers_;
  RoutingRequest request_;
};

/// Reads a histogram: a text file with one line of comma-separated counts for each layer with
/// experts, or one line for all. Throws config::InputError with file and line.
std::vector<std::vector<std::uint64_t>> read_histogram(const std::filesystem::path& file);

}  // namespace lutsim::workloads

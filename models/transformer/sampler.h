// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>
#include <vector>

namespace lutsim::models {

/// How the next token is chosen from logits.
struct SamplingOptions {
  double temperature = 0.0;  ///< 0: the most likely token; else logits are divided by it
  double top_p = 1.0;        ///< keep the most likely tokens whose probabilities reach top_p
  std::uint64_t seed = 1;
};

/// Chooses tokens. The same options and logits give the same tokens on every machine: the generator
/// is std::mt19937_64, whose output the C++ standard fixes, and a draw is its upper 53 bits times
/// 2^-53 (the distributions of <random> are not portable).
class Sampler {
 public:
  /// Throws std::invalid_argument unless temperature >= 0 and 0 < top_p <= 1.
  explicit Sampler(const SamplingOptions& options = {});

  /// Temperature 0: the index of the largest logit, the first of equals; NaN is never chosen.
  /// Otherwise a draw from softmax(logits / temperature), by decreasing probability (lower index
  /// first among equals), cut where the sum reaches top_p. Precondition: n > 0.
  std::uint32_t sample(const float* logits, std::uint32_t n);

 private:
  SamplingOptions options_;
  std::mt19937_64 generator_;
};

}  // namespace lutsim::models

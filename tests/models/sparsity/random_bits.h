// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <random>

#include "models/sparsity/xor_stream.h"

namespace lutsim::test {

/// Each bit is 1 with probability `ones`.
inline models::BitVector random_bits(std::mt19937_64& random, std::size_t count,
                                     double ones = 0.5) {
  std::bernoulli_distribution one(ones);
  models::BitVector bits(count);
  for (auto& bit : bits) bit = one(random) ? 1 : 0;
  return bits;
}

/// Positions at which an unpruned bit is not what it should be.
inline std::size_t wrong_bits(const models::BitVector& wanted, const models::BitVector& mask,
                              const models::BitVector& found) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) wrong += mask[i] != 0 && wanted[i] != found[i];
  return wrong;
}

}  // namespace lutsim::test

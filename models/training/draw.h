// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace lutsim::models::training {

/// Draws from 0..count-1 without replacement until all have been drawn, then again. The same on
/// every machine.
class Draw {
 public:
  Draw(std::size_t count, std::uint64_t seed) : generator_(seed) {
    for (std::size_t i = 0; i < count; ++i) order_.push_back(i);
  }
  std::size_t next() {
    if (at_ == 0) {
      // Fisher and Yates; std::shuffle differs between libraries.
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[generator_() % i]);
      }
    }
    const std::size_t result = order_[at_];
    at_ = (at_ + 1) % order_.size();
    return result;
  }

 private:
  std::mt19937_64 generator_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0;
};

}  // namespace lutsim::models::training

// SPDX-License-Identifier: Apache-2.0
#include "models/engine/half_lut.h"

namespace lutsim::models {

HalfLut::HalfLut(std::uint32_t mu, const std::int32_t* a) : mu_(mu) {
  const std::vector<std::int64_t> wide(a, a + mu);
  stored_ = half_lut_sums(wide.data(), mu, [this](std::int64_t x, std::int64_t y) {
    ++additions_;
    return x + y;
  });
}

std::int64_t HalfLut::entry(std::uint32_t key) const {
  const std::uint32_t mask = (1u << mu_) - 1;
  const bool negate = (key >> (mu_ - 1)) != 0;
  const std::int64_t value = stored_[negate ? ~key & mask : key];
  return negate ? -value : value;
}

std::uint32_t generator_additions(std::uint32_t mu) {
  const std::vector<std::int32_t> any(mu, 0);
  return HalfLut(mu, any.data()).additions();
}

}  // namespace lutsim::models

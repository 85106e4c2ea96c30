// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <random>

#include "models/spec/number_format.h"

/// Random operands that find corners: every class of value is drawn, not only the ones that a
/// uniform choice of bits gives.
namespace lutsim::tools {

using Random = std::mt19937_64;

/// Uniform in [low, high].
inline std::int64_t random_int(Random& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(high - low) + 1));
}

inline bool one_in(Random& random, std::uint32_t n) { return random() % n == 0; }

/// Bits of a float of that encoding: uniform bits, a subnormal, a zero, a power of two, a value
/// next to the largest, infinity or NaN.
std::uint32_t random_float_bits(Random& random, const spec::FloatEncoding& encoding);

/// A finite one of moderate exponent: products and sums of a few stay finite.
std::uint32_t random_moderate_bits(Random& random, const spec::FloatEncoding& encoding);

}  // namespace lutsim::tools

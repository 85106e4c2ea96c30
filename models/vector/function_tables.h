// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

/// The coefficients of the function unit (models/vector/function_unit.h). The read-only memory of
/// the RTL, rtl/gen/function_rom.sv, is printed from these tables.
namespace lutsim::models {

/// One segment of a piecewise quadratic, in fixed point: with d = remainder / 2^kRemainderBits in
/// [0, 1) the function is (c0 + d (c1 + d c2)) * 2^-kFractionBits * 2^-exponent.
struct Segment {
  std::uint32_t c0 = 0;  ///< kC0Bits, unsigned
  std::int32_t c1 = 0;   ///< kC1Bits, two's complement
  std::int32_t c2 = 0;   ///< kC2Bits, two's complement
  std::uint32_t exponent =
      0;  ///< kSegmentExponentBits; other than 0 in sigmoid and normal_cdf only
};

constexpr std::uint32_t kIndexBits = 6;  ///< segments of a page: 2^kIndexBits
constexpr std::uint32_t kRemainderBits = 17;
constexpr std::uint32_t kFractionBits = 28;
constexpr std::uint32_t kC0Bits = 29;
constexpr std::uint32_t kC1Bits = 24;
constexpr std::uint32_t kC2Bits = 17;
constexpr std::uint32_t kSegmentExponentBits = 6;
constexpr std::uint32_t kPageSegments = 1u << kIndexBits;

/// Pages of kPageSegments segments each. The argument of a page runs over:
enum FunctionPage : std::uint32_t {
  kExponentialPage = 0,     ///< 2^f, f in [0, 1)
  kReciprocalPage = 1,      ///< 1/m, m in [1, 1.5); the next page [1.5, 2)
  kReciprocalSqrtPage = 3,  ///< 1/sqrt(m), m in [1, 2); the next page 1/sqrt(2m)
  kSigmoidPage = 5,         ///< sigmoid(-t), t in [0, 1), then [1, 2), [2, 4), ... [16, 32)
  kNormalCdfPage = 11,      ///< normal_cdf(-t), t in [0, 1), [1, 2), [2, 4), [4, 8)
  kFunctionPages = 15,
};
constexpr std::uint32_t kSigmoidOctaves = kNormalCdfPage - kSigmoidPage;
constexpr std::uint32_t kNormalCdfOctaves = kFunctionPages - kNormalCdfPage;

using FunctionTables = std::array<Segment, std::size_t{kFunctionPages} * kPageSegments>;

/// Segment s of page p at p * kPageSegments + s. Each quadratic meets its function at the three
/// Chebyshev nodes of the segment; coefficients are rounded to nearest. The functions are evaluated
/// by series in double, by +, -, *, / and square roots alone: every machine gets the same table.
const FunctionTables& function_tables();

}  // namespace lutsim::models

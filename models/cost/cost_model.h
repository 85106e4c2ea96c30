// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>

/// From areas and prices to dollars. Every function works on a number or, element by element, on an
/// Eigen array of draws.
namespace lutsim::models {

/// Dollars of one good die of `area_mm2` from a 300 mm wafer of `wafer` dollars.
///
/// Dies of a wafer: pi (d/2)^2 / A - pi d / sqrt(2 A) (Hennessy & Patterson, Computer Architecture,
/// 1.6). Yield: (1 + A D0 / a)^-a, the negative binomial model with a = 3 clusters (Stapper 1989).
template <class T>
T die_cost(const T& area_mm2, const T& wafer, const T& defects_per_cm2) {
  using std::pow;
  using std::sqrt;
  constexpr double kPi = 3.14159265358979323846;
  constexpr double kDiameter = 300;  // mm
  constexpr double kClusters = 3;
  const T dies =
      kPi * kDiameter * kDiameter / 4 / area_mm2 - kPi * kDiameter / sqrt(T(2 * area_mm2));
  const T yield = pow(T(1 + area_mm2 / 100 * defects_per_cm2 / kClusters), -kClusters);
  return wafer / dies / yield;
}

/// Dollars of a million tokens: the share of the price that their time wears off, and electricity.
/// `price` in dollars, `tokens_per_s` while it works, `life_years` with `utilization` of the time
/// at work, `pue` joules of the building for one of the device, `electricity` in dollars per kWh.
/// Idle power is not in it.
template <class T>
T cost_per_million_tokens(const T& price, const T& tokens_per_s, const T& joules_per_token,
                          const T& life_years, const T& utilization, const T& pue,
                          const T& electricity) {
  constexpr double kSecondsPerYear = 365.25 * 24 * 3600;
  constexpr double kJoulesPerKwh = 3.6e6;
  constexpr double kMillion = 1e6;
  return kMillion * (price / (life_years * kSecondsPerYear * utilization) / tokens_per_s +
                     joules_per_token * pue * electricity / kJoulesPerKwh);
}

}  // namespace lutsim::models

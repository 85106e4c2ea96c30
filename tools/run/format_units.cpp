// SPDX-License-Identifier: Apache-2.0
#include "tools/run/format_units.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lutsim::tools {

std::string si(double value, const std::string& unit) {
  struct Prefix {
    double factor;
    const char* symbol;
  };
  constexpr std::array<Prefix, 10> kPrefixes{{{1e12, "T"},
                                              {1e9, "G"},
                                              {1e6, "M"},
                                              {1e3, "k"},
                                              {1, ""},
                                              {1e-3, "m"},
                                              {1e-6, "u"},
                                              {1e-9, "n"},
                                              {1e-12, "p"},
                                              {1e-15, "f"}}};
  if (value == 0 || !std::isfinite(value)) return fmt::format("{} {}", value, unit);
  for (const Prefix& prefix : kPrefixes) {
    const double scaled = value / prefix.factor;
    if (std::abs(scaled) < 0.9995) continue;
    const int decimals = std::abs(scaled) < 9.995 ? 2 : std::abs(scaled) < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}{}", scaled, decimals, prefix.symbol, unit);
  }
  return fmt::format("{:.3g} {}", value, unit);
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string bar(double share, std::size_t width) {
  const double cells = std::clamp(share, 0.0, 1.0) * static_cast<double>(width);
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(std::lround(cells)); ++i) text += "█";
  return text;
}

}  // namespace lutsim::tools

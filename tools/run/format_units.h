// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

/// Numbers for people.
namespace lutsim::tools {

/// Three significant digits with an SI prefix: "12.3 ms", "4.56 GB". `unit` is the base unit's
/// symbol.
std::string si(double value, const std::string& unit);

/// "71.2 %"
std::string percent(double share);

/// A bar of at most `width` characters.
std::string bar(double share, std::size_t width);

}  // namespace lutsim::tools

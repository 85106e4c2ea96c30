// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lutsim::tools {

/// Layers that a text like "0,3-5" names; empty text: none named. Throws spec::SpecError for a text
/// of another form, and for a layer that is not below `layers`.
std::vector<bool> parse_layers(const std::string& text, std::uint32_t layers);

}  // namespace lutsim::tools

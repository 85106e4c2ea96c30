// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// A wrong architecture file and what the reader says about it, as Markdown: docs/configuration.md
/// shows the program's own output.
std::string error_example();

/// Markdown table of every unit that a file may use.
std::string unit_table();

}  // namespace lutsim::tools

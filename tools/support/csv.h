// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace lutsim::tools {

/// Rows of cells; quotes as in RFC 4180, lines that begin with '#' and empty ones are left out.
std::vector<std::vector<std::string>> read_csv(const std::string& text);

/// One line with its newline; cells with commas, quotes or newlines are quoted.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lutsim::workloads {

/// Fields of one line of comma-separated values. A field in double quotes may hold commas; two
/// quotes inside it are one. Lines do not continue.
std::vector<std::string> split_csv_line(std::string_view line);

}  // namespace lutsim::workloads

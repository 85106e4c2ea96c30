// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace lutsim::tools {

/// A line or a bit of the RTL that Verilator counts, over all instances of its module.
struct CoveragePoint {
  enum class Kind { line, toggle };
  Kind kind = Kind::line;
  std::string file;  ///< path of the source
  std::uint32_t line = 0;
  std::string module;  ///< without parameters
  std::string what;    ///< "block", "if", "else", "case", or the bit "sum_o[3]"

  bool operator<(const CoveragePoint& other) const {
    return std::tie(kind, file, line, module, what) <
           std::tie(other.kind, other.file, other.line, other.module, other.what);
  }
};

/// Hits of every point. A toggle is a change of the bit: two mean that it rose and fell.
using CoverageData = std::map<CoveragePoint, std::uint64_t>;

/// Adds the counters of one file that VerilatedCovContext::write() wrote. Throws std::runtime_error
/// naming file and line for anything else.
void add_coverage_file(CoverageData& data, const std::filesystem::path& file);

/// All files *.dat of a folder.
CoverageData read_coverage_folder(const std::filesystem::path& folder);

}  // namespace lutsim::tools

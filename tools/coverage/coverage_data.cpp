// SPDX-License-Identifier: Apache-2.0
#include "tools/coverage/coverage_data.h"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <stdexcept>

namespace lutsim::tools {
namespace {

// A line of the file: C '<1>key<2>value<1>key<2>value...' count
constexpr char kKeyMark = '\1';
constexpr char kValueMark = '\2';

std::map<std::string, std::string> keys_of(const std::string& text) {
  std::map<std::string, std::string> keys;
  for (std::size_t at = text.find(kKeyMark); at != std::string::npos;) {
    const std::size_t next = text.find(kKeyMark, at + 1);
    const std::string pair = text.substr(at + 1, next - at - 1);
    const std::size_t mark = pair.find(kValueMark);
    if (mark != std::string::npos) keys[pair.substr(0, mark)] = pair.substr(mark + 1);
    at = next;
  }
  return keys;
}

/// "v_toggle/lut_row__pi1" is a toggle of the module lut_row.
std::optional<CoveragePoint> point_of(const std::map<std::string, std::string>& keys) {
  CoveragePoint point;
  const std::string& page = keys.at("page");
  const std::size_t slash = page.find('/');
  const std::string kind = page.substr(0, slash);
  if (kind == "v_toggle") {
    point.kind = CoveragePoint::Kind::toggle;
  } else if (kind != "v_line" && kind != "v_branch") {
    return std::nullopt;
  }
  point.module = page.substr(slash + 1);
  point.module = point.module.substr(0, point.module.find("__"));
  point.file = keys.at("f");
  point.line = static_cast<std::uint32_t>(std::stoul(keys.at("l")));
  point.what = keys.at("o");
  return point;
}

}  // namespace

void add_coverage_file(CoverageData& data, const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line) || line.rfind("# SystemC::Coverage", 0) != 0) {
    throw std::runtime_error(file.string() + ": not a coverage file of Verilator");
  }
  for (std::uint32_t number = 2; std::getline(stream, line); ++number) {
    const std::size_t end = line.rfind("' ");
    if (line.rfind("C '", 0) != 0 || end == std::string::npos) {
      throw std::runtime_error(file.string() + ":" + std::to_string(number) +
                               ": not a coverage point");
    }
    const auto point = point_of(keys_of(line.substr(3, end - 3)));
    if (point) data[*point] += std::strtoull(line.c_str() + end + 2, nullptr, 10);
  }
}

CoverageData read_coverage_folder(const std::filesystem::path& folder) {
  CoverageData data;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".dat") add_coverage_file(data, entry.path());
  }
  return data;
}

}  // namespace lutsim::tools

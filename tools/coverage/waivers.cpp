// SPDX-License-Identifier: Apache-2.0
#include "tools/coverage/waivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"

namespace lutsim::tools {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Four fields; bars of an operator in WHAT ("a || b") have no blanks on both sides of one bar.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t bar = line.find(" | "); bar != std::string::npos && fields.size() < 3;
       bar = line.find(" | ", begin)) {
    fields.push_back(trimmed(line.substr(begin, bar - begin)));
    begin = bar + 3;
  }
  fields.push_back(trimmed(line.substr(begin)));
  return fields;
}

}  // namespace

std::vector<Waiver> read_waivers(const std::filesystem::path& file,
                                 const std::vector<std::string>& kinds) {
  std::ifstream stream(file);
  if (!stream) throw config::InputError(file.string(), "expected a list of waivers");
  std::vector<Waiver> waivers;
  std::vector<config::Diagnostic> wrong;
  std::string line;
  for (std::uint32_t number = 1; std::getline(stream, line); ++number) {
    if (trimmed(line).empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = fields_of(line);
    const bool known =
        fields.size() == 4 && std::find(kinds.begin(), kinds.end(), fields[1]) != kinds.end();
    if (!known || fields[0].empty() || fields[2].empty() || fields[3].empty()) {
      wrong.push_back({file.string(), number, 1,
                       fmt::format("expected BLOCK | {} | WHAT | REASON", fmt::join(kinds, " or ")),
                       "", line});
      continue;
    }
    waivers.push_back({fields[0], fields[1], fields[2], fields[3], number});
  }
  if (!wrong.empty()) throw config::InputError(wrong);
  return waivers;
}

std::filesystem::path waiver_file() {
  return config::data_root() / "tools" / "coverage" / "waivers.txt";
}

bool matches(const std::string& pattern, const std::string& text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos) return pattern == text;
  if (text.compare(0, star, pattern, 0, star) != 0) return false;
  const std::string rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= text.size(); ++at) {
    if (matches(rest, text.substr(at))) return true;
  }
  return false;
}

}  // namespace lutsim::tools

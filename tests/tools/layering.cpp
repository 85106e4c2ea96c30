// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/layering.h"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

namespace lutsim::test {
namespace {

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

/// "sim" of "sim/dma/x.h", and "sim/dma/".
std::string box_of(const std::string& path) { return path.substr(0, path.find('/')); }
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

/// Where files of a box may find their headers.
const std::vector<std::string>& allowed_prefixes(const std::string& box) {
  static const std::map<std::string, std::vector<std::string>> table{
      {"models", {"models/"}},
      {"workloads", {"models/", "workloads/"}},
      {"sim", {"models/", "workloads/trace/", "sim/"}},
      {"tools", {"models/", "workloads/", "sim/", "tools/"}},
      {"tests", {"models/", "workloads/", "sim/", "tools/", "tests/"}},
  };
  static const std::vector<std::string> nothing;
  const auto row = table.find(box);
  return row == table.end() ? nothing : row->second;
}

/// Folders of sim/ that are no units of the block diagram: everybody may use the first group, the
/// second may use everybody.
bool is_shared(const std::string& folder) {
  return folder == "sim/kernel/" || folder == "sim/lowering/";
}
bool joins_units(const std::string& folder) {
  return folder == "sim/platform/" || folder == "sim/rtl_bridge/";
}

bool is_systemc(const std::string& name) {
  return starts_with(name, "systemc") || starts_with(name, "tlm") || starts_with(name, "sysc/");
}
bool is_verilated(const std::string& name) {
  return starts_with(name, "verilated") ||
         (name.size() > 1 && name[0] == 'V' && std::islower(name[1]));
}

std::string refuse_quoted(const std::string& path, const std::string& name) {
  if (is_verilated(name)) return "";
  const auto& allowed = allowed_prefixes(box_of(path));
  const bool known = std::any_of(allowed.begin(), allowed.end(),
                                 [&](const std::string& p) { return starts_with(name, p); });
  if (!known) return "outside what " + box_of(path) + "/ may depend on";
  const std::string from = folder_of(path);
  const std::string to = folder_of(name);
  const bool between_units = box_of(path) == "sim" && starts_with(to, "sim/") && from != to;
  if (between_units && !is_shared(to) && !joins_units(from)) {
    return "a unit does not know another unit; they meet in sim/platform/";
  }
  return "";
}

std::string refuse_system(const std::string& path, const std::string& name) {
  const std::string box = box_of(path);
  if (name == "systemc.h") return "drops SystemC's namespaces into this file; use <systemc>";
  const bool untimed = box == "models" || box == "workloads";
  if (is_systemc(name) && untimed) return box + "/ is untimed";
  const bool is_header = path.size() > 2 && path.substr(path.size() - 2) == ".h";
  if (is_systemc(name) && box == "tools" && is_header) return "SystemC types stay in sim/";
  if (is_verilated(name) && (untimed || (box == "sim" && folder_of(path) != "sim/rtl_bridge/"))) {
    return "only sim/rtl_bridge/ drives Verilated blocks";
  }
  if (starts_with(name, "yaml-cpp/") && path != "models/config/yaml_parser.cpp") {
    return "models/config/yaml_parser.cpp is the only reader of YAML";
  }
  return "";
}

}  // namespace

std::vector<std::string> include_violations(const std::string& path, const std::string& text) {
  static const std::regex include(R"rx(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)rx");
  std::vector<std::string> found;
  bool has_systemc = false;
  bool has_verilated = false;
  const auto report = [&](int line, const std::string& what) {
    found.push_back(path + ":" + std::to_string(line) + ": " + what);
  };
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::smatch match;
    // Long lines hold data, no includes; std::regex recurses once per character.
    if (line.size() > 300 || !std::regex_match(line, match, include)) continue;
    const std::string name = match[2];
    has_systemc = has_systemc || is_systemc(name);
    has_verilated = has_verilated || is_verilated(name);
    std::string reason = refuse_system(path, name);
    if (reason.empty() && match[1] == "\"") reason = refuse_quoted(path, name);
    if (reason.empty()) continue;
    reason.insert(0, ": ").insert(0, name).insert(0, "includes ");
    report(number, reason);
  }
  if (has_systemc && has_verilated) {
    report(1, "includes both SystemC and a Verilated block, which does not compile");
  }
  return found;
}

std::vector<std::string> link_violations(const std::string& path, const std::string& text) {
  static const std::regex call(R"(lutsim_(?:interface_)?library\(\s*lutsim_([a-z]+)_([^)]*)\))");
  static const std::regex link(R"(\blutsim_([a-z]+)_([a-z_]+))");
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), call), end; it != end; ++it) {
    const std::string box = (*it)[1];
    const std::string rest = (*it)[2];
    const auto& allowed = allowed_prefixes(box);
    for (std::sregex_iterator dep(rest.begin(), rest.end(), link); dep != end; ++dep) {
      const std::string target = (*dep)[1];
      // Verilated libraries are what sim/rtl_bridge and tools/verify exist for.
      if (target == "rtl" && (box == "sim" || box == "tools" || box == "rtl")) continue;
      const std::string prefix = target + "/" + std::string((*dep)[2]);
      const bool known = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& p) {
        return starts_with(prefix + "/", p);
      });
      if (!known) {
        found.push_back(path);
        found.back().append(": a library of ").append(box).append("/ links to ").append((*dep)[0]);
      }
    }
  }
  return found;
}

}  // namespace lutsim::test

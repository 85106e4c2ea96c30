// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/error_example.h"

#include <array>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/node.h"
#include "models/config/read_yaml.h"
#include "models/config/units.h"
#include "models/spec/arch_spec.h"

namespace lutsim::tools {
namespace {

/// The shipped reference chip with mistakes that people make.
std::string wrong_architecture() {
  constexpr std::array<std::pair<const char*, const char*>, 5> kMistakes{{
      {"clock: 500 MHz", "clock: 500 Mhz"},
      {"mu: 4", "mu: 16"},
      {"array_rows:", "array_row:"},
      {"capacity: 1 MiB", "capacity: 1024 KB"},
      {"refresh: all-bank", "refresh: all_bank"},
  }};
  std::string text = config::read_source(config::find_arch("default")).text();
  for (const auto& [right, wrong] : kMistakes) {
    const std::size_t at = text.find(right);
    if (at == std::string::npos) {
      throw config::InputError("default", std::string("has no line '") + right + "'");
    }
    text.replace(at, std::string(right).size(), wrong);
  }
  return text;
}

std::string row(spec::Unit unit, const char* dimension) {
  std::string names;
  for (const std::string& name : config::unit_spellings(unit)) {
    names += (names.empty() ? "`" : ", `") + name + "`";
  }
  return std::string("| ") + dimension + " | " + names + " | " + config::base_unit(unit) + " |\n";
}

}  // namespace

std::string error_example() {
  std::string output;
  try {
    config::read_yaml_text<spec::ArchSpec>(wrong_architecture(), "mine.yaml",
                                           {"vector.lane=128", "dma.setup_cycles=1.5"});
  } catch (const config::InputError& error) {
    output = error.what();
  }
  return "```\n" + output + "\n```\n";
}

std::string unit_table() {
  using spec::Unit;
  return std::string("| dimension | spelling | C++ and JSON hold |\n|---|---|---|\n") +
         row(Unit::bit, "width") + row(Unit::byte, "storage") + row(Unit::hertz, "frequency") +
         row(Unit::second, "time") + row(Unit::bit_per_second, "data rate of a pin") +
         row(Unit::byte_per_second, "bandwidth") + row(Unit::joule, "energy") +
         row(Unit::watt, "power") + row(Unit::square_metre, "area") + row(Unit::volt, "voltage") +
         row(Unit::metre, "feature size");
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/run/layer_list.h"

#include <regex>
#include <sstream>

#include "models/spec/field.h"

namespace lutsim::tools {

std::vector<bool> parse_layers(const std::string& text, std::uint32_t layers) {
  std::vector<bool> named(layers, false);
  std::istringstream list(text);
  std::string part;
  const auto refuse = [&text](const std::string& why) {
    throw spec::SpecError("rtl_layers = '" + text + "': " + why);
  };
  static const std::regex kRange("([0-9]{1,6})(-([0-9]{1,6}))?");
  while (std::getline(list, part, ',')) {
    std::smatch range;
    if (!std::regex_match(part, range, kRange)) {
      refuse(part + " is no layer and no range of layers, write for example 0,3-5");
    }
    const unsigned long first = std::stoul(range[1]);
    const unsigned long last = range[3].matched ? std::stoul(range[3]) : first;
    if (last < first || last >= layers) {
      refuse("the model has the layers 0-" + std::to_string(layers - 1));
    }
    for (unsigned long layer = first; layer <= last; ++layer) named[layer] = true;
  }
  return named;
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/report/timeline_data.h"

#include <algorithm>
#include <map>
#include <string>

namespace lutsim::tools::report {

using json = nlohmann::ordered_json;

json timeline_data(const json& trace) {
  json tracks = json::array(), kinds = json::array(), slices = json::array();
  std::map<std::string, std::size_t> kind_index;
  double total = 0;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("name") == "thread_name") tracks.push_back(event.at("args").at("name"));
    if (event.at("ph") != "X") continue;
    const std::string kind = event.at("cat");
    const auto [entry, is_new] = kind_index.emplace(kind, kind_index.size());
    if (is_new) kinds.push_back(kind);
    const double begin = event.at("ts"), end = begin + event.at("dur").get<double>();
    total = std::max(total, end);
    const json& args = event.at("args");
    slices.push_back({event.at("tid").get<std::size_t>() - 1, begin, end, entry->second,
                      event.at("name"), args.at("commands"), args.at("busy_us")});
  }
  return {{"tracks", std::move(tracks)},
          {"kinds", std::move(kinds)},
          {"total", total},
          {"slices", std::move(slices)}};
}

}  // namespace lutsim::tools::report

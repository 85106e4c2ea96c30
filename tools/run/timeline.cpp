// SPDX-License-Identifier: Apache-2.0
#include "tools/run/timeline.h"

#include <fmt/core.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "models/spec/field.h"
#include "tools/report/page.h"
#include "tools/report/timeline_data.h"

namespace lutsim::tools {
namespace {

using json = nlohmann::ordered_json;

/// Slices of one unit that overlap lie on tracks of their own.
struct Track {
  std::string name;
  double end_s = 0;
};

struct PlacedSlice {
  const sim::TimelineSlice* slice;
  std::size_t track;
};

struct Tracks {
  std::vector<Track> tracks;  ///< in the order of the units
  std::vector<PlacedSlice> slices;
};

Tracks place(const std::vector<sim::TimelineSlice>& timeline) {
  std::map<std::pair<sim::UnitKind, std::size_t>, Track> lanes;
  std::vector<std::pair<const sim::TimelineSlice*, std::pair<sim::UnitKind, std::size_t>>> placed;
  for (const sim::TimelineSlice& slice : timeline) {
    std::size_t lane = 0;
    while (lanes[{slice.unit, lane}].end_s > slice.begin_s) ++lane;
    lanes[{slice.unit, lane}].end_s = slice.end_s;
    placed.push_back({&slice, {slice.unit, lane}});
  }
  Tracks result;
  std::map<std::pair<sim::UnitKind, std::size_t>, std::size_t> index;
  for (auto& [key, track] : lanes) {
    track.name = key.second == 0 ? sim::to_string(key.first)
                                 : fmt::format("{} {}", sim::to_string(key.first), key.second + 1);
    index[key] = result.tracks.size();
    result.tracks.push_back(track);
  }
  for (const auto& [slice, key] : placed) result.slices.push_back({slice, index.at(key)});
  return result;
}

/// Trace events, as Perfetto reads them.
json timeline_events(const RunResult& result) {
  const Tracks tracks = place(result.statistics.timeline);
  json events = json::array();
  for (std::size_t t = 0; t < tracks.tracks.size(); ++t) {
    events.push_back({{"ph", "M"},
                      {"name", "thread_name"},
                      {"pid", 1},
                      {"tid", t + 1},
                      {"args", {{"name", tracks.tracks[t].name}}}});
    events.push_back({{"ph", "M"},
                      {"name", "thread_sort_index"},
                      {"pid", 1},
                      {"tid", t + 1},
                      {"args", {{"sort_index", t}}}});
  }
  for (const auto& [slice, track] : tracks.slices) {
    const auto& op = result.operators[slice->op];
    events.push_back({{"ph", "X"},
                      {"name", op.name},
                      {"cat", spec::to_string_of(op.kind)},
                      {"pid", 1},
                      {"tid", track + 1},
                      {"ts", slice->begin_s * 1e6},
                      {"dur", (slice->end_s - slice->begin_s) * 1e6},
                      {"args", {{"commands", slice->commands}, {"busy_us", slice->busy_s * 1e6}}}});
  }
  return {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
}

}  // namespace

std::string timeline_trace(const RunResult& result) {
  return timeline_events(result).dump() + "\n";
}

std::string timeline_page(const RunResult& result) {
  const std::string title = result.model_name + " on " + result.spec.arch.name;
  return report::page(title, {{"kind", "timeline"},
                              {"title", title},
                              {"timeline", report::timeline_data(timeline_events(result))}});
}

}  // namespace lutsim::tools

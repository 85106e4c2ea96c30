// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>

#include "tools/figure/figure.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::tools::figure {

namespace {

using json = nlohmann::ordered_json;

struct Slice {
  std::string unit, operation, kind;
  double begin_us = 0, end_us = 0, busy_us = 0;
};

std::vector<Slice> slices_of(const json& timeline) {
  std::map<int, std::string> tracks;
  std::vector<Slice> slices;
  for (const json& event : timeline.at("traceEvents")) {
    if (event.at("ph") == "M" && event.at("name") == "thread_name") {
      tracks[event.at("tid")] = event.at("args").at("name");
    }
    if (event.at("ph") != "X") continue;
    const double begin = event.at("ts"), length = event.at("dur");
    slices.push_back({tracks.at(event.at("tid")), event.at("name"), event.at("cat"), begin,
                      begin + length, event.at("args").at("busy_us")});
  }
  return slices;
}

/// A DMA engine moves data on several channels at a time; busy times of a slice are their sum.
std::uint32_t channels_of(const std::string& unit, const spec::ArchSpec& arch) {
  if (unit.rfind("dma_read", 0) == 0) return arch.dma.read_channels;
  if (unit.rfind("dma_write", 0) == 0) return arch.dma.write_channels;
  return 1;
}

}  // namespace

Table timeline(const FigureRequest& request, RunStore& runs) {
  const RunSpec run = decode_step(request);
  const auto slices = slices_of(runs.timeline(run));
  // A layer in the middle, where the one before it overlaps its beginning and the next one its end.
  const std::string layer =
      "layers." + std::to_string(workloads::find_shape(request.model).layers / 2) + ".";
  double begin = std::numeric_limits<double>::max(), end = 0;
  for (const Slice& s : slices) {
    if (s.operation.rfind(layer, 0) != 0) continue;
    if (s.unit != "matrix" && s.unit != "vector") continue;
    begin = std::min(begin, s.begin_us);
    end = std::max(end, s.end_us);
  }
  Table table({"chip", "model", "weight_bits", "batch", "unit", "operator", "kind", "begin_us",
               "end_us", "channels", "busy_us", "window_us"});
  for (const Slice& s : slices) {
    if (s.end_us <= begin || s.begin_us >= end) continue;
    table.add({run.arch.name, run.workload.model, run.workload.weight_bits, run.workload.batch,
               s.unit, s.operation, s.kind, s.begin_us - begin, s.end_us - begin,
               channels_of(s.unit, run.arch), s.busy_us, end - begin});
  }
  return table;
}

}  // namespace lutsim::tools::figure

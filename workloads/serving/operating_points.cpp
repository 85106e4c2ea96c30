// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/operating_points.h"

#include <algorithm>
#include <stdexcept>

namespace lutsim::workloads {

namespace {

/// Nodes of an axis up to `last`: `last` itself is one.
std::vector<std::uint32_t> doubling(std::uint32_t first, std::uint32_t factor, std::uint32_t last) {
  std::vector<std::uint32_t> nodes;
  for (std::uint64_t node = first; node < last; node *= factor)
    nodes.push_back(static_cast<std::uint32_t>(node));
  nodes.push_back(last);
  return nodes;
}

/// The cell that holds x: index of its first node, and where x lies between the two; beyond the
/// ends the outer cells go on.
template <class Nodes>
std::pair<std::size_t, double> place(const Nodes& nodes, double x) {
  if (nodes.size() == 1) return {0, 0};
  std::size_t i = 0;
  while (i + 2 < nodes.size() && x >= nodes[i + 1].first) ++i;
  return {i, (x - nodes[i].first) / (nodes[i + 1].first - nodes[i].first)};
}

PointCost between(const PointCost& a, const PointCost& b, double t) {
  PointCost cost = a.scaled(1 - t);
  cost += b.scaled(t);
  return cost;
}

}  // namespace

PointCost& PointCost::operator+=(const PointCost& other) {
  seconds += other.seconds;
  for (std::size_t i = 0; i < events.size(); ++i) events[i] += other.events[i];
  return *this;
}

PointCost PointCost::scaled(double factor) const {
  PointCost cost = *this;
  cost.seconds *= factor;
  for (double& event : cost.events) event *= factor;
  return cost;
}

PointCost ExactPoints::cost(const OperatingPoint& point) {
  const auto known = known_.find(point);
  if (known != known_.end()) return known->second;
  return known_[point] = simulate_(point);
}

std::vector<OperatingPoint> PointGrid::points() const {
  std::vector<OperatingPoint> points;
  for (const Row& row : decode)
    for (const std::uint32_t context : row.contexts) points.push_back({false, row.rows, context});
  for (const Row& row : prefill)
    for (const std::uint32_t context : row.contexts) points.push_back({true, row.rows, context});
  return points;
}

PointGrid make_grid(std::uint32_t max_sequences, std::uint32_t max_chunk, std::uint32_t max_context,
                    std::uint64_t cache_tokens) {
  constexpr std::uint32_t kFirstContext = 128, kFirstChunk = 8, kContextFactor = 4,
                          kChunkFactor = 2;
  // A pass adds a position to each sequence, and a chunk its rows.
  const auto contexts = [&](std::uint64_t sequences, std::uint32_t rows) {
    const std::uint64_t last =
        std::min<std::uint64_t>(max_context, cache_tokens / std::max<std::uint64_t>(1, sequences));
    return static_cast<std::uint32_t>(last > rows ? last - rows : 1);
  };
  PointGrid grid;
  for (const std::uint32_t rows : doubling(1, 2, max_sequences)) {
    const std::uint32_t last = contexts(rows, 1);
    grid.decode.push_back({rows, doubling(std::min(kFirstContext, last), kContextFactor, last)});
  }
  auto chunks = doubling(std::min(kFirstChunk, max_chunk), kChunkFactor, max_chunk);
  // One row runs as a decode pass does, two do not.
  for (const std::uint32_t rows : {2u, 1u})
    if (chunks.front() > rows) chunks.insert(chunks.begin(), rows);
  for (const std::uint32_t rows : chunks) {
    const std::uint32_t last = contexts(1, rows);
    auto nodes = doubling(std::min(4 * kFirstContext, last), kContextFactor, last);
    nodes.insert(nodes.begin(), 0);
    grid.prefill.push_back({rows, std::move(nodes)});
  }
  return grid;
}

std::vector<OperatingPoint> middle_points(const PointGrid& grid) {
  std::vector<OperatingPoint> points;
  const auto add = [&](const std::vector<PointGrid::Row>& rows, bool is_prefill) {
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      const std::uint32_t middle = (rows[i].rows + rows[i + 1].rows) / 2;
      if (middle == rows[i].rows) continue;
      // One cell of each row of the grid, a different one each time.
      const auto& contexts = rows[i + 1].contexts;
      if (contexts.size() < 2) continue;
      const std::size_t cell = i % (contexts.size() - 1);
      points.push_back({is_prefill, middle, (contexts[cell] + contexts[cell + 1]) / 2});
    }
  };
  add(grid.decode, false);
  add(grid.prefill, true);
  return points;
}

bool refine(PointGrid& grid, const std::vector<OperatingPoint>& coarse) {
  bool is_changed = false;
  for (const OperatingPoint& point : coarse) {
    auto& rows = point.is_prefill ? grid.prefill : grid.decode;
    const auto next =
        std::lower_bound(rows.begin(), rows.end(), point.rows,
                         [](const PointGrid::Row& row, std::uint32_t r) { return row.rows < r; });
    if (next == rows.end() || next->rows == point.rows) continue;
    // The contexts of more rows: those of fewer may not fit the cache.
    rows.insert(next, PointGrid::Row{point.rows, next->contexts});
    is_changed = true;
  }
  return is_changed;
}

InterpolatedPoints::InterpolatedPoints(const PointGrid& grid, const Simulate& simulate) {
  const auto fill = [&](Surface& surface, const std::vector<PointGrid::Row>& rows,
                        bool is_prefill) {
    for (const PointGrid::Row& row : rows) {
      Line line;
      for (const std::uint32_t context : row.contexts)
        line.emplace_back(context, simulate({is_prefill, row.rows, context}));
      surface.emplace_back(row.rows, std::move(line));
    }
    if (surface.empty()) throw std::invalid_argument("a grid without points");
  };
  fill(decode_, grid.decode, false);
  fill(prefill_, grid.prefill, true);
}

PointCost InterpolatedPoints::on(const Surface& surface, double rows, double context) {
  const auto along = [&](const Line& line) {
    const auto [i, t] = place(line, context);
    return line.size() == 1 ? line[0].second : between(line[i].second, line[i + 1].second, t);
  };
  const auto [i, t] = place(surface, rows);
  if (surface.size() == 1) return along(surface[0].second);
  return between(along(surface[i].second), along(surface[i + 1].second), t);
}

PointCost InterpolatedPoints::cost(const OperatingPoint& point) {
  return on(point.is_prefill ? prefill_ : decode_, point.rows, point.context);
}

}  // namespace lutsim::workloads

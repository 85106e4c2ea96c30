// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/strategy.h"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/sobol.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "models/config/document.h"
#include "models/config/node.h"
#include "tools/support/csv.h"

namespace lutsim::tools::sweep {

namespace {

using Positions = std::vector<std::uint32_t>;

constexpr std::uint64_t kLargestPermutation = 1'000'000;
/// Draws for each point that is wanted before a sequence gives up: the space has no more.
constexpr std::uint64_t kDrawsPerPoint = 100;

/// The point with this number in the grid.
Point grid_point(const SweepSpace& space, std::uint64_t number) {
  Positions positions(space.axes.size());
  for (std::size_t i = space.axes.size(); i-- > 0;) {
    const std::uint64_t n = space.axes[i].values.size();
    positions[i] = static_cast<std::uint32_t>(number % n);
    number /= n;
  }
  return point_at(space, positions);
}

void propose_grid(const SweepSpace& space, const Accept& accept) {
  for (std::uint64_t i = 0; i < space.size(); ++i) accept(grid_point(space, i));
}

void propose_sobol(const SweepSpace& space, const Accept& accept) {
  const Strategy& strategy = space.keys.strategy;
  boost::random::sobol sequence(space.axes.size());
  sequence.discard(strategy.seed * space.axes.size());
  const double range = static_cast<double>(boost::random::sobol::max()) + 1;
  std::uint64_t accepted = 0;
  for (std::uint64_t draw = 0; draw < strategy.points * kDrawsPerPoint; ++draw) {
    if (accepted == strategy.points) return;
    Positions positions;
    for (const Axis& axis : space.axes) {
      const auto n = static_cast<double>(axis.values.size());
      const double at = static_cast<double>(sequence()) / range * n;
      positions.push_back(static_cast<std::uint32_t>(std::min(at, n - 1)));
    }
    accepted += accept(point_at(space, positions)) ? 1 : 0;
  }
}

/// One cell of a list as it would stand in a space file. Errors name the cell.
config::Value read_cell(const Axis& axis, const std::string& text, const std::string& source) {
  config::TypeInfo type;
  type.kind = config::Kind::structure;
  type.fields.push_back(axis.field);
  config::Document document(type, config::Value{std::vector<config::Value>{axis.values.front()}});
  // The reader of --set splits paths at dots; a cell needs none.
  config::FieldEntry& field = type.fields.front();
  field.key = "value";
  document.set("value=" + text, source);
  document.throw_if_errors();
  return std::get<std::vector<config::Value>>(document.value().data).front();
}

void propose_list(const SweepSpace& space, const Accept& accept) {
  std::filesystem::path file = space.keys.strategy.file;
  if (file.is_relative()) file = space.folder / file;
  const auto rows = read_csv(config::read_source(file).text());
  if (rows.empty()) throw config::InputError(file.string(), "has no header");
  std::vector<std::size_t> columns;
  std::vector<config::Diagnostic> errors;
  std::vector<std::string> names;
  for (const Axis& axis : space.axes) names.push_back(axis.name());
  for (const std::string& heading : rows.front()) {
    if (std::count(rows.front().begin(), rows.front().end(), heading) > 1)
      errors.push_back({file.string(), 1, 1, "column '" + heading + "' is there twice"});
    if (std::find(names.begin(), names.end(), heading) == names.end())
      errors.push_back({file.string(), 1, 1, "column '" + heading + "' is no axis of the sweep",
                        config::did_you_mean(heading, names)});
  }
  for (const std::string& name : names) {
    const auto at = std::find(rows.front().begin(), rows.front().end(), name);
    if (at == rows.front().end())
      errors.push_back({file.string(), 1, 1, "the axis '" + name + "' has no column"});
    columns.push_back(static_cast<std::size_t>(at - rows.front().begin()));
  }
  if (!errors.empty()) throw config::InputError(errors);
  std::vector<Point> points;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    const std::string row = file.string() + " row " + std::to_string(r);
    if (rows[r].size() != rows.front().size()) {
      errors.push_back({file.string(), static_cast<std::uint32_t>(r + 1), 1,
                        std::to_string(rows[r].size()) + " cells, the header has " +
                            std::to_string(rows.front().size())});
      continue;
    }
    Point point;
    for (std::size_t i = 0; i < space.axes.size(); ++i) {
      try {
        point.push_back(read_cell(space.axes[i], rows[r][columns[i]], row + " " + names[i]));
      } catch (const config::InputError& error) {
        errors.insert(errors.end(), error.diagnostics().begin(), error.diagnostics().end());
      }
    }
    points.push_back(std::move(point));
  }
  if (!errors.empty()) throw config::InputError(errors);
  for (const Point& point : points) accept(point);
}

}  // namespace

Point point_at(const SweepSpace& space, const Positions& positions) {
  Point point;
  point.reserve(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    point.push_back(space.axes[i].values.at(positions[i]));
  return point;
}

void propose_random(const SweepSpace& space, std::uint64_t points, std::uint64_t seed,
                    const Accept& accept) {
  boost::random::mt19937_64 engine(seed);
  using Below = boost::random::uniform_int_distribution<std::uint64_t>;
  const std::uint64_t size = space.size();
  std::uint64_t accepted = 0;
  if (size <= kLargestPermutation) {
    std::vector<std::uint32_t> order(size);
    std::iota(order.begin(), order.end(), 0u);
    for (std::uint64_t i = 0; i < size && accepted < points; ++i) {
      std::swap(order[i], order[Below(i, size - 1)(engine)]);
      accepted += accept(grid_point(space, order[i])) ? 1 : 0;
    }
    return;
  }
  for (std::uint64_t draw = 0; draw < points * kDrawsPerPoint && accepted < points; ++draw) {
    Positions positions;
    for (const Axis& axis : space.axes)
      positions.push_back(static_cast<std::uint32_t>(Below(0, axis.values.size() - 1)(engine)));
    accepted += accept(point_at(space, positions)) ? 1 : 0;
  }
}

void propose(const SweepSpace& space, const Accept& accept) {
  const Strategy& strategy = space.keys.strategy;
  switch (strategy.kind) {
    case StrategyKind::grid:
      return propose_grid(space, accept);
    case StrategyKind::list:
      return propose_list(space, accept);
    case StrategyKind::random:
      return propose_random(space, strategy.points, strategy.seed, accept);
    case StrategyKind::sobol:
      return propose_sobol(space, accept);
    default:
      throw std::invalid_argument("the strategy " + spec::to_string_of(strategy.kind) +
                                  " chooses by results");
  }
}

}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/node.h"
#include "tools/figure/figure.h"
#include "tools/support/csv.h"

namespace lutsim::tools::figure {

namespace {

using Cells = std::vector<std::string>;

/// The table of a sweep: any CSV with a line of names.
struct SweepTable {
  std::string file;
  Cells columns;
  std::vector<Cells> rows;

  std::optional<std::size_t> find(const std::string& column) const {
    const auto at = std::find(columns.begin(), columns.end(), column);
    if (at == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(at - columns.begin());
  }
  std::size_t index(const std::string& option, const std::string& column) const {
    if (const auto at = find(column)) return *at;
    throw config::InputError(option, file + " has no column '" + column + "'",
                             config::did_you_mean(column, columns));
  }
};

SweepTable read_table(const std::string& place) {
  if (place.empty()) {
    throw config::InputError("lutsim figure sweep-front", "no table of a sweep is given",
                             "try: --sweep DIR, the folder of lutsim sweep, or a CSV");
  }
  SweepTable table;
  table.file = std::filesystem::is_directory(place)
                   ? (std::filesystem::path(place) / "results.csv").string()
                   : place;
  std::vector<Cells> rows = read_csv(config::read_source(table.file).text());
  if (rows.empty()) throw config::InputError(table.file, "holds no line of names");
  table.columns = std::move(rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() != table.columns.size()) {
      throw config::InputError(table.file, fmt::format("point {} has {} cells, expected {}", i,
                                                       rows[i].size(), table.columns.size()));
    }
    table.rows.push_back(std::move(rows[i]));
  }
  if (table.rows.empty()) throw config::InputError(table.file, "holds no points");
  return table;
}

/// A metric, and whether more of it is better: "KEY" or "KEY:more".
struct Axis {
  std::string key;
  bool more = false;
  std::size_t value = 0;
  std::optional<std::size_t> low, high;
};

Axis axis_of(const SweepTable& table, const std::string& option, const std::string& text) {
  const std::string suffix = ":more";
  Axis axis;
  axis.key = text;
  if (text.size() > suffix.size() &&
      text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0) {
    axis.more = true;
    axis.key.resize(text.size() - suffix.size());
  }
  axis.value = table.index(option, axis.key);
  axis.low = table.find(axis.key + ".low");
  axis.high = table.find(axis.key + ".high");
  return axis;
}

/// NaN for a cell without a number.
double number_of(const std::string& cell) {
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  const bool whole = error == std::errc() && end == cell.data() + cell.size();
  return whole ? number : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

/// Points that the sweep measured; `front` says which lie on the front of the two axes among the
/// feasible ones, `sweep_front` on that of all objectives of the sweep.
Table sweep_front(const FigureRequest& request, RunStore&) {
  const SweepTable table = read_table(request.sweep);
  const Axis x = axis_of(table, "--x", request.x), y = axis_of(table, "--y", request.y);
  std::optional<std::size_t> series;
  if (!request.series.empty()) series = table.index("--series", request.series);
  const auto feasible = table.find("feasible"), sweep_front = table.find("front");

  struct Point {
    const Cells* row;
    double x, y;
    bool is_feasible, is_front;
  };
  std::vector<Point> points;
  for (const Cells& row : table.rows) {
    const double at_x = number_of(row[x.value]), at_y = number_of(row[y.value]);
    if (!(at_x == at_x) || !(at_y == at_y)) continue;  // a point that was refused or failed
    points.push_back({&row, at_x, at_y, !feasible || row[*feasible] != "false", false});
  }
  if (points.empty()) {
    throw config::InputError(table.file, "no point has both " + x.key + " and " + y.key);
  }
  const auto no_worse = [](double a, double b, bool more) { return more ? a >= b : a <= b; };
  for (Point& p : points) {
    p.is_front = p.is_feasible && std::none_of(points.begin(), points.end(), [&](const Point& q) {
                   return q.is_feasible && no_worse(q.x, p.x, x.more) &&
                          no_worse(q.y, p.y, y.more) && (q.x != p.x || q.y != p.y);
                 });
  }
  Table out({"series", "feasible", "front", "sweep_front", x.key, x.key + "_low", x.key + "_high",
             y.key, y.key + "_low", y.key + "_high", "x_better", "y_better"});
  const auto bound = [](const Cells& row, const std::optional<std::size_t>& column, double value) {
    const double number = column ? number_of(row[*column]) : value;
    return number == number ? number : value;
  };
  for (const Point& p : points) {
    const Cells& row = *p.row;
    out.add({series ? request.series + " = " + row[*series] : std::string(), p.is_feasible,
             p.is_front, sweep_front ? row[*sweep_front] == "true" : p.is_front, p.x,
             bound(row, x.low, p.x), bound(row, x.high, p.x), p.y, bound(row, y.low, p.y),
             bound(row, y.high, p.y), x.more ? "more" : "less", y.more ? "more" : "less"});
  }
  return out;
}

}  // namespace lutsim::tools::figure

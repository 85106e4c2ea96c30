// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "models/energy/event.h"

namespace lutsim::workloads {

/// One forward pass of one model on the accelerator: `sequences` rows that each attend to
/// `context` positions before them, or one chunk of a prompt.
struct OperatingPoint {
  bool is_prefill = false;
  std::uint32_t rows = 1;     ///< sequences of a decode pass, rows of a chunk
  std::uint32_t context = 1;  ///< cached positions of each sequence
  friend bool operator<(const OperatingPoint& a, const OperatingPoint& b) {
    return std::make_tuple(a.is_prefill, a.rows, a.context) <
           std::make_tuple(b.is_prefill, b.rows, b.context);
  }
};

/// What a simulation of a point found.
struct PointCost {
  double seconds = 0;
  std::array<double, models::kEventCount> events{};  ///< of all chips

  PointCost& operator+=(const PointCost& other);
  PointCost scaled(double factor) const;
};

/// Where costs come from.
class PointSource {
 public:
  virtual ~PointSource() = default;
  virtual PointCost cost(const OperatingPoint& point) = 0;
};

/// Simulates a point.
using Simulate = std::function<PointCost(const OperatingPoint&)>;

/// Every point is simulated, once.
class ExactPoints : public PointSource {
 public:
  explicit ExactPoints(Simulate simulate) : simulate_(std::move(simulate)) {}
  PointCost cost(const OperatingPoint& point) override;
  std::size_t simulated() const { return known_.size(); }

 private:
  Simulate simulate_;
  std::map<OperatingPoint, PointCost> known_;
};

/// Rows and, for each number of rows, contexts; both ascending. The first context of a row of the
/// grid may be beyond that of another.
struct PointGrid {
  struct Row {
    std::uint32_t rows = 1;
    std::vector<std::uint32_t> contexts;
  };
  std::vector<Row> decode, prefill;
  std::vector<OperatingPoint> points() const;
};

/// A grid for up to `max_rows` sequences and chunks of up to `max_chunk` rows, with contexts up to
/// `max_context`, and no more than `cache_tokens` cached positions in all.
PointGrid make_grid(std::uint32_t max_sequences, std::uint32_t max_chunk, std::uint32_t max_context,
                    std::uint64_t cache_tokens);

/// Points in the middle of the grid's cells, to measure the interpolation at.
std::vector<OperatingPoint> middle_points(const PointGrid& grid);

/// Splits the cells that hold `coarse` points: each gets a row of its own number of rows. False
/// when every one of them lies on a row of the grid already.
bool refine(PointGrid& grid, const std::vector<OperatingPoint>& coarse);

/// Between the points of a grid: linear in the context along each row of the grid, then linear in
/// the rows. Beyond the last context of a row the last two go on.
class InterpolatedPoints : public PointSource {
 public:
  InterpolatedPoints(const PointGrid& grid, const Simulate& simulate);
  PointCost cost(const OperatingPoint& point) override;

 private:
  using Line = std::vector<std::pair<double, PointCost>>;  ///< by context
  using Surface = std::vector<std::pair<double, Line>>;    ///< by rows
  static PointCost on(const Surface& surface, double rows, double context);

  Surface decode_, prefill_;
};

}  // namespace lutsim::workloads

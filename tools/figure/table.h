// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lutsim::tools::figure {

/// A cell: a text, or a number in the shortest form that reads back to the same bits.
class Cell {
 public:
  Cell(const char* text) : text_(text) {}
  Cell(std::string text) : text_(std::move(text)) {}
  Cell(double number);
  Cell(std::uint64_t number) : text_(std::to_string(number)) {}
  Cell(std::uint32_t number) : text_(std::to_string(number)) {}
  Cell(int number) : text_(std::to_string(number)) {}
  Cell(bool yes) : text_(yes ? "true" : "false") {}
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A value with the 5th and 95th percentile over the ranges of the constants.
struct Range {
  double value = 0, low = 0, high = 0;
};

/// The numbers behind one figure: tidy, an observation a line. Names of columns end in their unit
/// (`energy_mj`); the interval of X stands in X_low and X_high.
class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  /// Throws std::logic_error unless there is a cell for every column.
  void add(const std::vector<Cell>& cells);

  /// `comments` stand in front, each behind "# ". Cells are quoted as RFC 4180 says.
  std::string csv(const std::vector<std::string>& comments) const;

  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::vector<std::string>>& rows() const { return rows_; }

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace lutsim::tools::figure

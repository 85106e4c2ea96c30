// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/table.h"

#include <fmt/core.h>

#include <cmath>
#include <stdexcept>

#include "tools/support/csv.h"

namespace lutsim::tools::figure {

Cell::Cell(double number) : text_(std::isnan(number) ? "" : fmt::format("{}", number)) {}

void Table::add(const std::vector<Cell>& cells) {
  if (cells.size() != columns_.size()) {
    throw std::logic_error(
        fmt::format("a row of {} cells for {} columns", cells.size(), columns_.size()));
  }
  std::vector<std::string> row;
  for (const Cell& cell : cells) row.push_back(cell.text());
  rows_.push_back(std::move(row));
}

std::string Table::csv(const std::vector<std::string>& comments) const {
  std::string text;
  for (const std::string& comment : comments) text += "# " + comment + "\n";
  text += csv_line(columns_);
  for (const auto& row : rows_) text += csv_line(row);
  return text;
}

}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/table.h"

#include <fmt/core.h>

#include <cmath>
#include <stdexcept>

namespace lutsim::tools::figure {

namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    if (cell.find_first_of(",\"\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + "\n";
}

}  // namespace

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
  text += line_of(columns_);
  for (const auto& row : rows_) text += line_of(row);
  return text;
}

}  // namespace lutsim::tools::figure

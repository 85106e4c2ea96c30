// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/liberty.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace lutsim::gates {
namespace {

/// Words, strings without their quotes, and single punctuation marks; comments and line ends are
/// skipped.
class Tokens {
 public:
  explicit Tokens(const std::string& text) : text_(text) { advance(); }

  bool end() const { return token_.empty() && !quoted_; }
  bool is(const char* mark) const { return !quoted_ && token_ == mark; }
  std::string take() {
    std::string token = token_;
    advance();
    return token;
  }
  void expect(const char* mark) {
    if (!is(mark)) fail(std::string("expected '") + mark + "', got '" + token_ + "'");
    advance();
  }
  [[noreturn]] void fail(const std::string& what) const {
    const auto line =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw std::runtime_error("Liberty, line " + std::to_string(line + 1) + ": " + what);
  }

 private:
  void skip() {
    for (;;) {
      while (at_ < text_.size() && (std::isspace(text_[at_]) || text_[at_] == '\\')) ++at_;
      if (text_.compare(at_, 2, "/*") != 0) return;
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == std::string::npos) fail("a comment without an end");
      at_ = close + 2;
    }
  }
  void advance() {
    skip();
    token_.clear();
    quoted_ = false;
    if (at_ >= text_.size()) return;
    if (text_[at_] == '"') {
      const std::size_t close = text_.find('"', at_ + 1);
      if (close == std::string::npos) fail("a string without an end");
      token_ = text_.substr(at_ + 1, close - at_ - 1);
      quoted_ = true;
      at_ = close + 1;
      return;
    }
    const std::string marks = "(){}:;,";
    if (marks.find(text_[at_]) != std::string::npos) {
      token_ = text_[at_++];
      return;
    }
    while (at_ < text_.size() && !std::isspace(text_[at_]) &&
           marks.find(text_[at_]) == std::string::npos && text_[at_] != '"') {
      token_ += text_[at_++];
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  std::string token_;
  bool quoted_ = false;
};

void read_body(Tokens& tokens, LibertyGroup* group) {
  while (!tokens.is("}")) {
    if (tokens.end()) tokens.fail("group '" + group->type + "' without an end");
    const std::string name = tokens.take();
    if (tokens.is(":")) {
      tokens.take();
      group->attributes.push_back({name, {tokens.take()}});
      if (tokens.is(";")) tokens.take();
      continue;
    }
    tokens.expect("(");
    std::vector<std::string> arguments;
    while (!tokens.is(")")) {
      if (tokens.end()) tokens.fail("'" + name + "' without ')'");
      if (tokens.is(",")) {
        tokens.take();
      } else {
        arguments.push_back(tokens.take());
      }
    }
    tokens.expect(")");
    if (tokens.is("{")) {
      tokens.take();
      LibertyGroup child{name, std::move(arguments), {}, {}};
      read_body(tokens, &child);
      group->groups.push_back(std::move(child));
    } else {
      group->attributes.push_back({name, std::move(arguments)});
      if (tokens.is(";")) tokens.take();
    }
  }
  tokens.expect("}");
}

std::vector<double> numbers(const std::string& list) {
  std::vector<double> values;
  std::istringstream stream(list);
  for (std::string item; std::getline(stream, item, ',');)
    values.push_back(std::strtod(item.c_str(), nullptr));
  return values;
}

const std::vector<std::string>* find(const LibertyGroup& group, const std::string& name) {
  for (const auto& attribute : group.attributes) {
    if (attribute.first == name) return &attribute.second;
  }
  return nullptr;
}

/// `slew_only`: names of the templates whose first variable is the slew.
LoadSlewTable table_of(const LibertyGroup& group, const std::map<std::string, bool>& slew_only) {
  LoadSlewTable table;
  const auto* first = find(group, "index_1");
  const auto* second = find(group, "index_2");
  const auto* values = find(group, "values");
  if (values == nullptr) return table;
  table.values.clear();
  for (const std::string& row : *values) {
    for (const double value : numbers(row)) table.values.push_back(value);
  }
  const auto kind = group.arguments.empty() ? slew_only.end() : slew_only.find(group.arguments[0]);
  if (kind != slew_only.end() && kind->second) {
    if (first != nullptr) table.slew = numbers(first->at(0));
  } else {
    if (first != nullptr) table.load = numbers(first->at(0));
    if (second != nullptr) table.slew = numbers(second->at(0));
  }
  if (table.values.size() != table.load.size() * table.slew.size()) {
    throw std::runtime_error("Liberty: a table of " + std::to_string(table.values.size()) +
                             " values over " + std::to_string(table.load.size()) + " x " +
                             std::to_string(table.slew.size()) + " points");
  }
  return table;
}

/// Recursive descent over a Liberty function; values are truth tables.
class FunctionParser {
 public:
  FunctionParser(const std::string& text, const std::vector<std::string>& inputs)
      : text_(text), inputs_(inputs) {}
  std::uint64_t parse() {
    const std::uint64_t value = sum();
    skip();
    if (at_ != text_.size()) fail();
    const std::size_t rows = std::size_t{1} << inputs_.size();
    return rows == 64 ? value : value & ((std::uint64_t{1} << rows) - 1);
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error("Liberty: function '" + text_ + "' is not understood at character " +
                             std::to_string(at_ + 1));
  }
  void skip() {
    while (at_ < text_.size() && std::isspace(text_[at_])) ++at_;
  }
  bool next_is(const char* marks) {
    skip();
    return at_ < text_.size() && std::string(marks).find(text_[at_]) != std::string::npos;
  }
  std::uint64_t sum() {
    std::uint64_t value = exclusive();
    while (next_is("+|")) {
      ++at_;
      value |= exclusive();
    }
    return value;
  }
  std::uint64_t exclusive() {
    std::uint64_t value = product();
    while (next_is("^")) {
      ++at_;
      value ^= product();
    }
    return value;
  }
  std::uint64_t product() {
    std::uint64_t value = factor();
    for (;;) {
      if (next_is("*&")) ++at_;
      skip();
      const bool more = at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '(' ||
                                               text_[at_] == '!' || text_[at_] == '_');
      if (!more) return value;
      value &= factor();
    }
  }
  std::uint64_t factor() {
    std::uint64_t value = 0;
    if (next_is("!")) {
      ++at_;
      return ~factor();
    }
    if (next_is("(")) {
      ++at_;
      value = sum();
      if (!next_is(")")) fail();
      ++at_;
    } else {
      value = name();
    }
    while (next_is("'")) {
      ++at_;
      value = ~value;
    }
    return value;
  }
  std::uint64_t name() {
    skip();
    std::string word;
    while (at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '_'))
      word += text_[at_++];
    if (word == "0") return 0;
    if (word == "1") return ~std::uint64_t{0};
    const auto found = std::find(inputs_.begin(), inputs_.end(), word);
    if (found == inputs_.end()) fail();
    const auto bit = static_cast<std::size_t>(found - inputs_.begin());
    std::uint64_t value = 0;
    for (std::size_t row = 0; row < 64; ++row) value |= std::uint64_t{(row >> bit) & 1} << row;
    return value;
  }

  const std::string& text_;
  const std::vector<std::string>& inputs_;
  std::size_t at_ = 0;
};

using TablePair = std::pair<LoadSlewTable, LoadSlewTable>;

/// The tables called `rise` and `fall` of a timing or power group; a missing one is that of the
/// other direction.
bool tables_of(const LibertyGroup& group, const char* rise, const char* fall,
               const std::map<std::string, bool>& slew_only, TablePair* pair) {
  const LibertyGroup *up = nullptr, *down = nullptr;
  for (const LibertyGroup& child : group.groups) {
    if (child.type == rise) up = &child;
    if (child.type == fall) down = &child;
  }
  if (up == nullptr && down == nullptr) return false;
  *pair = {table_of(up != nullptr ? *up : *down, slew_only),
           table_of(down != nullptr ? *down : *up, slew_only)};
  return true;
}

RiseFall mean_at(const std::vector<TablePair>& arcs, double load, double slew) {
  RiseFall mean;
  for (const TablePair& arc : arcs) {
    mean.rise += arc.first.at(load, slew) / static_cast<double>(arcs.size());
    mean.fall += arc.second.at(load, slew) / static_cast<double>(arcs.size());
  }
  return mean;
}

/// False: not a cell that a netlist of ours can hold.
bool read_cell(const LibertyGroup& group, const std::map<std::string, bool>& slew_only,
               LibraryCell* cell) {
  cell->name = group.arguments.at(0);
  cell->area_um2 = group.number("area", 0);
  cell->leakage_nw = group.number("cell_leakage_power", 0);
  std::string function;
  std::size_t outputs = 0;
  TablePair pair;
  for (const LibertyGroup& child : group.groups) {
    if (child.type == "ff") cell->is_register = true;
    if (child.type == "latch" || child.type == "statetable") return false;
    if (child.type != "pin") continue;
    const std::string pin = child.arguments.at(0);
    if (child.value("direction") != "output") {
      cell->inputs.push_back(pin);
      cell->input_pf.push_back(child.number("capacitance", 0));
      for (const LibertyGroup& part : child.groups) {
        if (part.type == "internal_power" &&
            tables_of(part, "rise_power", "fall_power", slew_only, &pair)) {
          cell->input_energy_pj[pin] = pair;
        }
      }
      continue;
    }
    ++outputs;
    cell->output = pin;
    function = child.value("function");
    if (!child.value("three_state").empty()) return false;
    for (const LibertyGroup& part : child.groups) {
      if (part.type == "timing" && tables_of(part, "cell_rise", "cell_fall", slew_only, &pair)) {
        cell->delay_ns.push_back(pair);
      }
      if (part.type == "internal_power" &&
          tables_of(part, "rise_power", "fall_power", slew_only, &pair)) {
        cell->energy_pj.push_back(pair);
      }
    }
  }
  if (outputs != 1 || function.empty()) return false;
  if (cell->is_register) return true;
  if (cell->inputs.size() > 6) return false;
  cell->truth = truth_table(function, cell->inputs);
  return true;
}

}  // namespace

std::string LibertyGroup::value(const std::string& name, const std::string& otherwise) const {
  const auto* values = find(*this, name);
  return values == nullptr || values->empty() ? otherwise : values->front();
}

double LibertyGroup::number(const std::string& name, double otherwise) const {
  const std::string text = value(name);
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

LibertyGroup parse_liberty(const std::string& text) {
  Tokens tokens(text);
  LibertyGroup file{"file", {}, {}, {}};
  const std::string type = tokens.take();
  tokens.expect("(");
  const std::string name = tokens.take();
  tokens.expect(")");
  tokens.expect("{");
  LibertyGroup library{type, {name}, {}, {}};
  read_body(tokens, &library);
  return library;
}

double LoadSlewTable::at(double load_pf, double slew_ns) const {
  // Index of the point below `x` and how far `x` is on the way to the next.
  const auto place = [](const std::vector<double>& points, double x) {
    if (points.size() == 1 || x <= points.front()) return std::make_pair(std::size_t{0}, 0.0);
    if (x >= points.back()) return std::make_pair(points.size() - 2, 1.0);
    const auto above = std::upper_bound(points.begin(), points.end(), x);
    const auto below = static_cast<std::size_t>(above - points.begin()) - 1;
    return std::make_pair(below, (x - points[below]) / (points[below + 1] - points[below]));
  };
  const auto [l, l_part] = place(load, load_pf);
  const auto [s, s_part] = place(slew, slew_ns);
  const std::size_t columns = slew.size();
  const auto value = [&](std::size_t row, std::size_t column) {
    return values[std::min(row, load.size() - 1) * columns + std::min(column, columns - 1)];
  };
  const double low = value(l, s) + s_part * (value(l, s + 1) - value(l, s));
  const double high = value(l + 1, s) + s_part * (value(l + 1, s + 1) - value(l + 1, s));
  return low + l_part * (high - low);
}

RiseFall LibraryCell::delay(double load_pf, double slew_ns) const {
  return mean_at(delay_ns, load_pf, slew_ns);
}

RiseFall LibraryCell::energy(double load_pf, double slew_ns) const {
  return mean_at(energy_pj, load_pf, slew_ns);
}

RiseFall LibraryCell::input_energy(const std::string& pin, double slew_ns) const {
  const auto found = input_energy_pj.find(pin);
  if (found == input_energy_pj.end()) return {};
  return {found->second.first.at(0, slew_ns), found->second.second.at(0, slew_ns)};
}

double LibraryCell::pin_pf(const std::string& pin) const {
  const auto found = std::find(inputs.begin(), inputs.end(), pin);
  if (found == inputs.end()) throw std::runtime_error("cell " + name + " has no input " + pin);
  return input_pf[static_cast<std::size_t>(found - inputs.begin())];
}

const LibraryCell& CellLibrary::at(const std::string& cell) const {
  const auto found = cells.find(cell);
  if (found == cells.end())
    throw std::runtime_error("library " + name + " has no usable cell " + cell);
  return found->second;
}

CellLibrary read_library(const std::string& liberty_text) {
  const LibertyGroup group = parse_liberty(liberty_text);
  CellLibrary library;
  library.name = group.arguments.at(0);
  library.voltage = group.number("nom_voltage", 0);
  std::map<std::string, bool> slew_only;
  for (const LibertyGroup& child : group.groups) {
    const std::string first = child.value("variable_1");
    if (!first.empty()) slew_only[child.arguments.at(0)] = first.rfind("input_", 0) == 0;
  }
  for (const LibertyGroup& child : group.groups) {
    LibraryCell cell;
    if (child.type == "cell" && read_cell(child, slew_only, &cell))
      library.cells.emplace(cell.name, cell);
  }
  return library;
}

std::uint64_t truth_table(const std::string& function, const std::vector<std::string>& inputs) {
  return FunctionParser(function, inputs).parse();
}

}  // namespace lutsim::gates

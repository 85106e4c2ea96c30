// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/energy/energy_table.h"
#include "models/spec/field.h"

/// What hardware and its operation cost: models/hardware/cost/NAME.yaml.
namespace lutsim::models {

/// One row. Prices are US dollars; the name says per what (docs/compare.md, "Cost").
struct CostRow {
  std::string name;
  double value = 0;
  double low = 0;
  double high = 0;
  Confidence confidence = Confidence::guessed;
  std::string source;

  static constexpr auto fields() {
    using S = CostRow;
    return std::make_tuple(
        spec::field("name", &S::name, "constant, see docs/compare.md"),
        spec::field("value", &S::value, "best estimate"),
        spec::field("low", &S::low, "lowest credible value, above 0"),
        spec::field("high", &S::high, "highest credible value"),
        spec::field("confidence", &S::confidence, "how it is known"),
        spec::field("source", &S::source, "where it was read and how it was derived"));
  }
};

struct CostTableFile {
  std::string schema = kSchema;
  std::string name;
  std::string description;
  std::vector<CostRow> entries;

  static constexpr const char* kSchema = "lutsim.cost/1";

  static constexpr auto fields() {
    using S = CostTableFile;
    return std::make_tuple(
        spec::field("schema", &S::schema, "format of this file: lutsim.cost/1"),
        spec::field("name", &S::name, "name of the table"),
        spec::field("description", &S::description, "what it stands for").maybe(),
        spec::field("entries", &S::entries, "prices and other constants of cost"));
  }
};

/// Every row that is not 0 < low <= value <= high with a source, and every name that stands twice.
std::vector<spec::Problem> problems(const CostTableFile& file);

/// The constants of cost by name.
class CostTable {
 public:
  CostTable() = default;
  explicit CostTable(const CostTableFile& file);

  bool contains(const std::string& name) const { return rows_.count(name) != 0; }
  /// Throws std::out_of_range for a name that the table lacks.
  const CostRow& at(const std::string& name) const { return rows_.at(name); }

 private:
  std::map<std::string, CostRow> rows_;
};

/// Reads a table by name or from a file. Throws config::InputError.
CostTable load_cost_table(const std::string& name_or_path);

}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include "models/energy/energy_table.h"

#include <filesystem>
#include <set>
#include <stdexcept>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/energy/event.h"

namespace lutsim::models {
namespace {

/// What constants.def says about one name or, with '*', one name of every memory family.
struct ConstantRule {
  const char* pattern;
  Quantity quantity;
  const char* per;
};

constexpr ConstantRule kRules[] = {
#define LUTSIM_CONSTANT(name, quantity, per, meaning) {name, Quantity::quantity, per},
#include "models/energy/constants.def"
#undef LUTSIM_CONSTANT
};

/// The family when `name` is `pattern` with '*' replaced by one; the empty string when they are
/// equal and there is no '*'; no match: false.
bool matches(const std::string& pattern, const std::string& name, std::string* family) {
  const std::size_t star = pattern.find('*');
  family->clear();
  if (star == std::string::npos) return pattern == name;
  const std::string before = pattern.substr(0, star);
  const std::string after = pattern.substr(star + 1);
  if (name.size() <= before.size() + after.size()) return false;
  if (name.compare(0, before.size(), before) != 0) return false;
  if (name.compare(name.size() - after.size(), after.size(), after) != 0) return false;
  *family = name.substr(before.size(), name.size() - before.size() - after.size());
  return family->find('.') == std::string::npos;
}

bool is_event(const std::string& name) {
  for (std::size_t i = 0; i < kEventCount; ++i) {
    if (name == event_info(static_cast<Event>(i)).name) return true;
  }
  return false;
}

/// The rule of a constant, or of the constant before '@' when an event stands behind it.
const ConstantRule* find_rule(const std::string& name, std::string* family) {
  const std::size_t at = name.find('@');
  family->clear();
  if (at != std::string::npos && !is_event(name.substr(at + 1))) return nullptr;
  for (const ConstantRule& rule : kRules) {
    const bool for_event = at != std::string::npos && rule.quantity != Quantity::energy;
    if (!for_event && matches(rule.pattern, name.substr(0, at), family)) return &rule;
  }
  return nullptr;
}

std::string for_family(const std::string& pattern, const std::string& family) {
  const std::size_t star = pattern.find('*');
  return star == std::string::npos ? pattern
                                   : pattern.substr(0, star) + family + pattern.substr(star + 1);
}

/// Names that a table may hold; those of memories for the families that it names.
std::vector<std::string> legal_names(const std::set<std::string>& families) {
  std::vector<std::string> names;
  for (const ConstantRule& rule : kRules) {
    if (std::string(rule.pattern).find('*') == std::string::npos) {
      names.emplace_back(rule.pattern);
      continue;
    }
    for (const std::string& family : families) names.push_back(for_family(rule.pattern, family));
  }
  for (std::size_t i = 0; i < kEventCount; ++i) {
    names.emplace_back(event_info(static_cast<Event>(i)).name);
  }
  return names;
}

template <spec::Unit kUnit>
Constant constant_of(Quantity quantity, const ConstantRow<kUnit>& row) {
  return {row.name, quantity, row.value, row.low, row.high, row.confidence, row.source, row.shares};
}

const char* section_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::power:
      return "static_power";
    case Quantity::area:
      return "areas";
    default:
      return "entries";
  }
}

/// Looks for everything that is wrong with the constants of one table file.
class TableCheck {
 public:
  template <spec::Unit kUnit>
  void section(Quantity quantity, const std::vector<ConstantRow<kUnit>>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      path_ = std::string(section_of(quantity)) + "." + std::to_string(i);
      row(constant_of(quantity, rows[i]));
    }
  }

  void families() {
    for (const std::string& family : families_) {
      for (const ConstantRule& rule : kRules) {
        const std::string name = for_family(rule.pattern, family);
        if (name == rule.pattern || names_.count(name) != 0) continue;
        path_ = section_of(rule.quantity);
        problem("lacks '" + name + "', and every memory family must be complete");
      }
    }
  }

  std::vector<spec::Problem> take() { return std::move(problems_); }

 private:
  void row(const Constant& constant) {
    if (!name_is_legal(constant)) return;
    if (!(0 < constant.low && constant.low <= constant.value && constant.value <= constant.high)) {
      problem("'" + constant.name + "' must have 0 < low <= value <= high");
    }
    if (!constant.shares.empty() && constant.quantity == Quantity::area) {
      problem("'" + constant.name + "' shares '" + constant.shares +
              "', but ranges of areas are bounds and are not drawn");
    }
    if (constant.source.empty()) problem("'" + constant.name + "' needs a source");
    if (!names_.insert(constant.name).second) problem("'" + constant.name + "' is given twice");
  }

  bool name_is_legal(const Constant& constant) {
    std::string family;
    const ConstantRule* rule = find_rule(constant.name, &family);
    if (rule == nullptr && !is_event(constant.name)) {
      const std::string hint = config::did_you_mean(constant.name, legal_names(families_));
      problem("'" + constant.name + "' is neither a constant nor an event" +
              (hint.empty() ? "" : "; " + hint));
      return false;
    }
    const Quantity quantity = rule == nullptr ? Quantity::energy : rule->quantity;
    if (quantity != constant.quantity) {
      problem("'" + constant.name + "' belongs in " + section_of(quantity));
      return false;
    }
    if (!family.empty()) families_.insert(family);
    return true;
  }

  void problem(const std::string& message) { problems_.push_back({path_, message}); }

  std::string path_;
  std::set<std::string> families_;
  std::set<std::string> names_;
  std::vector<spec::Problem> problems_;
};

template <spec::Unit kUnit>
void insert(Quantity quantity, const std::vector<ConstantRow<kUnit>>& rows,
            std::map<std::string, Constant>* constants) {
  for (const auto& row : rows) constants->emplace(row.name, constant_of(quantity, row));
}

}  // namespace

const char* unit_symbol(Quantity quantity) {
  switch (quantity) {
    case Quantity::power:
      return "W";
    case Quantity::area:
      return "m2";
    default:
      return "J";
  }
}

const char* constant_per(const std::string& name) {
  std::string family;
  if (const ConstantRule* rule = find_rule(name, &family)) return rule->per;
  if (is_event(name)) return "event";
  throw std::invalid_argument("'" + name + "' is no constant of an energy table");
}

std::vector<spec::Problem> problems(const EnergyTableFile& file) {
  TableCheck check;
  check.section(Quantity::energy, file.entries);
  check.section(Quantity::power, file.static_power);
  check.section(Quantity::area, file.areas);
  check.families();
  std::vector<spec::Problem> found = check.take();
  if (file.schema != EnergyTableFile::kSchema) {
    found.push_back({"schema", "'" + file.schema + "' is not " + EnergyTableFile::kSchema});
  }
  return found;
}

EnergyTable::EnergyTable(const EnergyTableFile& file, std::string path)
    : name_(file.name), path_(std::move(path)) {
  insert(Quantity::energy, file.entries, &constants_);
  insert(Quantity::power, file.static_power, &constants_);
  insert(Quantity::area, file.areas, &constants_);
}

void EnergyTable::include(const EnergyTable& other) {
  for (const auto& [name, constant] : other.constants_) {
    if (!constants_.emplace(name, constant).second) {
      throw config::InputError(path_,
                               "'" + name + "' is also given by the included table " + other.path_);
    }
  }
}

const Constant& EnergyTable::at(const std::string& name, const std::string& needed_by) const {
  const auto found = constants_.find(name);
  if (found != constants_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& entry : constants_) names.push_back(entry.first);
  throw config::InputError(
      path_,
      "energy table '" + name_ + "' has no entry '" + name + "', which " + needed_by + " needs",
      config::did_you_mean(name, names));
}

EnergyTable read_energy_table(const std::string& path) {
  const auto file = config::read_yaml<EnergyTableFile>(path);
  EnergyTable table(file, path);
  if (file.include.empty()) return table;
  const std::filesystem::path beside =
      std::filesystem::path(path).parent_path() / (file.include + ".yaml");
  const std::string other =
      std::filesystem::exists(beside)
          ? beside.string()
          : config::find_named(config::kEnergyFolder, file.include, "energy table").string();
  const auto included = config::read_yaml<EnergyTableFile>(other);
  if (!included.include.empty()) {
    throw config::InputError(other, "an included table cannot include another one");
  }
  table.include(EnergyTable(included, other));
  return table;
}

}  // namespace lutsim::models

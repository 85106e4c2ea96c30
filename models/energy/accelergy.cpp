// SPDX-License-Identifier: Apache-2.0
#include "models/energy/accelergy.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "models/config/units.h"
#include "models/energy/area.h"
#include "models/energy/event.h"
#include "models/energy/event_energy.h"

namespace lutsim::models {
namespace {

using config::YamlNode;

constexpr double kPico = 1e-12;
constexpr double kSquareMicro = 1e-12;
constexpr const char* kVersion = "0.4";
constexpr const char* kLeak = "leak";

/// "read_bit" of "dram.read_bit".
std::string action_of(Event event) {
  const std::string name = event_info(event).name;
  return name.substr(name.find('.') + 1);
}

std::string number(double value) { return config::shortest(value); }

std::string heading(const spec::ArchSpec& arch, const EnergyTable& table, const char* unit) {
  return "# " + std::string(unit) + " of '" + arch.name + "' with energy table '" + table.name() +
         "'\n";
}

/// Joules in the form of the file. More digits than a double has would only hide its rounding.
std::string action_text(const std::string& name, double joules) {
  return "        - name: " + name +
         "\n          arguments: {}\n          energy: " + number(joules / kPico) + "\n";
}

/// Reads ERT and ART, collecting errors.
class Reader {
 public:
  Reader(const config::Source& source, const char* root) : source_(source), root_(root) {}

  /// The tables of the file: components by the last part of their name.
  std::vector<const YamlNode*> tables() {
    document_ = config::parse_yaml(source_, errors_);
    if (!errors_.empty()) return {};
    const YamlNode* root = need(document_, root_, YamlNode::Kind::map);
    if (root == nullptr) return {};
    const YamlNode* version = need(*root, "version", YamlNode::Kind::scalar);
    const std::set<std::string> known{"0.2", "0.3", kVersion};
    if (version != nullptr && known.count(version->text) == 0) {
      error(*version, "version '" + version->text + "' is not one of: 0.2, 0.3, 0.4");
    }
    const YamlNode* list = need(*root, "tables", YamlNode::Kind::list);
    std::vector<const YamlNode*> tables;
    if (list != nullptr) {
      for (const YamlNode& item : list->items) tables.push_back(&item);
    }
    return tables;
  }

  const YamlNode* need(const YamlNode& map, const std::string& key, YamlNode::Kind kind) {
    for (const auto& [name, node] : map.entries) {
      if (name.name != key) continue;
      if (node.kind == kind) return &node;
      error(node, "'" + key + "' is " + node.kind_text());
      return nullptr;
    }
    error(map, "missing key '" + key + "'");
    return nullptr;
  }

  /// Last part of a component's path, without its range.
  std::string component(const YamlNode& table) {
    const YamlNode* name = need(table, "name", YamlNode::Kind::scalar);
    if (name == nullptr) return "";
    std::string text = name->text.substr(0, name->text.find('['));
    return text.substr(text.rfind('.') + 1);
  }

  /// A number above 0.
  std::optional<double> amount(const YamlNode& map, const char* key) {
    const YamlNode* node = need(map, key, YamlNode::Kind::scalar);
    if (node == nullptr) return std::nullopt;
    const auto split = config::split_number(node->text);
    const auto value = split && split->unit.empty() ? config::to_double(split->number, nullptr)
                                                    : std::optional<double>();
    if (!value || !(*value > 0)) {
      error(*node, "'" + std::string(key) + "' is '" + node->text +
                       "', expected a number above 0 (leave out what costs nothing)");
      return std::nullopt;
    }
    return value;
  }

  void error(const YamlNode& node, const std::string& message, const std::string& hint = {}) {
    errors_.push_back(source_.error(node.at, message, hint));
  }

  const std::vector<config::Diagnostic>& errors() const { return errors_; }

 private:
  const config::Source& source_;
  const char* root_;
  YamlNode document_;
  std::vector<config::Diagnostic> errors_;
};

/// Events by "group.action", as components and actions name them.
std::map<std::string, std::string> events_by_action() {
  std::map<std::string, std::string> events;
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    events[std::string(event_info(event).group) + "." + action_of(event)] = event_info(event).name;
  }
  return events;
}

std::vector<std::string> keys(const std::map<std::string, std::string>& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}

/// pJ by the name of the event; the greatest where an action stands several times.
std::map<std::string, double> read_ert(Reader* reader) {
  const auto events = events_by_action();
  std::map<std::string, double> energies;
  for (const YamlNode* table : reader->tables()) {
    const std::string component = reader->component(*table);
    const YamlNode* actions = reader->need(*table, "actions", YamlNode::Kind::list);
    if (actions == nullptr) continue;
    for (const YamlNode& action : actions->items) {
      const YamlNode* name = reader->need(action, "name", YamlNode::Kind::scalar);
      if (name == nullptr || name->text == kLeak) continue;
      const std::string path = component + "." + name->text;
      const auto event = events.find(path);
      if (event == events.end()) {
        reader->error(*name, "action '" + path + "' is no event",
                      config::did_you_mean(path, keys(events)));
        continue;
      }
      const auto energy = reader->amount(action, "energy");
      if (!energy) continue;
      double& greatest = energies[event->second];
      greatest = std::max(greatest, *energy);
    }
  }
  return energies;
}

std::map<std::string, double> read_art(Reader* reader) {
  std::map<std::string, double> areas;
  for (const YamlNode* table : reader->tables()) {
    const std::string component = reader->component(*table);
    if (component.empty()) continue;
    const std::string name = "area." + component;
    EnergyTableFile probe;
    probe.areas.push_back({name, 1, 1, 1, Confidence::guessed, "probe"});
    if (!problems(probe).empty()) {
      reader->error(*table, "component '" + component + "' is no unit of the chip");
      continue;
    }
    if (const auto area = reader->amount(*table, "area")) areas[name] += *area;
  }
  return areas;
}

/// Puts rows into a section, in the place of those that have their names.
template <spec::Unit kUnit>
void replace(std::vector<ConstantRow<kUnit>>* section, const std::map<std::string, double>& values,
             double unit, const AccelergyImport& import, const std::string& file,
             const std::string& cause) {
  for (const auto& [name, value] : values) {
    const auto same = [&key = name](const ConstantRow<kUnit>& row) { return row.name == key; };
    section->erase(std::remove_if(section->begin(), section->end(), same), section->end());
    const double si = value * unit;
    section->push_back({name, si, si * import.low_factor, si * import.high_factor,
                        import.confidence,
                        file + ", " + import.origin + "; it has no range, taken as x" +
                            number(import.low_factor) + " .. x" + number(import.high_factor),
                        cause});
  }
}

}  // namespace

std::string to_ert(const spec::ArchSpec& arch, const EnergyTable& table) {
  std::map<std::string, std::string> actions;
  std::vector<std::string> groups;
  const auto add = [&](const std::string& group, const std::string& text) {
    if (actions.count(group) == 0) groups.push_back(group);
    actions[group] += text;
  };
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    const double joules = event_joules(event, arch, table);
    // Some events cannot happen on some engines.
    if (joules > 0) add(event_info(event).group, action_text(action_of(event), joules));
  }
  for (const StaticPart& part : static_parts(arch, table)) {
    double watts = 0;
    for (const Term& term : part.per_second) {
      watts += term.amount * table.at(term.name, "static power").value;
    }
    add(part.group, action_text(kLeak, watts / arch.system.chips / arch.clock));
  }
  std::string text = heading(arch, table, "pJ") + "ERT:\n  version: " + kVersion + "\n  tables:\n";
  for (const std::string& group : groups) {
    text += "    - name: chip." + group + "\n      actions:\n" + actions[group];
  }
  return text;
}

std::string to_art(const spec::ArchSpec& arch, const EnergyTable& table) {
  std::vector<std::pair<std::string, double>> units;
  for (const AreaPart& part : chip_area(arch, table).parts) {
    const std::string unit = area_unit(part.name);
    if (units.empty() || units.back().first != unit) units.emplace_back(unit, 0);
    units.back().second += part.area.value;
  }
  std::string text = heading(arch, table, "um2") + "ART:\n  version: " + kVersion + "\n  tables:\n";
  for (const auto& [unit, area] : units) {
    text += "    - name: chip." + unit + "\n      area: " + number(area / kSquareMicro) + "\n";
  }
  return text;
}

EnergyTableFile from_accelergy(const config::Source& ert, const config::Source& art,
                               const EnergyTableFile& base, const AccelergyImport& import) {
  if (!(0 < import.low_factor && import.low_factor <= 1 && 1 <= import.high_factor)) {
    throw config::InputError("range", "must have 0 < low factor <= 1 <= high factor");
  }
  Reader energies(ert, "ERT"), areas(art, "ART");
  const auto pj = read_ert(&energies);
  const auto um2 = art.text().empty() ? std::map<std::string, double>() : read_art(&areas);
  std::vector<config::Diagnostic> errors = energies.errors();
  errors.insert(errors.end(), areas.errors().begin(), areas.errors().end());
  if (!errors.empty()) throw config::InputError(errors);
  EnergyTableFile table = base;
  table.name = import.name;
  table.description = "Energies of events from an ERT" +
                      std::string(um2.empty() ? "" : ", areas of units from an ART") +
                      (base.name.empty() ? "" : "; the rest is " + base.name) + ".";
  replace(&table.entries, pj, kPico, import, ert.name(), import.name);
  replace(&table.areas, um2, kSquareMicro, import, art.name(), "");
  return table;
}

}  // namespace lutsim::models

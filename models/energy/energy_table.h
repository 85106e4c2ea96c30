// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/spec/field.h"

namespace lutsim::models {

/// How a constant is known, from best to worst.
enum class Confidence {
  measured,   ///< on silicon
  published,  ///< read in a paper, data sheet or characterised library for this node
  derived,    ///< computed from published numbers by the stated arithmetic
  scaled,     ///< published for another node or standard, scaled by the stated factor
  guessed,    ///< no source; the range is wide on purpose
};

inline auto enum_names(Confidence) {
  return std::array<spec::EnumName<Confidence>, 5>{{{Confidence::measured, "measured"},
                                                    {Confidence::published, "published"},
                                                    {Confidence::derived, "derived"},
                                                    {Confidence::scaled, "scaled"},
                                                    {Confidence::guessed, "guessed"}}};
}

/// What a constant measures; each has its own section in a table file.
enum class Quantity { energy, power, area };

/// One row of a table file. The section fixes the unit.
template <spec::Unit kUnit>
struct ConstantRow {
  std::string name;
  double value = 0;
  double low = 0;
  double high = 0;
  Confidence confidence = Confidence::guessed;
  std::string source;
  std::string shares = {};

  static constexpr auto fields() {
    using S = ConstantRow;
    return std::make_tuple(
        spec::field("name", &S::name, "constant, see docs/energy.md"),
        spec::field("value", &S::value, "best estimate").in(kUnit),
        spec::field("low", &S::low, "lowest credible value, above 0").in(kUnit),
        spec::field("high", &S::high, "highest credible value").in(kUnit),
        spec::field("confidence", &S::confidence, "how it is known"),
        spec::field("source", &S::source, "where it was read and how it was derived"),
        spec::field(
            "shares", &S::shares,
            "name of a common cause: constants that name the same one lie at the same place "
            "of their ranges")
            .maybe());
  }
};

/// models/hardware/energy/NAME.yaml as it is written.
struct EnergyTableFile {
  std::string schema = kSchema;
  std::string name;
  std::string description;
  double node = 0;
  double voltage = 0;
  std::string include;
  std::vector<ConstantRow<spec::Unit::joule>> entries;
  std::vector<ConstantRow<spec::Unit::watt>> static_power;
  std::vector<ConstantRow<spec::Unit::square_metre>> areas;

  static constexpr const char* kSchema = "lutsim.energy/1";

  static constexpr auto fields() {
    using S = EnergyTableFile;
    return std::make_tuple(
        spec::field("schema", &S::schema, "format of this file: lutsim.energy/1"),
        spec::field("name", &S::name, "name of the table"),
        spec::field("description", &S::description, "what it stands for").maybe(),
        spec::field("node", &S::node, "feature size of the logic process")
            .in(spec::Unit::metre)
            .maybe(),
        spec::field("voltage", &S::voltage, "supply of the logic").in(spec::Unit::volt).maybe(),
        spec::field("include", &S::include, "another table whose constants belong to this one")
            .maybe(),
        spec::field("entries", &S::entries, "energies").maybe(),
        spec::field("static_power", &S::static_power, "powers").maybe(),
        spec::field("areas", &S::areas, "areas").maybe());
  }
};

/// Name of the constant that stands for `constant` in the formula of `event` alone.
inline std::string for_event(const std::string& constant, const std::string& event) {
  return constant + "@" + event;
}

/// What is wrong with a file: every name must be a constant of constants.def, such a constant for
/// one event (for_event()), or an event of events.def, stand in the section of its quantity and
/// only once, with 0 < low <= value <= high and a source; a memory family that is named must have
/// all of its constants. Areas share nothing: their ranges are bounds and are not drawn.
std::vector<spec::Problem> problems(const EnergyTableFile& file);

/// One number with its range and its origin, in SI base units (J, W, m2).
struct Constant {
  std::string name;
  Quantity quantity = Quantity::energy;
  double value = 0;
  double low = 0;
  double high = 0;
  Confidence confidence = Confidence::guessed;
  std::string source;
  std::string shares = {};  ///< common cause of its error; empty: one of its own

  friend bool operator==(const Constant& a, const Constant& b) {
    return a.name == b.name && a.quantity == b.quantity && a.value == b.value && a.low == b.low &&
           a.high == b.high && a.confidence == b.confidence && a.source == b.source &&
           a.shares == b.shares;
  }
};

/// SI symbol of a quantity: J, W, m2.
const char* unit_symbol(Quantity quantity);

/// What the number is per ("bit of one addition"), from constants.def; "event" for an event's name.
/// Throws std::invalid_argument for a name that no table may hold.
const char* constant_per(const std::string& name);

/// The energies, static powers and areas of one technology.
class EnergyTable {
 public:
  EnergyTable() = default;

  /// `path` stands for the table in messages. Precondition: problems(file) is empty.
  EnergyTable(const EnergyTableFile& file, std::string path);

  /// Takes over the constants of `other`. Throws config::InputError when both hold a name.
  void include(const EnergyTable& other);

  const std::string& name() const { return name_; }

  bool contains(const std::string& name) const { return constants_.count(name) != 0; }

  /// Throws config::InputError that names `name`, what needs it and the nearest name of the table.
  const Constant& at(const std::string& name, const std::string& needed_by) const;

  /// All constants, ordered by name.
  const std::map<std::string, Constant>& constants() const { return constants_; }

 private:
  std::string name_;
  std::string path_;
  std::map<std::string, Constant> constants_;
};

/// Reads a table file and the one it includes: `DIR/<include>.yaml` beside it, otherwise the
/// shipped table of that name. Throws config::InputError.
EnergyTable read_energy_table(const std::string& path);

}  // namespace lutsim::models

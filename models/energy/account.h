// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/energy/energy_table.h"
#include "models/energy/event.h"
#include "models/spec/arch_spec.h"

namespace lutsim::models {

/// A constant that a result rests on.
struct ConstantUse {
  Constant constant;
  double amount = 0;  ///< joules = amount * constant.value; for powers it contains the seconds
  double share = 0;   ///< of the total
};

/// A part of the chip's energy, one key of `energy_j`.
struct EnergyGroup {
  std::string name;
  double joules = 0;
  std::vector<ConstantUse> constants;  ///< by name; `amount` is that of this group
};

/// What one kind of event cost.
struct EventEnergy {
  Event event;
  std::uint64_t count = 0;
  double joules_each = 0;
  double joules = 0;
  std::vector<ConstantUse> constants;  ///< in the order of the formula; `amount` is of this event
};

/// How much of the total rests on constants known in one way.
struct ConfidenceShare {
  Confidence confidence;
  double share = 0;
};

/// Energy of one run. `groups` added in their order are `total`, to the last bit.
struct EnergyReport {
  double total = 0;                       ///< J
  std::vector<EnergyGroup> groups;        ///< every group of events.def in its order, then "static"
  std::vector<EventEnergy> events;        ///< those that were counted, in the order of events.def
  std::vector<ConstantUse> constants;     ///< by falling share, then name
  std::vector<ConfidenceShare> evidence;  ///< every Confidence in its order

  /// Joules of a group. Throws std::out_of_range for a name that is none.
  double group(const std::string& name) const;
};

/// Joules of `counts` and of `seconds` of the chip's time. Throws config::InputError naming the
/// event and the constant when the table has no entry for an event that was counted.
EnergyReport account(const spec::ArchSpec& arch, const EnergyTable& table,
                     const EventCounts& counts, double seconds);

}  // namespace lutsim::models

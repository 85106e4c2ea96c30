// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <vector>

#include "models/spec/field.h"

namespace lutsim::tools {

/// What hardware can be compared by. One value of a candidate for one workload.
enum class Metric {
  tokens_per_s,
  ttft,
  tpot,
  tokens_per_j,
  energy_per_token,
  power,
  cost_per_mtoken,
  price,
  area,
  memory_free,
  perplexity_ratio,
};

struct MetricInfo {
  Metric metric;
  const char* name;    ///< of options, keys and columns
  spec::Unit unit;     ///< in which a bound may be written; Unit::none: a bare number
  const char* symbol;  ///< of the base unit, for people
  bool higher_is_better;
  const char* doc;
};

/// Every metric, in the order of the enumeration.
const std::array<MetricInfo, 11>& metrics();
const MetricInfo& info(Metric metric);
/// Throws config::InputError with the nearest name; `option` is what it was given to.
Metric metric_of(const std::string& option, const std::string& name);
/// "12.3 ms": the value for people.
std::string metric_text(Metric metric, double value);

/// A bound that a candidate must keep: "tpot<=50ms".
struct Requirement {
  Metric metric = Metric::tpot;
  bool at_most = true;
  double bound = 0;  ///< in the base unit

  bool holds(double value) const { return at_most ? value <= bound : value >= bound; }
  std::string text() const;
};

/// METRIC<=VALUE or METRIC>=VALUE; a value of a dimension carries its unit. Throws
/// config::InputError.
Requirement parse_requirement(const std::string& text);

}  // namespace lutsim::tools

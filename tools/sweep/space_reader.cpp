// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "models/config/diagnostics.h"
#include "models/config/document.h"
#include "models/config/named.h"
#include "models/config/node.h"
#include "models/config/read_yaml.h"
#include "models/config/units.h"
#include "models/config/write_yaml.h"
#include "tools/sweep/metrics.h"
#include "tools/sweep/point.h"
#include "tools/sweep/space_type.h"
#include "tools/sweep/sweep_space.h"

namespace lutsim::tools::sweep {

namespace {

using config::Document;
using config::FieldEntry;
using config::Kind;
using config::TypeInfo;
using config::Value;

constexpr std::size_t kMostValues = 10'000;  // of one range
constexpr std::uint64_t kLargestGrid = 200'000;

const Value& child(const Value& structure, const TypeInfo& type, const std::string& key) {
  const auto field = std::find_if(type.fields.begin(), type.fields.end(),
                                  [&](const FieldEntry& f) { return f.key == key; });
  return std::get<std::vector<Value>>(structure.data)
      .at(static_cast<std::size_t>(field - type.fields.begin()));
}

/// Checks what a field list cannot say and builds the space.
class SpaceBuilder {
 public:
  SpaceBuilder(Document& document, SweepSpace& space) : document_(document), space_(space) {}

  void build() {
    // Names can be judged whatever else is wrong; what follows from several keys cannot.
    is_clean_ = !document_.has_errors();
    read_keys();
    if (is_clean_) {
      read_axes();
      read_base();
    }
    read_constraints();
    check_objectives();
    if (is_clean_) check_strategy();
    document_.throw_if_errors();
  }

 private:
  /// The keys whose types are fixed.
  void read_keys() {
    const TypeInfo& fixed = config::type_info<SpaceKeys>();
    std::vector<Value> values;
    for (const FieldEntry& f : fixed.fields)
      values.push_back(child(document_.value(), space_type(), f.key));
    config::from_value(Value{std::move(values)}, space_.keys);
  }

  void read_axes() {
    const TypeInfo& type = space_type();
    const Value& axes = child(document_.value(), type, "axes");
    const Value& ranges = child(document_.value(), type, "ranges");
    const TypeInfo& ranges_type = find_type("ranges");
    for (std::size_t i = 0; i < axis_fields().size(); ++i) {
      const FieldEntry& field = axis_fields()[i];
      Axis axis{field,
                std::get<std::vector<Value>>(std::get<std::vector<Value>>(axes.data)[i].data)};
      const std::string path = "axes." + field.key;
      const bool has_range = field.type.kind == Kind::integer || field.type.kind == Kind::real;
      if (has_range) {
        const Value& range = child(ranges, ranges_type, field.key);
        if (!(range == initial_of(range_type(field)))) {
          if (!axis.values.empty())
            document_.add_error("ranges." + field.key, field.key + " has an axis and a range");
          axis.values = values_of(field, range);
        }
      }
      for (std::size_t a = 0; a < axis.values.size(); ++a)
        for (std::size_t b = 0; b < a; ++b)
          if (axis.values[a] == axis.values[b])
            document_.add_error(path + "." + std::to_string(a), path + " has a value twice");
      if (!axis.values.empty()) space_.axes.push_back(std::move(axis));
    }
    if (space_.axes.empty())
      document_.add_error("name", "no axis varies anything",
                          "for example axes: {matrix.mu: [2, 4]}");
  }

  std::vector<Value> values_of(const FieldEntry& field, const Value& range) {
    const auto& parts = std::get<std::vector<Value>>(range.data);
    const auto number = [](const Value& v) {
      const auto* whole = std::get_if<std::uint64_t>(&v.data);
      return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v.data);
    };
    const double from = number(parts[0]), to = number(parts[1]), step = number(parts[2]),
                 factor = number(parts[3]);
    const std::string path = "ranges." + field.key;
    std::vector<Value> values;
    if ((step > 0) == (factor > 0) || (factor > 0 && (factor <= 1 || from <= 0)) || to < from) {
      document_.add_error(path, path + " needs from <= to and one of step and factor",
                          "factor is above 1 and begins above 0");
      return values;
    }
    for (std::size_t i = 0; i < kMostValues; ++i) {
      const double n = static_cast<double>(i);
      const double value = step > 0 ? from + n * step : from * std::pow(factor, n);
      // The last value may lie a rounding above `to`.
      if (value > to * (1 + 1e-12)) return values;
      if (field.type.kind == Kind::integer) {
        const double whole = std::round(value);
        if (std::abs(value - whole) > 1e-9 * whole) {
          document_.add_error(
              path, path + " gives " + std::to_string(value) + ", which is no whole number");
          return values;
        }
        values.push_back(Value{static_cast<std::uint64_t>(whole)});
      } else {
        values.push_back(Value{value});
      }
    }
    document_.add_error(path, path + " has more than " + std::to_string(kMostValues) + " values");
    return {};
  }

  const TypeInfo& find_type(const std::string& key) {
    const auto& fields = space_type().fields;
    return std::find_if(fields.begin(), fields.end(),
                        [&](const FieldEntry& f) { return f.key == key; })
        ->type;
  }

  void read_base() {
    const Value& workload = child(document_.value(), space_type(), "workload");
    std::vector<Value> all = std::get<std::vector<Value>>(workload.data);
    const workloads::WorkloadSpec initial;
    all.insert(all.begin(), Value{initial.schema});
    config::from_value(Value{std::move(all)}, space_.base.workload);
    space_.base.gpus = space_.keys.gpus;
    space_.base.seed = space_.keys.seed;
    try {
      space_.base.arch = config::load_arch(space_.keys.arch);
    } catch (const config::InputError& error) {
      for (const config::Diagnostic& d : error.diagnostics())
        document_.add_error("arch", "arch: '" + space_.keys.arch + "' " + d.message, d.hint);
    }
    const bool has_model =
        !space_.base.workload.model.empty() || !space_.base.workload.trace.empty() ||
        std::any_of(space_.axes.begin(), space_.axes.end(),
                    [](const Axis& a) { return a.name() == "model" || a.name() == "trace"; });
    if (!has_model)
      document_.add_error("workload", "the workload names no model and no trace",
                          "for example workload: {model: llama-2-7b}");
  }

  void read_constraints() {
    for (std::size_t i = 0; i < space_.keys.constraints.size(); ++i)
      add_constraint(space_.keys.constraints[i], "constraints." + std::to_string(i));
    for (std::size_t i = 0; i < space_.keys.objectives.size(); ++i) {
      const Objective& o = space_.keys.objectives[i];
      const std::string path = "objectives." + std::to_string(i);
      if (o.at_least != 0)
        add_constraint(o.key + " >= " + config::shortest(o.at_least), path + ".at_least");
      if (o.at_most != 0)
        add_constraint(o.key + " <= " + config::shortest(o.at_most), path + ".at_most");
    }
  }

  void add_constraint(const std::string& text, const std::string& path) {
    Constraint constraint{text, {}, false};
    try {
      constraint.comparison = Comparison::parse(text);
      for (const std::string& name : constraint.comparison.names()) {
        if (is_parameter(name)) continue;
        const auto keys = metric_keys();
        constraint.needs_metrics = true;
        if (std::find(keys.begin(), keys.end(), name) == keys.end()) refuse_name(name, path);
      }
      if (!document_.has_errors())
        constraint.comparison.holds(lookup_of(space_.base, nullptr));  // text used as a number
    } catch (const ExpressionError& error) {
      document_.add_error(path, "'" + text + "': at character " + std::to_string(error.at + 1) +
                                    ": " + error.message);
    }
    space_.constraints.push_back(std::move(constraint));
  }

  void refuse_name(const std::string& name, const std::string& path) {
    std::vector<std::string> known = metric_keys();
    for (const FieldEntry& f : axis_fields()) known.push_back(f.key);
    document_.add_error(path, "'" + name + "' is no parameter and no metric",
                        config::did_you_mean(name, known));
  }

  void check_objectives() {
    const auto keys = metric_keys();
    std::set<std::string> seen;
    for (std::size_t i = 0; i < space_.keys.objectives.size(); ++i) {
      const Objective& o = space_.keys.objectives[i];
      const std::string path = "objectives." + std::to_string(i) + ".key";
      if (o.key.empty() && !is_clean_) continue;  // reported already
      if (std::find(keys.begin(), keys.end(), o.key) == keys.end())
        document_.add_error(path, path + ": '" + o.key + "' is no metric",
                            config::did_you_mean(o.key, keys));
      if (!seen.insert(o.key).second)
        document_.add_error(path, path + ": '" + o.key + "' is given twice");
      const bool is_of_gpu = o.key.rfind("comparison.", 0) == 0;
      if (is_of_gpu && space_.keys.gpus.empty())
        document_.add_error(path, path + ": '" + o.key + "' needs a GPU to compare with",
                            "for example gpus: a100-80gb");
    }
    if (is_clean_ && space_.keys.objectives.empty())
      document_.add_error("objectives", "objectives is empty", "name at least one metric");
  }

  void check_strategy() {
    const Strategy& s = space_.keys.strategy;
    const auto needs_points = s.kind == StrategyKind::random || s.kind == StrategyKind::sobol ||
                              s.kind == StrategyKind::nsga2;
    if (needs_points && s.points == 0)
      document_.add_error("strategy", "strategy.points is missing: how many points to look at");
    if (!needs_points && s.points != 0)
      document_.add_error("strategy.points", "strategy.points does not go with " +
                                                 spec::to_string_of(s.kind) +
                                                 ", which looks at all of its points");
    if ((s.kind == StrategyKind::list) != !s.file.empty())
      document_.add_error("strategy", s.file.empty() ? "strategy.file is missing: a CSV of points"
                                                     : "strategy.file goes with kind: list only");
    if (s.kind == StrategyKind::nsga2 && (s.population % 4 != 0 || s.points < 2 * s.population))
      document_.add_error("strategy",
                          "nsga2 needs a population that is a multiple of 4 and points for at "
                          "least two generations of it");
    if (s.kind == StrategyKind::nsga2 && space_.keys.objectives.size() < 2)
      document_.add_error("objectives", "nsga2 needs at least two objectives");
    if (s.kind == StrategyKind::grid && space_.size() > kLargestGrid)
      document_.add_error("strategy",
                          "the grid has " + std::to_string(space_.size()) + " points, more than " +
                              std::to_string(kLargestGrid),
                          "use random, sobol or nsga2");
    Fidelity last = space_.keys.fidelity;
    for (std::size_t i = 0; i < space_.keys.refine.size(); ++i) {
      const Fidelity f = space_.keys.refine[i].fidelity;
      const std::string path = "refine." + std::to_string(i) + ".fidelity";
      if (f <= last)
        document_.add_error(path, path + ": " + spec::to_string_of(f) + " is not higher than " +
                                      spec::to_string_of(last));
      last = f;
    }
  }

  Document& document_;
  SweepSpace& space_;
  bool is_clean_ = true;  ///< every key by itself is right
};

SweepSpace read_from(const config::Source& source, const std::filesystem::path& folder) {
  Document document(space_type(), initial_of(space_type()));
  document.read(source);
  SweepSpace space;
  space.text = source.text();
  space.folder = folder;
  SpaceBuilder(document, space).build();
  return space;
}

}  // namespace

std::uint64_t SweepSpace::size() const {
  std::uint64_t size = 1;
  for (const Axis& axis : axes) {
    const std::uint64_t n = axis.values.size();
    if (n != 0 && size > std::numeric_limits<std::uint64_t>::max() / n)
      return std::numeric_limits<std::uint64_t>::max();
    size *= n;
  }
  return size;
}

SweepSpace read_space(const std::filesystem::path& file) {
  const auto parent = file.parent_path();
  return read_from(config::read_source(file), parent.empty() ? "." : parent);
}

SweepSpace read_space_text(const std::string& text, const std::string& name,
                           const std::filesystem::path& folder) {
  return read_from(config::Source(name, text), folder);
}

}  // namespace lutsim::tools::sweep

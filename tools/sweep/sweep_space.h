// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "models/config/type_info.h"
#include "models/spec/field.h"
#include "tools/run/run_spec.h"
#include "tools/sweep/expression.h"

/// What a sweep varies, what it looks for and how: a file of schema "lutsim.sweep/1"
/// (docs/sweep.md).
namespace lutsim::tools::sweep {

/// How closely a point is looked at. `bound`: what no run can beat, in closed form; `event`: the
/// SystemC model; `rtl`: functional mode with the Verilated matrix unit.
enum class Fidelity { bound, event, rtl };
inline auto enum_names(Fidelity) {
  return std::array<spec::EnumName<Fidelity>, 3>{
      {{Fidelity::bound, "bound"}, {Fidelity::event, "event"}, {Fidelity::rtl, "rtl"}}};
}

enum class StrategyKind { grid, list, random, sobol, nsga2, ask_tell };
inline auto enum_names(StrategyKind) {
  return std::array<spec::EnumName<StrategyKind>, 6>{{{StrategyKind::grid, "grid"},
                                                      {StrategyKind::list, "list"},
                                                      {StrategyKind::random, "random"},
                                                      {StrategyKind::sobol, "sobol"},
                                                      {StrategyKind::nsga2, "nsga2"},
                                                      {StrategyKind::ask_tell, "ask-tell"}}};
}

enum class Goal { minimise, maximise };
inline auto enum_names(Goal) {
  return std::array<spec::EnumName<Goal>, 2>{
      {{Goal::minimise, "minimise"}, {Goal::maximise, "maximise"}}};
}

struct Strategy {
  StrategyKind kind = StrategyKind::grid;
  std::uint32_t points = 0;
  std::uint64_t seed = 1;
  std::uint32_t population = 40;
  std::string file;

  static constexpr auto fields() {
    using S = Strategy;
    using spec::field;
    return std::make_tuple(
        field("kind", &S::kind, "how points are chosen"),
        field("points", &S::points,
              "random and sobol: distinct points; nsga2: evaluations, repeated ones counted")
            .range(0, 10'000'000)
            .maybe(),
        field("seed", &S::seed, "of random and nsga2; sobol: points of the sequence left out")
            .maybe(),
        field("population", &S::population, "nsga2: points of a generation, a multiple of 4")
            .range(8, 10'000)
            .maybe(),
        field("file", &S::file, "list: a CSV file of points, one axis a column").maybe());
  }
};

struct Objective {
  std::string key;
  Goal goal = Goal::minimise;
  double at_least = 0, at_most = 0;
  double reference = 0;

  static constexpr auto fields() {
    using S = Objective;
    using spec::field;
    return std::make_tuple(
        field("key", &S::key, "a metric of the record, for example time_s.total"),
        field("goal", &S::goal, "which way is better"),
        field("at_least", &S::at_least, "points below it are not feasible; 0: no such bound")
            .maybe(),
        field("at_most", &S::at_most, "points above it are not feasible; 0: no such bound").maybe(),
        field("reference", &S::reference,
              "of the hypervolume; 0: the worst feasible value of the sweep")
            .maybe());
  }
};

/// The best points so far, looked at more closely.
struct Refinement {
  Fidelity fidelity = Fidelity::event;
  std::uint32_t points = 0;

  static constexpr auto fields() {
    using S = Refinement;
    using spec::field;
    return std::make_tuple(
        field("fidelity", &S::fidelity, "higher than the one before"),
        field("points", &S::points, "best feasible points of the fidelity before, front by front")
            .range(1, 1'000'000));
  }
};

struct Limits {
  double time = 600;
  std::uint64_t memory = 0;

  static constexpr auto fields() {
    using S = Limits;
    using spec::field;
    using spec::Unit;
    return std::make_tuple(field("time", &S::time, "wall clock of one point; 0: none")
                               .in(Unit::second)
                               .range(0, 1e7)
                               .maybe(),
                           field("memory", &S::memory, "address space of one point; 0: none")
                               .in(Unit::byte)
                               .range(0, 1e13)
                               .maybe());
  }
};

/// The keys of the file whose types are fixed; `workload`, `axes` and `ranges` come from the field
/// lists of a run (space_type()).
struct SpaceKeys {
  std::string schema = kSchema;
  std::string name;
  std::string description;
  std::string arch = "default";
  std::string gpus;
  std::uint64_t seed = 1;
  Fidelity fidelity = Fidelity::event;
  std::vector<std::string> constraints;
  std::vector<Objective> objectives;
  Strategy strategy;
  std::vector<Refinement> refine;
  Limits limits;

  static constexpr const char* kSchema = "lutsim.sweep/1";

  static constexpr auto fields() {
    using S = SpaceKeys;
    using spec::field;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.sweep/1"),
        field("name", &S::name, "name of the sweep"),
        field("description", &S::description, "what it asks").maybe(),
        field("arch", &S::arch, "named accelerator or its file that the axes change").maybe(),
        field("gpus", &S::gpus, "GPUs to compare with, separated by commas; empty: none").maybe(),
        field("seed", &S::seed, "of a run: sampling and intervals").maybe(),
        field("fidelity", &S::fidelity, "of every point of the strategy").maybe(),
        field("constraints", &S::constraints,
              "comparisons of parameters and metrics, for example area_mm2.total <= 60")
            .maybe(),
        field("objectives", &S::objectives, "metrics that span the Pareto front"),
        field("strategy", &S::strategy, "how points are chosen"),
        field("refine", &S::refine, "best points looked at more closely, in this order").maybe(),
        field("limits", &S::limits, "of one point").maybe());
  }
};

/// One parameter that the sweep varies.
struct Axis {
  config::FieldEntry field;           ///< key is the axis name, "matrix.mu"
  std::vector<config::Value> values;  ///< in the order of the file, all different

  const std::string& name() const { return field.key; }
};

struct Constraint {
  std::string text;
  Comparison comparison;
  bool needs_metrics = false;  ///< false: parameters alone decide, nothing is run
};

/// A space as read, with what its names stand for.
struct SweepSpace {
  SpaceKeys keys;
  RunSpec base;  ///< before any axis
  std::vector<Axis> axes;
  std::vector<Constraint> constraints;
  std::string text;              ///< of the file
  std::filesystem::path folder;  ///< that holds the file

  /// Points of the grid; saturates at the largest std::uint64_t.
  std::uint64_t size() const;
};

/// Type of the file: the fixed keys, the workload without its schema, and under `axes` and `ranges`
/// every parameter that can be varied, with its own type, unit and range.
const config::TypeInfo& space_type();

/// Every parameter that can be an axis: the paths of `lutsim run --set`, the keys of a workload,
/// `arch` and `engine` (as the options of `lutsim run`). Units and ranges are those of a run.
const std::vector<config::FieldEntry>& axis_fields();

/// Reads a space strictly. Throws config::InputError with every error.
SweepSpace read_space(const std::filesystem::path& file);
SweepSpace read_space_text(const std::string& text, const std::string& name,
                           const std::filesystem::path& folder = ".");

}  // namespace lutsim::tools::sweep

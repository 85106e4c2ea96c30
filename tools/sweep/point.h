// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/sweep/sweep_space.h"

/// One point of a space, and the run that it stands for.
namespace lutsim::tools::sweep {

/// One value for each axis of the space, in their order.
using Point = std::vector<config::Value>;

/// {"matrix.mu": 4, "clock": 5e8}: base units.
nlohmann::ordered_json point_json(const SweepSpace& space, const Point& point);

/// Back from point_json(): every axis once. Throws config::InputError naming `source`.
Point point_of(const SweepSpace& space, const nlohmann::ordered_json& json,
               const std::string& source);

/// The run of a point: the space's accelerator and workload with the values of the axes; `engine`
/// last, at equal peak throughput. Throws config::InputError or spec::SpecError for values that do
/// not go together.
RunSpec run_of(const SweepSpace& space, const Point& point, Fidelity fidelity);

/// What a constraint's names stand for: parameters of the run, then metrics (may be null).
Lookup lookup_of(const RunSpec& run, const nlohmann::ordered_json* metrics);

/// True when `name` is a parameter that lookup_of() finds in any run.
bool is_parameter(const std::string& name);

/// Keys of points: SHA-256 of everything that a result depends on.
///
/// That is the resolved run, the fidelity, the memory and GPU files and the energy constants that
/// it names, the contents of a checkpoint, trace or histogram, and `build`, which stands for the
/// program (its own SHA-256). Files are read once, when the first point names them.
class PointKeys {
 public:
  explicit PointKeys(std::string build) : build_(std::move(build)) {}
  std::string key_of(const RunSpec& run, Fidelity fidelity);

 private:
  const std::string& digest_of(const std::filesystem::path& file);
  const std::string& constants_digest(const std::filesystem::path& table);

  std::string build_;
  std::map<std::string, std::string> digests_;  ///< by path
};

}  // namespace lutsim::tools::sweep

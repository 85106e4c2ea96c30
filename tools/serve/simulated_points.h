// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"
#include "tools/run/run_spec.h"
#include "workloads/serving/operating_points.h"

namespace lutsim::tools {

/// Passes of one model on one accelerator, simulated by `lutsim run` in processes of their own and
/// kept in a folder.
///
/// The layers of a dense model are alike, so a pass takes as long as a constant and its layers. It
/// is simulated with few layers and with one more period of them, and the rest is extrapolated;
/// `Layers::all` simulates all of them, which models with experts always do, as each of their
/// layers draws its own.
///
/// A file is named by the SHA-256 of everything that a pass depends on: the resolved run, the text
/// of its memory file and the version. It also says which build wrote it. A file of another build
/// counts only when this build finds the same for the two cheapest such points; if it does
/// not, all of them are simulated again.
enum class Layers { few, all };

class SimulatedPoints {
 public:
  /// `base` has the accelerator and the model with its formats; `program` is lutsim itself.
  SimulatedPoints(RunSpec base, Layers layers, std::string program, std::filesystem::path folder,
                  unsigned jobs);

  /// Makes the points ready, several at a time. Throws sim::SimulationError-like std::runtime_error
  /// with the message of a run that failed.
  void prepare(const std::vector<workloads::OperatingPoint>& points,
               const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

  /// Simulated here and now if it was not prepared.
  workloads::PointCost operator()(const workloads::OperatingPoint& point);

  /// A switch between two scale adapters of the model, nothing else; simulated here and now.
  workloads::PointCost task_switch();

  std::size_t simulated() const { return simulated_; }
  std::size_t from_folder() const { return from_folder_; }

 private:
  struct Kept {
    workloads::PointCost cost;
    std::string build;
  };

  RunSpec run_of(const workloads::OperatingPoint& point) const;
  std::filesystem::path file_of(const RunSpec& run) const;
  std::filesystem::path file_of(const workloads::OperatingPoint& point) const;
  static bool read(const std::filesystem::path& file, Kept& kept);
  workloads::PointCost run(const RunSpec& spec, const std::filesystem::path& config) const;
  workloads::PointCost run_layers(const workloads::OperatingPoint& point,
                                  std::uint32_t layers) const;
  workloads::PointCost simulate(const workloads::OperatingPoint& point) const;
  bool trusts_other_builds(const std::vector<workloads::OperatingPoint>& points);

  RunSpec base_;
  models::ModelShape shape_;
  std::uint32_t few_ = 0, more_ = 0;  ///< layers that are simulated; 0: all
  std::string program_, build_, memory_text_;
  std::filesystem::path folder_;
  unsigned jobs_;
  int trust_ = -1;  ///< of other builds: unknown, no, yes
  std::map<workloads::OperatingPoint, workloads::PointCost> known_;
  std::size_t simulated_ = 0, from_folder_ = 0;
};

/// Whether a pass is likely to be simulated in less time.
bool is_shorter(const workloads::OperatingPoint& a, const workloads::OperatingPoint& b);

/// $LUTSIM_CACHE, or lutsim/points in the user's cache folder.
std::filesystem::path default_point_folder();

}  // namespace lutsim::tools

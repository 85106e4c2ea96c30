// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/energy/account.h"
#include "models/energy/uncertainty.h"
#include "models/gpu/gpu_model.h"
#include "tools/run/run_result.h"
#include "tools/serve/serve_spec.h"
#include "workloads/serving/metrics.h"
#include "workloads/serving/serving_run.h"

namespace lutsim::tools {

/// How far interpolated passes were from simulated ones, relative in time and energy.
struct InterpolationError {
  std::size_t points = 0;  ///< in the middle of the grid's cells
  double median_time = 0, largest_time = 0;
  double median_energy = 0, largest_energy = 0;
  std::string worst_point;                                    ///< where the time is off most
  std::size_t whole_points = 0;                               ///< simulated with all layers
  double largest_layers_time = 0, largest_layers_energy = 0;  ///< few layers against all
  double mean_context = 0, largest_context = 0;  ///< of taking the mean context of a batch
};

/// One kind of device that served the trace.
struct ServedDevice {
  std::string name;  ///< "default", "h100-sxm"
  bool is_accelerator = false;
  std::uint32_t count = 1;  ///< chips or GPUs that share every layer
  std::uint32_t replicas = 1;
  std::string precision, line;  ///< of a GPU; of the accelerator "4-bit" and ""
  workloads::SchedulerPolicy policy;
  workloads::DeviceMemory memory;
  workloads::ServingRun run;
  workloads::ServingMetrics metrics;
  std::uint64_t adapter_moves = 0;
  models::GpuEstimate joules;                  ///< busy and idle
  std::optional<models::EnergyReport> energy;  ///< accelerator
  std::optional<InterpolationError> error;     ///< accelerator, unless exact
  std::size_t simulated_points = 0, kept_points = 0;
  double points_s = 0, serving_s = 0;  ///< of wall time; not in the result file

  double output_tokens() const { return static_cast<double>(metrics.output_tokens); }
  double joules_per_token() const { return joules.value / output_tokens(); }
};

/// Accelerator over GPU; more than 1: the accelerator is better.
struct ServedComparison {
  std::size_t gpu = 0;  ///< index of the device
  double throughput_ratio = 0, goodput_ratio = 0;
  double ttft_ratio = 0, tpot_ratio = 0;  ///< of the medians
  models::Interval tokens_per_j;          ///< ratio with its interval
};

struct ServeResult {
  ServeSpec spec;
  workloads::RequestTrace trace;
  std::uint64_t cut_requests = 0;
  std::vector<ServedDevice> devices;  ///< the accelerator first
  std::vector<ServedComparison> comparisons;
};

struct ServeOptions {
  std::string program;  ///< lutsim itself
  std::filesystem::path point_folder;
  unsigned jobs = 1;
  /// What is going on, done and total.
  std::function<void(const std::string&, std::uint64_t, std::uint64_t)> progress;
};

/// Throws config::InputError and spec::SpecError for a wrong input.
ServeResult execute_serve(const ServeSpec& spec, const ServeOptions& options);

/// Schema "lutsim.serving/1" (docs/serving.md).
nlohmann::ordered_json to_json(const ServeResult& result, const Provenance& provenance);

/// What a person reads. `result` is a "lutsim.serving/1".
std::string serve_report(const nlohmann::ordered_json& result);

}  // namespace lutsim::tools

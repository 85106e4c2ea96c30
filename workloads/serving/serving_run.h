// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "workloads/serving/device.h"
#include "workloads/serving/request.h"
#include "workloads/serving/scheduler.h"

namespace lutsim::workloads {

/// Mean power in bins of equal length.
class PowerSeries {
 public:
  explicit PowerSeries(double bin_s) : bin_s_(bin_s) {}
  /// Spreads `joules` evenly over the time.
  void add(double begin_s, double end_s, double joules);
  double bin_s() const { return bin_s_; }
  /// Watts of each bin; the last one ends at `end_s`.
  std::vector<double> watts(double end_s) const;

 private:
  double bin_s_;
  std::vector<double> joules_;
};

/// What one kind of device did for all requests.
struct ServingRun {
  std::vector<RequestRecord> records;  ///< by request
  double makespan_s = 0;               ///< from the first instant to the last token
  double busy_s = 0;                   ///< of all replicas
  double idle_s = 0;                   ///< of all replicas
  double busy_j = 0, idle_j = 0;
  std::uint64_t iterations = 0;
  std::uint64_t rows = 0;  ///< of all iterations
  std::uint64_t decode_slices = 0;
  std::uint32_t peak_pages = 0;  ///< of the replica that needed most
  std::vector<double> power_w;   ///< in bins
  double power_bin_s = 0;
};

/// Serves the requests on equal replicas, each with a scheduler and a device of its own. A request
/// goes to the replica whose requests need the fewest tokens, at a tie to the first. `progress`
/// gets ended and total requests. Throws std::logic_error when a page is not returned or a request
/// is lost.
ServingRun serve(const std::vector<Request>& requests, const DeviceMemory& memory,
                 const SchedulerPolicy& policy, const std::vector<std::unique_ptr<Device>>& devices,
                 const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace lutsim::workloads

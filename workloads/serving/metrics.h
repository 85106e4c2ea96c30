// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/serving/scheduler.h"

namespace lutsim::workloads {

/// Mean and percentiles by the nearest rank; all 0 when there are no values.
struct Distribution {
  std::uint64_t count = 0;
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, largest = 0;
};

Distribution distribution(std::vector<double> values);

/// A bound on latency; 0: none.
struct Objective {
  double ttft_s = 0;
  double tpot_s = 0;
};

struct ServingMetrics {
  Distribution ttft_s;     ///< from arrival to the first token
  Distribution tpot_s;     ///< (last - first token) / (tokens - 1), of requests with two or more
  Distribution latency_s;  ///< from arrival to the end
  std::uint64_t finished = 0, refused = 0, preemptions = 0;
  std::uint64_t good = 0;  ///< finished within the objective
  std::uint64_t prompt_tokens = 0, output_tokens = 0, reused_tokens = 0, recomputed_tokens = 0;
};

/// Requests that were refused count as such and nowhere else.
ServingMetrics metrics_of(const std::vector<RequestRecord>& records, const Objective& objective);

}  // namespace lutsim::workloads

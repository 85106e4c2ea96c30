// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lutsim::workloads {

Distribution distribution(std::vector<double> values) {
  Distribution d;
  if (values.empty()) return d;
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {
    const auto n = static_cast<double>(values.size());
    return values[static_cast<std::size_t>(std::max(0.0, std::ceil(share * n) - 1))];
  };
  d.count = values.size();
  d.mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(d.count);
  d.p50 = rank(0.5);
  d.p90 = rank(0.9);
  d.p99 = rank(0.99);
  d.largest = values.back();
  return d;
}

ServingMetrics metrics_of(const std::vector<RequestRecord>& records, const Objective& objective) {
  ServingMetrics m;
  std::vector<double> ttft, tpot, latency;
  for (const RequestRecord& r : records) {
    if (!r.refused.empty()) {
      ++m.refused;
      continue;
    }
    if (!r.finished) continue;
    ++m.finished;
    m.preemptions += r.preemptions;
    m.prompt_tokens += r.prompt_tokens;
    m.output_tokens += r.generated;
    m.reused_tokens += r.reused_tokens;
    m.recomputed_tokens += r.recomputed_tokens;
    latency.push_back(r.end_s - r.arrival_s);
    bool is_good = true;
    if (r.generated > 0) {
      ttft.push_back(r.first_token_s - r.arrival_s);
      is_good = objective.ttft_s == 0 || ttft.back() <= objective.ttft_s;
    }
    if (r.generated > 1) {
      tpot.push_back((r.last_token_s - r.first_token_s) / (r.generated - 1));
      is_good = is_good && (objective.tpot_s == 0 || tpot.back() <= objective.tpot_s);
    }
    m.good += is_good ? 1 : 0;
  }
  m.ttft_s = distribution(std::move(ttft));
  m.tpot_s = distribution(std::move(tpot));
  m.latency_s = distribution(std::move(latency));
  return m;
}

}  // namespace lutsim::workloads

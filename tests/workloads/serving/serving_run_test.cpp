// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/serving_run.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/workloads/serving/fake_device.h"
#include "workloads/serving/metrics.h"

namespace lutsim::workloads {
namespace {

using test::request;

ServingRun run(const std::vector<Request>& requests, std::uint32_t replicas = 1) {
  std::vector<std::unique_ptr<Device>> devices;
  for (std::uint32_t i = 0; i < replicas; ++i)
    devices.push_back(std::make_unique<test::FakeDevice>());
  return serve(requests, test::small_memory(100), {}, devices);
}

TEST(ServingRun, TimesOfOneRequestAreThoseOfItsIterations) {
  const ServingRun r = run({request(2, 10, 3)});
  EXPECT_DOUBLE_EQ(r.records[0].first_token_s, 3.01);
  EXPECT_DOUBLE_EQ(r.records[0].last_token_s, 3.01 + 2 * 1.001);
  const ServingMetrics m = metrics_of(r.records, {1.02, 1.0005});
  EXPECT_NEAR(m.ttft_s.p50, 1.01, 1e-12);
  EXPECT_NEAR(m.tpot_s.p50, 1.001, 1e-12);
  EXPECT_EQ(m.good, 0u);
  EXPECT_EQ(metrics_of(r.records, {1.02, 1.002}).good, 1u);
}

TEST(ServingRun, EnergyIsBusyAndIdle) {
  const ServingRun r = run({request(2, 10, 1)});
  EXPECT_DOUBLE_EQ(r.busy_j, 1.01);
  EXPECT_DOUBLE_EQ(r.idle_s, 2);
  EXPECT_DOUBLE_EQ(r.idle_j, 1);
  // The bins hold the same joules; the last one is as long as what is left of the run.
  ASSERT_EQ(r.power_w.size(), 1u);
  EXPECT_NEAR(r.power_w[0], 2.01 / 3.01, 1e-9);
}

TEST(ServingRun, PowerOverTimeHoldsAllJoules) {
  std::vector<Request> requests;
  for (int i = 0; i < 40; ++i) requests.push_back(request(1.7 * i, 10, 5));
  const ServingRun r = run(requests);
  double joules = 0;
  for (std::size_t i = 0; i < r.power_w.size(); ++i) {
    const double begin = static_cast<double>(i) * r.power_bin_s;
    joules += r.power_w[i] * (std::min(r.makespan_s, begin + r.power_bin_s) - begin);
  }
  EXPECT_NEAR(joules, r.busy_j + r.idle_j, 1e-6 * joules);
}

TEST(ServingRun, ReplicasShareTheLoad) {
  std::vector<Request> requests(20, request(0, 10, 10));
  const ServingRun one = run(requests), four = run(requests, 4);
  EXPECT_LT(four.makespan_s, one.makespan_s);
  EXPECT_NEAR(four.busy_s + four.idle_s, 4 * four.makespan_s, 1e-9);
}

TEST(ServingRun, WhatArrivesTogetherRunsTogether) {
  const ServingRun r = run({request(1, 3, 1), request(1, 3, 1)});
  EXPECT_EQ(r.iterations, 1u);
}

TEST(Distribution, PercentilesAreValuesThatOccurred) {
  std::vector<double> values(100);
  std::iota(values.rbegin(), values.rend(), 1.0);
  const Distribution d = distribution(values);
  EXPECT_EQ(d.p50, 50);
  EXPECT_EQ(d.p90, 90);
  EXPECT_EQ(d.p99, 99);
  EXPECT_EQ(d.mean, 50.5);
  EXPECT_EQ(distribution({}).count, 0u);
  EXPECT_EQ(distribution({3}).p99, 3);
}

}  // namespace
}  // namespace lutsim::workloads

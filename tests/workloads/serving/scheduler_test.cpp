// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/scheduler.h"

#include <gtest/gtest.h>

#include "tests/workloads/serving/fake_device.h"

namespace lutsim::workloads {
namespace {

using test::request;

Scheduler scheduler(std::uint32_t pages, SchedulerPolicy policy = {}) {
  return Scheduler({{64, 4}}, pages, policy);
}

/// Iterations of a second each until nothing is left to do; returns the time.
double run_until_idle(Scheduler& s) {
  double now = 0;
  while (const auto batch = s.next(now)) s.complete(*batch, ++now);
  return now;
}

TEST(Scheduler, CutsPromptsIntoChunksBesideDecodingSequences) {
  Scheduler s = scheduler(100, {10, 8, true});
  s.arrive(0, request(0, 4, 3));
  s.arrive(1, request(0, 20, 1));
  const auto first = s.next(0);
  ASSERT_EQ(first->slices.size(), 2u);
  EXPECT_EQ(first->slices[0].rows, 4u);
  EXPECT_TRUE(first->slices[0].samples);
  EXPECT_EQ(first->slices[1].rows, 6u);
  EXPECT_FALSE(first->slices[1].samples);
  s.complete(*first, 1);
  const auto second = s.next(1);
  ASSERT_EQ(second->slices.size(), 2u);
  EXPECT_TRUE(second->slices[0].is_decode());
  EXPECT_EQ(second->slices[0].start, 4u);
  EXPECT_EQ(second->slices[1].start, 6u);
  EXPECT_EQ(second->slices[1].rows, 9u);
  s.complete(*second, 2);
  const auto third = s.next(2);
  EXPECT_EQ(third->slices[1].rows, 5u);
  EXPECT_TRUE(third->slices[1].samples);
  s.complete(*third, 3);
  EXPECT_FALSE(s.has_work());
  EXPECT_EQ(s.outstanding_tokens(), 0u);
  EXPECT_EQ(s.records()[0].generated, 3u);
  EXPECT_DOUBLE_EQ(s.records()[0].first_token_s, 1);
  EXPECT_DOUBLE_EQ(s.records()[1].first_token_s, 3);
}

TEST(Scheduler, TheLastAdmittedLosesItsPagesAndIsComputedAgain) {
  Scheduler s = scheduler(4, {64, 8, false});  // 16 positions
  s.arrive(0, request(0, 7, 8));
  s.arrive(1, request(0, 7, 8));
  double now = 0;
  while (const auto batch = s.next(now)) {
    s.cache().check();
    s.complete(*batch, ++now);
  }
  EXPECT_EQ(s.records()[0].preemptions, 0u);
  EXPECT_EQ(s.records()[1].preemptions, 1u);
  EXPECT_GT(s.records()[1].recomputed_tokens, 0u);
  for (const auto& record : s.records()) EXPECT_EQ(record.generated, 8u);
  EXPECT_LT(s.records()[0].end_s, s.records()[1].end_s);
  EXPECT_EQ(s.cache().used_pages(), 0u);
}

TEST(Scheduler, RefusesForGoodWhatCanNeverFit) {
  Scheduler s = scheduler(4);
  s.arrive(0, request(0, 65, 1));
  s.arrive(1, request(0, 16, 2));
  s.arrive(2, request(0, 16, 1));
  EXPECT_NE(s.records()[0].refused.find("context"), std::string::npos);
  EXPECT_NE(s.records()[1].refused.find("cache"), std::string::npos);
  EXPECT_TRUE(s.records()[2].refused.empty());
}

TEST(Scheduler, SizesOfZeroEnd) {
  Scheduler s = scheduler(4);
  s.arrive(0, request(0, 0, 0));
  s.arrive(1, request(0, 0, 2));
  s.arrive(2, request(0, 5, 0));
  run_until_idle(s);
  for (const auto& record : s.records()) EXPECT_TRUE(record.finished);
  EXPECT_EQ(s.records()[0].generated, 0u);
  EXPECT_EQ(s.records()[1].generated, 2u);
  EXPECT_EQ(s.cache().used_pages(), 0u);
}

TEST(Scheduler, EqualBeginningsAreComputedOnce) {
  Scheduler s = scheduler(100);
  Request a = request(0, 10, 2), b = request(0, 10, 2);
  for (std::uint32_t i = 0; i < 10; ++i) a.prompt_ids.push_back(100 + i);
  b.prompt_ids = a.prompt_ids;
  b.prompt_ids[9] = 1;
  s.arrive(0, a);
  const double now = run_until_idle(s);
  s.arrive(1, b);
  const auto batch = s.next(now);
  EXPECT_EQ(batch->slices[0].start, 8u);
  EXPECT_EQ(batch->slices[0].rows, 2u);
  EXPECT_EQ(s.records()[1].reused_tokens, 8u);
}

TEST(Scheduler, AnAdapterHasACacheOfItsOwn) {
  Scheduler s = scheduler(100);
  Request a = request(0, 8, 1);
  a.shared_tokens = 8;
  s.arrive(0, a);
  const double now = run_until_idle(s);
  a.adapter = 1;
  s.arrive(1, a);
  EXPECT_EQ(s.next(now)->slices[0].start, 0u);
}

TEST(Scheduler, TheWholePromptInTheCacheStillComputesARow) {
  Scheduler s = scheduler(100);
  Request a = request(0, 8, 1);
  a.shared_tokens = 8;
  s.arrive(0, a);
  const double now = run_until_idle(s);
  s.arrive(1, a);
  const auto batch = s.next(now);
  EXPECT_EQ(batch->slices[0].start, 4u);
  EXPECT_EQ(batch->slices[0].rows, 4u);
}

TEST(Scheduler, ModelsTakeTurns) {
  Scheduler s({{64, 4}, {64, 4}}, 100, {});
  Request other = request(0, 4, 3);
  other.model = 1;
  s.arrive(0, request(0, 4, 3));
  s.arrive(1, other);
  std::vector<std::uint32_t> turns;
  double now = 0;
  while (const auto batch = s.next(now)) {
    turns.push_back(batch->model);
    s.complete(*batch, ++now);
  }
  EXPECT_EQ(turns, (std::vector<std::uint32_t>{1, 0, 1, 0, 1, 0}));
}

}  // namespace
}  // namespace lutsim::workloads

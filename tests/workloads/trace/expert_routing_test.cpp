// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/expert_routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "models/config/diagnostics.h"
#include "tests/workloads/trace/variant_shapes.h"

namespace lutsim::workloads {
namespace {

using testing::HasSubstr;

models::ModelShape shape_of(std::uint32_t experts, std::uint32_t per_token) {
  models::ModelShape shape = test::variant("oss");
  shape.experts = experts;
  shape.experts_per_token = per_token;
  return shape;
}

/// Rows of each expert.
std::vector<std::uint64_t> rows_of(const std::vector<GroupRows>& runs, std::uint32_t experts) {
  std::vector<std::uint64_t> rows(experts, 0);
  for (const GroupRows& run : runs) {
    for (std::uint32_t i = 0; i < run.count; ++i) rows.at(run.first + i) = run.rows;
  }
  return rows;
}

std::uint64_t sum(const std::vector<std::uint64_t>& rows) {
  return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0});
}

TEST(ExpertRouter, EveryTokenReachesSoManyDifferentExperts) {
  const ExpertRouter router(shape_of(16, 4), {});
  for (const std::uint64_t tokens : {1, 3, 100}) {
    const auto rows = rows_of(router.draw(0, 1, tokens), 16);
    EXPECT_EQ(sum(rows), 4 * tokens);
    EXPECT_LE(*std::max_element(rows.begin(), rows.end()), tokens);
  }
}

TEST(ExpertRouter, RunsAreAscendingAndMergeNeighboursOfEqualRows) {
  const auto all = ExpertRouter(shape_of(6, 6), {}).draw(0, 0, 5);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0], (GroupRows{0, 6, 5}));
}

TEST(ExpertRouter, ADrawDependsOnSeedStepAndLayerOnly) {
  const ExpertRouter router(shape_of(64, 4), {});
  const auto first = router.draw(3, 1, 10);
  router.draw(4, 1, 10);
  EXPECT_EQ(router.draw(3, 1, 10), first);
  EXPECT_NE(router.draw(3, 2, 10), first);
  EXPECT_NE(router.draw(4, 1, 10), first);
  RoutingRequest other;
  other.seed = 2;
  EXPECT_NE(ExpertRouter(shape_of(64, 4), other).draw(3, 1, 10), first);
}

TEST(ExpertRouter, WithoutSkewAllExpertsAreAlike) {
  // 20000 tokens draw 2 of 8: 5000 each; the standard deviation is sqrt(20000 / 4 * 3 / 4) = 61.
  const auto rows = rows_of(ExpertRouter(shape_of(8, 2), {}).draw(0, 0, 20000), 8);
  for (const std::uint64_t count : rows) EXPECT_NEAR(static_cast<double>(count), 5000, 5 * 61);
}

TEST(ExpertRouter, ASkewedDrawOfOneExpertFollowsZipf) {
  RoutingRequest request;
  request.skew = 1;
  auto rows = rows_of(ExpertRouter(shape_of(4, 1), request).draw(0, 0, 25000), 4);
  std::sort(rows.rbegin(), rows.rend());
  // Weights 1, 1/2, 1/3, 1/4: of 25 / 12.
  for (int rank = 1; rank <= 4; ++rank)
    EXPECT_NEAR(static_cast<double>(rows[rank - 1]), 12000.0 / rank, 5 * 80) << rank;
}

TEST(ExpertRouter, PopularExpertsDifferFromLayerToLayerAndStayFromStepToStep) {
  RoutingRequest request;
  request.skew = 4;
  const ExpertRouter router(shape_of(64, 1), request);
  const auto popular = [&router](std::uint32_t step, std::uint32_t layer) {
    const auto rows = rows_of(router.draw(step, layer, 200), 64);
    return std::max_element(rows.begin(), rows.end()) - rows.begin();
  };
  EXPECT_EQ(popular(0, 0), popular(1, 0));
  std::vector<std::ptrdiff_t> layers;
  for (std::uint32_t layer = 0; layer < 4; ++layer) layers.push_back(popular(0, layer));
  EXPECT_THAT(layers, testing::Not(testing::Each(layers[0])));
}

TEST(ExpertRouter, AHistogramGivesTheSharesAndLeavesOutUnusedExperts) {
  RoutingRequest request;
  request.histogram = {{0, 3, 0, 1}};
  const auto rows = rows_of(ExpertRouter(shape_of(4, 1), request).draw(0, 1, 10000), 4);
  EXPECT_EQ(rows[0], 0u);
  EXPECT_EQ(rows[2], 0u);
  EXPECT_NEAR(static_cast<double>(rows[1]), 7500, 5 * 44);
}

TEST(ExpertRouter, AHistogramOfOneOverwhelmingExpertStillDrawsDifferentOnes) {
  RoutingRequest request;
  request.histogram = {{1ull << 40, 1, 1, 0}};
  const auto rows = rows_of(ExpertRouter(shape_of(4, 2), request).draw(0, 0, 1000), 4);
  EXPECT_EQ(rows[0], 1000u);
  EXPECT_EQ(rows[1] + rows[2], 1000u);
  EXPECT_NEAR(static_cast<double>(rows[1]), 500, 5 * 16);
}

TEST(ExpertRouter, RefusesWhatDoesNotGoWithTheModel) {
  const auto error_of = [](const RoutingRequest& request) -> std::string {
    try {
      ExpertRouter(shape_of(4, 2), request);
    } catch (const spec::SpecError& error) {
      return error.what();
    }
    return "no error";
  };
  RoutingRequest request;
  request.skew = 9;
  EXPECT_THAT(error_of(request), HasSubstr("expert_skew"));
  request = {};
  request.histogram = {{1, 2, 3}};
  EXPECT_THAT(error_of(request), HasSubstr("4 experts"));
  request.histogram = {{0, 0, 0, 5}};
  EXPECT_THAT(error_of(request), HasSubstr("every token of oss uses 2"));
  request.histogram = {{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}};
  EXPECT_THAT(error_of(request), HasSubstr("2 layers with experts"));
}

TEST(Histogram, IsReadLineByLineAndErrorsTellThePlace) {
  const auto read = [](const std::string& text) {
    const std::string file = testing::TempDir() + "lutsim_histogram.csv";
    std::ofstream(file) << text;
    return read_histogram(file);
  };
  EXPECT_EQ(read("1,2,3\n4,5,6\n"),
            (std::vector<std::vector<std::uint64_t>>{{1, 2, 3}, {4, 5, 6}}));
  try {
    read("1,2\n3,x\n");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("lutsim_histogram.csv:2:3"));
  }
  EXPECT_THROW(read("1,,2\n"), config::InputError);
  EXPECT_THROW(read(""), config::InputError);
  EXPECT_THROW(read_histogram("/no/such/file"), config::InputError);
}

}  // namespace
}  // namespace lutsim::workloads

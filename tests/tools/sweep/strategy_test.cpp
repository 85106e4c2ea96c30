// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/strategy.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/tools/sweep/space_text.h"
#include "tools/support/csv.h"
#include "tools/sweep/nsga2.h"

namespace lutsim::tools::sweep {
namespace {

using test::space_of;
using test::space_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> proposed(const SweepSpace& space, const Accept& accept = {}) {
  std::vector<std::string> points;
  std::set<std::string> seen;
  propose(space, [&](const Point& point) {
    const std::string text = point_json(space, point).dump();
    const bool counts = (!accept || accept(point)) && seen.insert(text).second;
    if (counts) points.push_back(text);
    return counts;
  });
  return points;
}

TEST(Grid, RunsTheLastAxisFastest) {
  EXPECT_THAT(proposed(space_of(space_text("  matrix.mu: [4, 2]\n  matrix.array_rows: [8, 4]\n"))),
              ElementsAre(R"({"matrix.mu":4,"matrix.array_rows":8})",
                          R"({"matrix.mu":4,"matrix.array_rows":4})",
                          R"({"matrix.mu":2,"matrix.array_rows":8})",
                          R"({"matrix.mu":2,"matrix.array_rows":4})"));
}

const char* const kManyAxes =
    "  matrix.mu: [1, 2, 3, 4]\n  matrix.array_rows: [1, 2, 4, 8]\n"
    "  matrix.array_cols: [1, 2, 4, 8]\n  memory.channels: [1, 2, 4, 8]\n";

TEST(Random, IsDistinctAndTheSameForTheSameSeed) {
  const auto draw = [](const char* seed) {
    return proposed(space_of(
        space_text(kManyAxes, std::string("{kind: random, points: 100, seed: ") + seed + "}")));
  };
  EXPECT_EQ(draw("1").size(), 100u);
  EXPECT_EQ(draw("1"), draw("1"));
  EXPECT_NE(draw("1"), draw("2"));
}

TEST(Random, FindsEveryPointThatThereIs) {
  EXPECT_EQ(proposed(space_of(space_text(kManyAxes, "{kind: random, points: 1000}"))).size(), 256u);
}

TEST(Random, WhatDoesNotCountIsReplaced) {
  const SweepSpace space = space_of(space_text(kManyAxes, "{kind: random, points: 40}"));
  const auto points =
      proposed(space, [&](const Point& p) { return point_json(space, p).at("matrix.mu") == 3; });
  EXPECT_EQ(points.size(), 40u);
}

TEST(Random, DrawsOneByOneFromALargeSpace) {
  std::string axes = kManyAxes;
  axes +=
      "  vector.lanes: [1, 2, 4, 8, 16, 32, 64, 128]\n  dma.outstanding: [1, 2, 4, 8, 16]\n"
      "  dma.setup_cycles: [1, 2, 3, 4, 5]\n  command.queue_depth: [1, 2, 3, 4, 5]\n"
      "  command.issue_cycles: [1, 2, 3, 4, 5]\n";
  const SweepSpace space = space_of(space_text(axes, "{kind: random, points: 200}"));
  EXPECT_GT(space.size(), 1'000'000u);
  EXPECT_EQ(proposed(space).size(), 200u);
}

TEST(Sobol, CoversEveryAxisEvenly) {
  const SweepSpace space = space_of(space_text(kManyAxes, "{kind: sobol, points: 64, seed: 0}"));
  const auto points = proposed(space);
  ASSERT_EQ(points.size(), 64u);
  // 64 points of a Sobol sequence from its begin on hold each quarter of each axis 16 times.
  std::map<std::string, int> counts;
  for (const std::string& text : points) {
    const auto point = nlohmann::json::parse(text);
    for (const auto& entry : point.items()) ++counts[entry.key() + "=" + entry.value().dump()];
  }
  EXPECT_EQ(counts.size(), 16u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 16, 3) << value;
}

class List : public ::testing::Test {
 protected:
  SweepSpace with(const std::string& csv) {
    const auto folder = test::fresh_folder();
    std::ofstream(folder / "points.csv") << csv;
    return read_space_text(
        space_text("  matrix.mu: [2]\n  clock: [500 MHz]\n", "{kind: list, file: points.csv}"),
        "space.yaml", folder);
  }
  std::string error_of(const std::string& csv) {
    try {
      proposed(with(csv));
    } catch (const config::InputError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(List, ReadsCellsAsTheSpaceFileWouldHaveThem) {
  EXPECT_THAT(proposed(with("clock,matrix.mu\n# a comment\n\"400 MHz\",3\n1 GHz,8\n")),
              ElementsAre(R"({"clock":400000000.0,"matrix.mu":3})",
                          R"({"clock":1000000000.0,"matrix.mu":8})"));
}

TEST_F(List, RefusesWhatIsNoListOfPoints) {
  EXPECT_THAT(error_of("clock\n1 GHz\n"), HasSubstr("the axis 'matrix.mu' has no column"));
  EXPECT_THAT(error_of("clock,matrix.mi\n"), HasSubstr("did you mean 'matrix.mu'?"));
  EXPECT_THAT(error_of("clock,matrix.mu\n1 GHz\n"), HasSubstr("1 cells, the header has 2"));
  const std::string error = error_of("clock,matrix.mu\n1 GHz,9\n800,3\n");
  EXPECT_THAT(error, HasSubstr("row 1 matrix.mu:1:7"));
  EXPECT_THAT(error, HasSubstr("= 9 is outside 1 .. 8"));
  EXPECT_THAT(error, HasSubstr("row 2 clock:1:7"));
  EXPECT_THAT(error, HasSubstr("2 errors"));
}

TEST(Csv, ReadsBackWhatItWrites) {
  const std::vector<std::string> cells{"a,b", "say \"so\"", "", "two\nlines"};
  EXPECT_THAT(read_csv(csv_line(cells)), ElementsAre(cells));
}

/// Distance from a corner in both objectives; few points have a good one.
std::vector<Values> valley(const SweepSpace& space, const std::vector<Point>& points) {
  std::vector<Values> values;
  for (const Point& p : points) {
    const auto j = point_json(space, p);
    const double mu = j.at("matrix.mu"), rows = j.at("matrix.array_rows");
    if (j.at("memory.channels") == 8) {
      values.emplace_back();  // not feasible
    } else {
      values.push_back({mu * mu + rows, 100 - rows * mu});
    }
  }
  return values;
}

TEST(Nsga2, HandsOverWholeGenerationsAndRepeatsItself) {
  const SweepSpace space =
      space_of(space_text(kManyAxes, "{kind: nsga2, points: 205, population: 20, seed: 3}"));
  const auto run = [&] {
    std::vector<std::string> asked;
    std::vector<std::size_t> batches;
    search_nsga2(space, [&](const std::vector<Point>& points) {
      for (const Point& p : points) asked.push_back(point_json(space, p).dump());
      batches.push_back(points.size());
      return valley(space, points);
    });
    EXPECT_EQ(batches, std::vector<std::size_t>(10, 20));
    return asked;
  };
  const auto first = run();
  EXPECT_EQ(first.size(), 200u);
  EXPECT_EQ(run(), first);
}

TEST(Nsga2, FindsTheFrontOfASmallSpace) {
  const SweepSpace space =
      space_of(space_text(kManyAxes, "{kind: nsga2, points: 1200, population: 40, seed: 1}"));
  std::set<Values> found;
  search_nsga2(space, [&](const std::vector<Point>& points) {
    auto values = valley(space, points);
    for (const Values& v : values)
      if (!v.empty()) found.insert(v);
    return values;
  });
  std::set<Values> all;
  for (double mu : {1, 2, 3, 4})
    for (double rows : {1, 2, 4, 8}) all.insert({mu * mu + rows, 100 - rows * mu});
  const std::vector<Values> points(all.begin(), all.end());
  for (const std::size_t i : pareto_front(points)) EXPECT_EQ(found.count(points[i]), 1u);
}

}  // namespace
}  // namespace lutsim::tools::sweep

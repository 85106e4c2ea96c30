// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "models/config/describe.h"
#include "models/config/write_yaml.h"
#include "tests/tools/sweep/space_text.h"
#include "tools/sweep/point.h"

namespace lutsim::tools::sweep {
namespace {

using test::errors_of;
using test::space_of;
using test::space_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

nlohmann::ordered_json values(const Axis& axis) {
  auto list = nlohmann::ordered_json::array();
  for (const config::Value& v : axis.values) list.push_back(config::to_json(axis.field.type, v));
  return list;
}

TEST(SpaceReader, AxesKeepTheirValuesAndComeInTheOrderOfTheParameters) {
  const SweepSpace space =
      space_of(space_text("  weight_bits: [4 bit, 3 bit]\n"
                          "  clock: [500 MHz, 1 GHz]\n"
                          "  engine: [fp, lut-i]\n"));
  ASSERT_EQ(space.axes.size(), 3u);
  EXPECT_EQ(space.axes[0].name(), "engine");
  EXPECT_EQ(space.axes[1].name(), "clock");
  EXPECT_EQ(values(space.axes[1]), nlohmann::ordered_json({5e8, 1e9}));
  EXPECT_EQ(values(space.axes[2]), nlohmann::ordered_json({4, 3}));
  EXPECT_EQ(space.size(), 8u);
}

TEST(SpaceReader, ARangeIsTheSameAsItsValues) {
  const SweepSpace space = space_of(
      space_text("  matrix.mu: [4]\n", "{kind: grid}",
                 "ranges:\n  weight_buffer.capacity: {from: 256 KiB, to: 3 MiB, factor: 2}\n"
                 "  clock: {from: 200 MHz, to: 500 MHz, step: 100 MHz}\n"));
  ASSERT_EQ(space.axes.size(), 3u);
  EXPECT_EQ(values(space.axes[0]), nlohmann::ordered_json({2e8, 3e8, 4e8, 5e8}));
  EXPECT_EQ(values(space.axes[2]), nlohmann::ordered_json({262144, 524288, 1048576, 2097152}));
}

TEST(SpaceReader, ReportsEveryErrorWithItsPlaceAndTheNearestName) {
  EXPECT_THAT(errors_of(space_text("  matrix.muu: [2]\n  matrix.array_rows: [4, 5120]\n"
                                   "  clock: [500 Mhz]\n  engine: [lut]\n")),
              ElementsAre("6:3: unknown key 'axes.matrix.muu' | did you mean 'matrix.mu'?",
                          "7:26: axes.matrix.array_rows.1 = 5120 is outside 1 .. 4096",
                          "8:11: axes.clock.0: unknown unit 'Mhz' (one of: Hz, kHz, MHz, GHz) | "
                          "did you mean '500 MHz'?",
                          HasSubstr("9:12: axes.engine.0: 'lut' is not one of: fp, ifpu")));
}

TEST(SpaceReader, JudgesNamesWhateverElseIsWrong) {
  EXPECT_THAT(errors_of(space_text("  matrix.muu: [2]\n", "{kind: grid}",
                                   "constraints:\n  - area_mm2.totl <= 60\n")),
              ElementsAre(HasSubstr("6:3: unknown key"), HasSubstr("12:5: 'area_mm2.totl'")));
  EXPECT_THAT(errors_of("schema: lutsim.arch/1\n"),
              ElementsAre("1:9: this file has schema 'lutsim.arch/1', expected 'lutsim.sweep/1'"));
}

TEST(SpaceReader, ReportsWhatFieldsCannotSay) {
  EXPECT_THAT(errors_of(space_text("  matrix.mu: [2, 2]\n", "{kind: random}",
                                   "constraints:\n  - area_mm2.totl <= 60\n  - matrix.mu <\n"
                                   "refine:\n  - {fidelity: bound, points: 3}\n")),
              ElementsAre("6:18: axes.matrix.mu has a value twice",
                          "10:11: strategy.points is missing: how many points to look at",
                          "12:5: 'area_mm2.totl' is no parameter and no metric | did you mean "
                          "'area_mm2.total'?",
                          HasSubstr("13:5: 'matrix.mu <': at character 12: expected a number"),
                          "15:16: refine.0.fidelity: bound is not higher than event"));
}

TEST(SpaceReader, RefusesRangesThatDoNotEnd) {
  const auto range = [](const std::string& text) {
    return errors_of(space_text("  matrix.mu: [4]\n", "{kind: grid}", "ranges:\n  " + text + "\n"));
  };
  EXPECT_THAT(range("clock: {from: 2 MHz, to: 1 MHz, step: 1 MHz}"),
              ElementsAre(HasSubstr("12:10: ranges.clock needs from <= to and one of step")));
  EXPECT_THAT(range("clock: {from: 1 MHz, to: 2 MHz}"), ElementsAre(HasSubstr("needs from <= to")));
  EXPECT_THAT(range("clock: {from: 1 MHz, to: 2 MHz, factor: 1}"),
              ElementsAre(HasSubstr("needs from <= to")));
  EXPECT_THAT(range("matrix.array_rows: {from: 3, to: 9, factor: 1.5}"),
              ElementsAre(HasSubstr("gives 4.5")));
  EXPECT_THAT(range("matrix.mu: {from: 2, to: 4, step: 1}"),
              ElementsAre(HasSubstr("matrix.mu has an axis and a range")));
}

TEST(SpaceReader, AnObjectiveAgainstAGpuNeedsOne) {
  std::string text = space_text();
  text.replace(text.find("area_mm2.total"), 14, "comparison.speed_ratio");
  EXPECT_THAT(errors_of(text), ElementsAre(HasSubstr("needs a GPU to compare with")));
  EXPECT_THAT(errors_of(text + "gpus: a100-80gb\n"), ElementsAre());
}

TEST(SpaceReader, BoundsOfObjectivesAreConstraints) {
  std::string text = space_text();
  text.replace(text.find("goal: minimise"), 14, "goal: minimise, at_most: 0.5");
  const SweepSpace space = space_of(text);
  ASSERT_EQ(space.constraints.size(), 1u);
  EXPECT_EQ(space.constraints[0].text, "time_s.total <= 0.5");
  EXPECT_TRUE(space.constraints[0].needs_metrics);
}

TEST(SpaceReader, TheSchemaKnowsEveryParameterAsAnAxis) {
  const auto schema = config::json_schema(space_type());
  const auto& axes = schema.at("properties").at("axes").at("properties");
  EXPECT_EQ(axes.size(), axis_fields().size());
  EXPECT_EQ(axes.at("matrix.mu").at("items").at("maximum"), 8);
  EXPECT_EQ(axes.at("engine").at("items").at("enum").size(), 5u);
}

TEST(Point, IsARunWithTheValuesOfTheAxes) {
  const SweepSpace space =
      space_of(space_text("  matrix.mu: [2]\n  batch: [16]\n"
                          "  memory.channels: [3]\n"));
  const Point point{space.axes[0].values[0], space.axes[1].values[0], space.axes[2].values[0]};
  const RunSpec run = run_of(space, point, Fidelity::event);
  EXPECT_EQ(run.arch.matrix.mu, 2u);
  EXPECT_EQ(run.arch.memory.channels, 3u);
  EXPECT_EQ(run.workload.batch, 16u);
  EXPECT_EQ(run.workload.model, "opt-125m");
  EXPECT_EQ(point_json(space, point).dump(), R"({"matrix.mu":2,"memory.channels":3,"batch":16})");
  EXPECT_EQ(point_of(space, point_json(space, point), "test"), point);
}

TEST(Point, TheEngineComesLastAtEqualPeakThroughput) {
  const SweepSpace space = space_of(space_text("  engine: [figna]\n  matrix.array_rows: [4]\n"));
  const RunSpec run =
      run_of(space, {space.axes[0].values[0], space.axes[1].values[0]}, Fidelity::event);
  EXPECT_EQ(run.arch.matrix.engine, spec::Engine::figna);
  EXPECT_EQ(run.arch.matrix.one_bit_lanes(), 4u * 32 * 16 * 4);  // of lut-i with four rows
}

TEST(Point, ValuesThatDoNotGoTogetherAreRefused) {
  const SweepSpace space = space_of(space_text("  clock: [300 MHz]\n"));  // 3333.3 ps
  EXPECT_ANY_THROW(run_of(space, {space.axes[0].values[0]}, Fidelity::event));
}

TEST(PointKeys, DependOnEverythingAResultDependsOn) {
  const SweepSpace space = space_of(space_text());
  const RunSpec run =
      run_of(space, {space.axes[0].values[0], space.axes[1].values[0]}, Fidelity::event);
  PointKeys keys("build");
  const std::string key = keys.key_of(run, Fidelity::event);
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ(PointKeys("build").key_of(run, Fidelity::event), key);
  EXPECT_NE(PointKeys("other").key_of(run, Fidelity::event), key);
  EXPECT_NE(keys.key_of(run, Fidelity::bound), key);
  RunSpec other = run;
  other.arch.memory.standard = "lpddr5-6400";
  EXPECT_NE(keys.key_of(other, Fidelity::event), key);
  other = run;
  other.seed = 2;
  EXPECT_NE(keys.key_of(other, Fidelity::event), key);
  // The constants, not the name of their table.
  const auto folder = test::fresh_folder();
  const std::string table = (folder / "table.yaml").string();
  const auto write = [&](const std::string& low) {
    std::ofstream(table) << "schema: lutsim.energy/1\nname: t\nentries:\n  - {name: "
                            "sram_read_bit, value: 2 pJ, low: " +
                                low + " pJ, high: 3 pJ, confidence: guessed, source: test}\n";
  };
  other = run;
  other.arch.energy_table = table;
  write("1");
  const std::string first = PointKeys("build").key_of(other, Fidelity::event);
  write("1.5");
  EXPECT_NE(PointKeys("build").key_of(other, Fidelity::event), first);
}

TEST(PointOf, RefusesWhatIsNoPoint) {
  const SweepSpace space = space_of(space_text());
  const auto refusal = [&](const char* text) {
    try {
      point_of(space, nlohmann::ordered_json::parse(text), "line");
    } catch (const config::InputError& error) {
      return error.diagnostics().front().message + " | " + error.diagnostics().front().hint;
    }
    return std::string();
  };
  EXPECT_EQ(refusal(R"({"matrix.mu": 2, "matrix.array_rows": 9})"), "");
  EXPECT_EQ(refusal(R"({"matrix.mu": 2})"), "the axis 'matrix.array_rows' has no value | ");
  EXPECT_THAT(refusal(R"({"matrix.mi": 2})"), HasSubstr("did you mean 'matrix.mu'?"));
  EXPECT_THAT(refusal(R"({"matrix.mu": 99, "matrix.array_rows": 4})"), HasSubstr("1 .. 8"));
  EXPECT_THAT(refusal(R"({"matrix.mu": 2.5, "matrix.array_rows": 4})"), HasSubstr("no legal"));
  EXPECT_THAT(refusal(R"({"matrix.mu": -1, "matrix.array_rows": 4})"), HasSubstr("no legal"));
}

}  // namespace
}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <set>

#include "tests/tools/sweep/double_sweep.h"
#include "tools/support/csv.h"

/// Whole sweeps, with a worker that needs no time.
namespace lutsim::tools::sweep {
namespace {

using test::derived;
using test::double_options;
using test::fresh_folder;
using test::lines_of;
using test::space_of;
using test::space_text;
using test::WorkerCalls;
using ::testing::HasSubstr;
using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const char* const kAxes = "  matrix.mu: [2, 3, 4, 5]\n  matrix.array_rows: [1, 2, 4, 8, 16]\n";

TEST(Sweep, WritesOneRecordAPointAndWhatFollowsFromThem) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(kAxes, "{kind: grid}",
                                               "constraints:\n"
                                               "  - matrix.mu * matrix.array_rows <= 32\n"
                                               "  - area_mm2.total <= 20\n"));
  const SweepOutcome outcome = run_sweep(space, double_options(folder));
  const json& counts = outcome.summary.at("counts");
  EXPECT_EQ(counts.at("proposed"), 20);
  EXPECT_EQ(counts.at("excluded"), 4);  // three with 16 rows, and 5 x 8
  EXPECT_EQ(counts.at("records"), 16);
  EXPECT_EQ(counts.at("feasible"), 12);  // neither 4 x 8, 24 mm2, nor mu = 5
  EXPECT_EQ(outcome.failed, 0u);
  EXPECT_TRUE(outcome.summary.at("complete").get<bool>());
  EXPECT_EQ(outcome.points_run, 16u);
  for (const json& r : lines_of(folder / "results.jsonl")) {
    const double mu = r.at("point").at("matrix.mu"), rows = r.at("point").at("matrix.array_rows");
    EXPECT_DOUBLE_EQ(r.at("metrics").at("time_s.total"), 1 / (mu * rows));
    EXPECT_EQ(r.at("feasible").get<bool>(), mu * mu + rows <= 20);
    EXPECT_EQ(r.at("violated").size(), r.at("feasible").get<bool>() ? 0u : 1u);
    EXPECT_EQ(r.at("amounts").at("c"), mu);
    EXPECT_TRUE(
        fs::exists(folder / "constants" / (r.at("constants").get<std::string>() + ".json")));
  }
}

TEST(Sweep, TheFrontIsThatOfAllFeasiblePoints) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(kAxes));
  const SweepOutcome outcome = run_sweep(space, double_options(folder));
  std::set<Values> expected;
  std::vector<Values> all;
  for (double mu : {2, 3, 4, 5})
    for (double rows : {1, 2, 4, 8, 16}) all.push_back({1 / (mu * rows), mu * mu + rows});
  for (const Values& a : all)
    if (std::none_of(all.begin(), all.end(), [&](const Values& b) { return dominates(b, a); }))
      expected.insert(a);
  std::set<Values> found;
  const json& fidelity = outcome.summary.at("fidelities").at(0);
  for (const json& p : fidelity.at("front"))
    found.insert({p.at("objectives").at("time_s.total").get<double>(),
                  p.at("objectives").at("area_mm2.total").get<double>()});
  EXPECT_EQ(found, expected);
  EXPECT_EQ(fidelity.at("reference").at("time_s.total"), 0.5);
  EXPECT_EQ(fidelity.at("reference").at("area_mm2.total"), 41.0);
  EXPECT_GT(fidelity.at("hypervolume").get<double>(), 0);
}

TEST(Sweep, IsTheSameForAnyNumberOfJobsAndShards) {
  const SweepSpace space = space_of(space_text(kAxes));
  const auto one = fresh_folder(".one"), four = fresh_folder(".four"),
             parts = fresh_folder(".parts");
  run_sweep(space, double_options(one));
  SweepOptions options = double_options(four);
  options.evaluator.jobs = 4;
  run_sweep(space, options);
  EXPECT_EQ(derived(four), derived(one));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    options = double_options(parts);
    options.shard = {i, 3};
    run_sweep(space, options);
    EXPECT_FALSE(fs::exists(parts / "results.jsonl"));
    EXPECT_EQ(merge_sweep(parts).summary.at("complete").get<bool>(), i == 3);
    EXPECT_TRUE(fs::remove(parts / "results.jsonl"));
  }
  merge_sweep(parts);
  EXPECT_EQ(derived(parts), derived(one));
}

TEST(Sweep, AnOptimiserComesWithRandomPointsOfTheSameNumber) {
  const auto folder = fresh_folder(), again = fresh_folder(".again");
  WorkerCalls calls;
  const SweepSpace space =
      space_of(space_text(kAxes, "{kind: nsga2, points: 32, population: 8, seed: 2}"));
  const SweepOutcome outcome = run_sweep(space, double_options(folder));
  EXPECT_EQ(calls.count(), outcome.summary.at("counts").at("records").get<std::size_t>());
  const json& searches = outcome.summary.at("searches");
  ASSERT_EQ(searches.size(), 2u);
  EXPECT_EQ(searches[0].at("kind"), "nsga2");
  EXPECT_EQ(searches[0].at("evaluations"), 32);
  EXPECT_EQ(searches[1].at("kind"), "random");
  EXPECT_EQ(searches[0].at("distinct"), searches[1].at("distinct"));
  EXPECT_EQ(searches[0].at("reference"), searches[1].at("reference"));
  for (const json& s : searches) {
    double last = 0;
    for (const json& step : s.at("convergence")) {
      EXPECT_GE(step.at(1).get<double>(), last);
      last = step.at(1);
    }
    EXPECT_EQ(last, s.at("hypervolume").get<double>());
  }
  SweepOptions options = double_options(again);
  options.evaluator.jobs = 3;
  run_sweep(space, options);
  EXPECT_EQ(derived(again), derived(folder));
}

TEST(Sweep, TheBestPointsAreLookedAtMoreClosely) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(
      kAxes, "{kind: grid}", "fidelity: bound\nrefine:\n  - {fidelity: event, points: 3}\n"));
  const SweepOutcome outcome = run_sweep(space, double_options(folder));
  std::map<std::string, int> counts;
  for (const json& r : lines_of(folder / "results.jsonl")) {
    ++counts[r.at("fidelity")];
    const double mu = r.at("point").at("matrix.mu"), rows = r.at("point").at("matrix.array_rows");
    EXPECT_DOUBLE_EQ(r.at("metrics").at("time_s.total"),
                     (r.at("fidelity") == "bound" ? 0.5 : 1) / (mu * rows));
  }
  EXPECT_EQ(counts["bound"], 20);
  EXPECT_EQ(counts["event"], 3);
  std::set<std::string> front;
  for (const json& p : outcome.summary.at("fidelities").at(0).at("front"))
    front.insert(p.at("key"));
  EXPECT_GE(front.size(), 3u);
  std::set<std::string> front_points, looked_at;
  for (const json& r : lines_of(folder / "results.jsonl")) {
    if (front.count(r.at("key")) != 0) front_points.insert(r.at("point").dump());
    if (r.at("fidelity") == "event") looked_at.insert(r.at("point").dump());
  }
  for (const std::string& point : looked_at) EXPECT_EQ(front_points.count(point), 1u) << point;
}

TEST(Sweep, AnswersAnOutsideOptimiser) {
  const auto folder = fresh_folder();
  std::istringstream ask(
      "{\"id\": 7, \"point\": {\"matrix.mu\": 2, \"matrix.array_rows\": 4}}\n"
      "{\"id\": 8, \"point\": {\"matrix.mu\": 9, \"matrix.array_rows\": 4}}\n"
      "not json\n"
      "{\"id\": 9, \"point\": {\"matrix.mu\": 4, \"matrix.array_rows\": 16}}\n"
      "{\"id\": \"x\", \"point\": {\"matrix.mu\": 2, \"matrix.array_rows\": 4}}\n");
  std::ostringstream tell;
  SweepOptions options = double_options(folder);
  options.ask = &ask;
  options.tell = &tell;
  WorkerCalls calls;
  run_sweep(space_of(space_text(kAxes, "{kind: ask-tell}",
                                "constraints:\n  - matrix.mu * matrix.array_rows <= 32\n")),
            options);
  EXPECT_EQ(calls.count(), 1u);
  std::istringstream text(tell.str());
  std::vector<json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0].at("schema"), "lutsim.ask_tell/1");
  EXPECT_EQ(lines[0].at("axes").at(1).at("values"), json({1, 2, 4, 8, 16}));
  EXPECT_EQ(lines[1].at("id"), 7);
  EXPECT_EQ(lines[1].at("objectives").at("time_s.total"), 1.0 / 8);
  EXPECT_EQ(lines[2].at("status"), "error");
  EXPECT_THAT(lines[2].at("reason").get<std::string>(), HasSubstr("1 .. 8"));
  EXPECT_EQ(lines[3].at("status"), "error");
  EXPECT_EQ(lines[4].at("status"), "excluded");
  EXPECT_EQ(lines[5].at("id"), "x");
  EXPECT_EQ(lines[5].at("objectives"), lines[1].at("objectives"));
}

TEST(Sweep, TheTablesHoldWhatTheRecordsHold) {
  const auto folder = fresh_folder();
  run_sweep(space_of(space_text("  clock: [500 MHz, 1 GHz]\n  weight_bits: [3 bit]\n"
                                "  dma.setup_cycles: [1, 101]\n")),
            double_options(folder));
  const auto table = read_csv(read_file(folder / "results.csv"));
  ASSERT_EQ(table.size(), 5u);
  const auto column = [&](const std::string& name) {
    const auto at = std::find(table[0].begin(), table[0].end(), name);
    EXPECT_NE(at, table[0].end()) << name;
    return static_cast<std::size_t>(at - table[0].begin());
  };
  EXPECT_EQ(table[1][column("clock_hz")], "500000000.0");
  EXPECT_EQ(table[1][column("weight_bits")], "3");
  EXPECT_EQ(table[1][column("energy_j.total.high")], "12");
  EXPECT_EQ(table[2][column("status")], "failed");
  EXPECT_EQ(table[2][column("energy_j.total")], "");

  sqlite3* database = nullptr;
  ASSERT_EQ(::sqlite3_open((folder / "results.sqlite").c_str(), &database), SQLITE_OK);
  std::string answer;
  const auto ask = [&](const char* sql) {
    answer.clear();
    const auto row = [](void* out, int n, char** cells, char**) {
      for (int i = 0; i < n; ++i)
        *static_cast<std::string*>(out) += std::string(cells[i] ? cells[i] : "null") + " ";
      return 0;
    };
    EXPECT_EQ(::sqlite3_exec(database, sql, row, &answer, nullptr), SQLITE_OK);
    return answer;
  };
  EXPECT_EQ(ask("SELECT count(*), sum(\"time_s.total\" > 0) FROM points"), "4 2 ");
  EXPECT_EQ(ask("SELECT avg(\"clock_hz\") FROM points WHERE status = 'ok'"), "750000000.0 ");
  EXPECT_EQ(ask("SELECT sum(a.amount * c.value) FROM amounts a JOIN constants c ON a.constant = "
                "c.name"),
            "16 ");
  ::sqlite3_close(database);
}

}  // namespace
}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/sweep.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "tests/tools/sweep/space_text.h"
#include "tools/process/process.h"
#include "tools/support/read_file.h"
#include "tools/sweep/csv.h"

/// Whole sweeps, with a worker that needs no time and fails where it is told to.
namespace lutsim::tools::sweep {
namespace {

using json = nlohmann::ordered_json;
using test::fresh_folder;
using test::space_of;
using test::space_text;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

SweepOptions options_of(const fs::path& out) {
  SweepOptions options;
  options.out = out;
  options.evaluator.worker = {LUTSIM_WORKER_DOUBLE};
  options.evaluator.build = "test";
  return options;
}

/// The derived files that must not depend on how a sweep came about.
std::string derived(const fs::path& folder) {
  std::string all;
  for (const char* name :
       {"results.jsonl", "results.csv", "front.csv", "summary.json", "summary.txt"}) {
    EXPECT_TRUE(fs::exists(folder / name)) << name;
    all += read_file(folder / name);
  }
  return all;
}

std::vector<json> lines_of(const fs::path& file) {
  std::vector<json> lines;
  std::istringstream text(read_file(file));
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  return lines;
}

/// Records by the value of an axis.
std::map<std::string, json> records_by(const fs::path& folder, const std::string& axis) {
  std::map<std::string, json> records;
  for (const json& r : lines_of(folder / "results.jsonl"))
    records[r.at("point").at(axis).dump()] = r;
  return records;
}

const char* const kAxes = "  matrix.mu: [1, 2, 3, 4]\n  matrix.array_rows: [1, 2, 4, 8, 16]\n";

TEST(Sweep, WritesOneRecordAPointAndWhatFollowsFromThem) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(kAxes, "{kind: grid}",
                                               "constraints:\n"
                                               "  - matrix.mu * matrix.array_rows <= 32\n"
                                               "  - area_mm2.total <= 20\n"));
  const SweepOutcome outcome = run_sweep(space, options_of(folder));
  const json& counts = outcome.summary.at("counts");
  EXPECT_EQ(counts.at("proposed"), 20);
  EXPECT_EQ(counts.at("excluded"), 2);  // 3 x 16 and 4 x 16
  EXPECT_EQ(counts.at("records"), 18);
  EXPECT_EQ(counts.at("feasible"), 17);  // 4 x 8 has 24 mm2
  EXPECT_EQ(outcome.failed, 0u);
  EXPECT_TRUE(outcome.summary.at("complete").get<bool>());
  EXPECT_EQ(outcome.points_run, 18u);
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
  const SweepOutcome outcome = run_sweep(space, options_of(folder));
  std::set<Values> expected;
  std::vector<Values> all;
  for (double mu : {1, 2, 3, 4})
    for (double rows : {1, 2, 4, 8, 16}) all.push_back({1 / (mu * rows), mu * mu + rows});
  for (const Values& a : all)
    if (std::none_of(all.begin(), all.end(), [&](const Values& b) { return dominates(b, a); }))
      expected.insert(a);
  std::set<Values> found;
  const json& fidelity = outcome.summary.at("fidelities").at(0);
  for (const json& p : fidelity.at("front"))
    found.insert({p.at("objectives").at("time_s.total"), p.at("objectives").at("area_mm2.total")});
  EXPECT_EQ(found, expected);
  EXPECT_EQ(fidelity.at("reference").at("time_s.total"), 1.0);
  EXPECT_EQ(fidelity.at("reference").at("area_mm2.total"), 32.0);
  EXPECT_GT(fidelity.at("hypervolume").get<double>(), 0);
}

TEST(Sweep, IsTheSameForAnyNumberOfJobsAndShards) {
  const SweepSpace space = space_of(space_text(kAxes));
  const auto one = fresh_folder(".one"), four = fresh_folder(".four"),
             parts = fresh_folder(".parts");
  run_sweep(space, options_of(one));
  SweepOptions options = options_of(four);
  options.evaluator.jobs = 4;
  run_sweep(space, options);
  EXPECT_EQ(derived(four), derived(one));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    options = options_of(parts);
    options.shard = {i, 3};
    run_sweep(space, options);
    EXPECT_FALSE(fs::exists(parts / "results.jsonl"));
    EXPECT_EQ(merge_sweep(parts).summary.at("complete").get<bool>(), i == 3);
    EXPECT_TRUE(fs::remove(parts / "results.jsonl"));
  }
  merge_sweep(parts);
  EXPECT_EQ(derived(parts), derived(one));
}

TEST(Sweep, OnePointThatFailsCostsOneRecord) {
  const auto folder = fresh_folder();
  const auto grandchild = fresh_folder(".grandchild") / "pid";
  ::setenv("LUTSIM_TEST_GRANDCHILD", grandchild.c_str(), 1);
  std::string limits = "limits: {time: 2 s, memory: 1 GB}\n";
#ifdef __SANITIZE_ADDRESS__
  // The sanitizer maps more than any limit, and would eat all of the machine without one.
  const std::string faults = "[1, 101, 102, 104, 105, 106]";
  limits = "limits: {time: 5 s}\n";
#else
  const std::string faults = "[1, 101, 102, 103, 104, 105, 106]";
#endif
  SweepOptions options = options_of(folder);
  options.evaluator.jobs = 3;
  const SweepOutcome outcome = run_sweep(
      space_of(space_text("  dma.setup_cycles: " + faults + "\n", "{kind: grid}", limits)),
      options);
  ::unsetenv("LUTSIM_TEST_GRANDCHILD");
  auto records = records_by(folder, "dma.setup_cycles");
  EXPECT_EQ(records["1"].at("status"), "ok");
  EXPECT_EQ(records["101"].at("reason"), "signal 11: Segmentation fault");
  EXPECT_THAT(records["102"].at("reason").get<std::string>(), HasSubstr("time: killed after"));
#ifndef __SANITIZE_ADDRESS__
  EXPECT_EQ(records["103"].at("reason"), "memory: needs more than 1000000000 bytes");
  EXPECT_EQ(records["103"].at("status"), "failed");
  EXPECT_EQ(outcome.failed, 5u);
#endif
  EXPECT_EQ(records["104"].at("reason"), "exit status 3: simulation failed: a deadlock");
  EXPECT_EQ(records["105"].at("status"), "refused");
  EXPECT_EQ(records["105"].at("reason"), "exit status 2: error: these values do not go together");
  EXPECT_EQ(records["106"].at("reason"), "the worker printed no result");
  for (const char* failed : {"101", "102", "104", "106"}) {
    EXPECT_EQ(records[failed].at("status"), "failed");
    const std::string key = records[failed].at("key");
    EXPECT_TRUE(fs::exists(folder / "failed" / (key + ".yaml"))) << failed;
  }
  // What a hanging point had started is gone as well.
  const int pid = std::atoi(read_file(grandchild).c_str());
  ASSERT_GT(pid, 0);
  bool is_alive = true;
  for (int i = 0; i < 100 && is_alive; ++i) {
    const std::string state = read_file("/proc/" + std::to_string(pid) + "/stat");
    is_alive = !state.empty() && state.find(") Z") == std::string::npos;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(is_alive);
  EXPECT_EQ(outcome.summary.at("failures").size(), outcome.failed);
}

class Calls {
 public:
  Calls() : file_(fresh_folder(".calls") / "calls") {
    ::setenv("LUTSIM_TEST_CALLS", file_.c_str(), 1);
  }
  ~Calls() { ::unsetenv("LUTSIM_TEST_CALLS"); }
  /// Since the last call of count().
  std::size_t count() {
    const std::string text = read_file(file_);
    fs::remove(file_);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

 private:
  fs::path file_;
};

TEST(Sweep, ResumeRunsOnlyWhatIsMissing) {
  const auto folder = fresh_folder();
  Calls calls;
  const SweepSpace space = space_of(space_text("  dma.setup_cycles: [1, 2, 3, 101]\n"));
  SweepOptions options = options_of(folder);
  run_sweep(space, options);
  EXPECT_EQ(calls.count(), 4u);
  const std::string before = derived(folder);
  options.resume = true;
  const SweepOutcome again = run_sweep(space, options);
  EXPECT_EQ(calls.count(), 0u);
  EXPECT_EQ(again.points_found, 4u);
  options.evaluator.retry_failed = true;
  run_sweep(space, options);
  EXPECT_EQ(calls.count(), 1u);
  EXPECT_EQ(derived(folder), before);
}

TEST(Sweep, AnotherSweepIsAsGoodAsARun) {
  const auto first = fresh_folder(".first"), second = fresh_folder(".second");
  Calls calls;
  run_sweep(space_of(space_text("  matrix.mu: [1, 2, 3]\n")), options_of(first));
  EXPECT_EQ(calls.count(), 3u);
  SweepOptions options = options_of(second);
  options.evaluator.reuse.push_back(first);
  // The axis of rows has the value that the others have without it.
  const SweepOutcome outcome = run_sweep(
      space_of(space_text("  matrix.mu: [2, 3, 4]\n  matrix.array_rows: [8]\n")), options);
  EXPECT_EQ(calls.count(), 1u);
  EXPECT_EQ(outcome.points_found, 2u);
  EXPECT_EQ(outcome.summary.at("counts").at("ok"), 3);
  EXPECT_EQ(outcome.summary.at("constants").size(), 1u);
}

TEST(Sweep, PointsThatAreTheSameRunRunOnce) {
  const auto folder = fresh_folder();
  Calls calls;
  // At equal peak throughput the array of figna follows from mu * array_cols.
  const SweepOutcome outcome = run_sweep(
      space_of(
          space_text("  engine: [figna]\n  matrix.mu: [2, 4]\n  matrix.array_cols: [16, 32]\n")),
      options_of(folder));
  EXPECT_EQ(calls.count(), 3u);
  EXPECT_EQ(outcome.summary.at("counts").at("duplicates"), 1);
}

TEST(Sweep, AnOptimiserComesWithRandomPointsOfTheSameNumber) {
  const auto folder = fresh_folder(), again = fresh_folder(".again");
  Calls calls;
  const SweepSpace space =
      space_of(space_text(kAxes, "{kind: nsga2, points: 32, population: 8, seed: 2}"));
  const SweepOutcome outcome = run_sweep(space, options_of(folder));
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
  SweepOptions options = options_of(again);
  options.evaluator.jobs = 3;
  run_sweep(space, options);
  EXPECT_EQ(derived(again), derived(folder));
}

TEST(Sweep, TheBestPointsAreLookedAtMoreClosely) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(
      kAxes, "{kind: grid}", "fidelity: bound\nrefine:\n  - {fidelity: event, points: 3}\n"));
  const SweepOutcome outcome = run_sweep(space, options_of(folder));
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
  SweepOptions options = options_of(folder);
  options.ask = &ask;
  options.tell = &tell;
  Calls calls;
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
            options_of(folder));
  const auto table = read_csv(read_file(folder / "results.csv"));
  ASSERT_EQ(table.size(), 5u);
  const auto column = [&](const std::string& name) {
    const auto at = std::find(table[0].begin(), table[0].end(), name);
    EXPECT_NE(at, table[0].end()) << name;
    return static_cast<std::size_t>(at - table[0].begin());
  };
  EXPECT_EQ(table[1][column("clock_hz")], "500000000.0");
  EXPECT_EQ(table[1][column("weight_bits")], "3");
  EXPECT_EQ(table[1][column("energy_j.total.high")], "12.0");
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
            "16.0 ");
  ::sqlite3_close(database);
}

TEST(Sweep, TheConfigurationOfAPointRunsAgain) {
  const auto folder = fresh_folder();
  run_sweep(space_of(space_text("  matrix.mu: [2, 4]\n")), options_of(folder));
  const std::string key = lines_of(folder / "results.jsonl").front().at("key");
  const std::string text = config_of_point(folder, key.substr(0, 12));
  EXPECT_THAT(text, HasSubstr("mu: 2"));
  EXPECT_THROW(config_of_point(folder, "zz"), config::InputError);
  EXPECT_THROW(config_of_point(folder, ""), config::InputError);  // more than one
}

}  // namespace
}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "tests/tools/sweep/double_sweep.h"

/// Points that fail, and points that need not run.
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

/// Records by the value of an axis.
std::map<std::string, json> records_by(const fs::path& folder, const std::string& axis) {
  std::map<std::string, json> records;
  for (const json& r : lines_of(folder / "results.jsonl"))
    records[r.at("point").at(axis).dump()] = r;
  return records;
}

TEST(SweepPoints, OneThatFailsCostsOneRecord) {
  const auto folder = fresh_folder();
  const SweepOutcome outcome =
      run_sweep(space_of(space_text("  dma.setup_cycles: [1, 101, 104, 105, 106]\n")),
                double_options(folder, 3));
  auto records = records_by(folder, "dma.setup_cycles");
  EXPECT_EQ(records["1"].at("status"), "ok");
  EXPECT_EQ(records["101"].at("reason"), "signal 11: Segmentation fault");
  EXPECT_EQ(records["104"].at("reason"), "exit status 3: simulation failed: a deadlock");
  EXPECT_EQ(records["105"].at("status"), "refused");
  EXPECT_EQ(records["105"].at("reason"), "exit status 2: error: these values do not go together");
  EXPECT_EQ(records["106"].at("reason"), "the worker printed no result");
  for (const char* failed : {"101", "104", "106"}) {
    EXPECT_EQ(records[failed].at("status"), "failed");
    EXPECT_FALSE(records[failed].at("feasible").get<bool>());
    const std::string key = records[failed].at("key");
    EXPECT_TRUE(fs::exists(folder / "failed" / (key + ".yaml"))) << failed;
  }
  EXPECT_EQ(outcome.failed, 3u);
  EXPECT_EQ(outcome.summary.at("failures").size(), 3u);
  EXPECT_EQ(outcome.summary.at("fidelities").at(0).at("feasible"), 1);
}

TEST(SweepPoints, OneThatHangsIsKilledWithAllThatItStarted) {
  const auto folder = fresh_folder();
  const auto grandchild = fresh_folder(".grandchild") / "pid";
  ::setenv("LUTSIM_TEST_GRANDCHILD", grandchild.c_str(), 1);
  run_sweep(
      space_of(space_text("  dma.setup_cycles: [102]\n", "{kind: grid}", "limits: {time: 2 s}\n")),
      double_options(folder));
  ::unsetenv("LUTSIM_TEST_GRANDCHILD");
  EXPECT_EQ(records_by(folder, "dma.setup_cycles")["102"].at("reason"), "time: killed after 2 s");
  const int pid = std::atoi(read_file(grandchild).c_str());
  ASSERT_GT(pid, 0);
  bool is_alive = true;
  for (int i = 0; i < 500 && is_alive; ++i) {
    const std::string state = read_file("/proc/" + std::to_string(pid) + "/stat");
    is_alive = !state.empty() && state.find(") Z") == std::string::npos;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(is_alive);
}

TEST(SweepPoints, OneThatEatsMemoryIsStopped) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer maps more than any limit";
#endif
  const auto folder = fresh_folder();
  const SweepOutcome outcome =
      run_sweep(space_of(space_text("  dma.setup_cycles: [1, 103]\n", "{kind: grid}",
                                    "limits: {memory: 256 MB}\n")),
                double_options(folder));
  auto records = records_by(folder, "dma.setup_cycles");
  EXPECT_EQ(records["1"].at("status"), "ok");
  EXPECT_EQ(records["103"].at("status"), "failed");
  EXPECT_EQ(records["103"].at("reason"), "memory: needs more than 256000000 bytes");
  EXPECT_EQ(outcome.failed, 1u);
}

TEST(SweepPoints, ResumeRunsOnlyWhatIsMissing) {
  const auto folder = fresh_folder();
  WorkerCalls calls;
  const SweepSpace space = space_of(space_text("  dma.setup_cycles: [1, 2, 3, 101]\n"));
  SweepOptions options = double_options(folder);
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

TEST(SweepPoints, AnotherProgramRunsAllOfThemAgain) {
  const auto folder = fresh_folder();
  WorkerCalls calls;
  const SweepSpace space = space_of(space_text("  dma.setup_cycles: [1, 2, 3]\n"));
  SweepOptions options = double_options(folder);
  run_sweep(space, options);
  const std::string before = derived(folder);
  EXPECT_EQ(calls.count(), 3u);
  options.resume = true;
  options.evaluator.build = "another";
  const SweepOutcome outcome = run_sweep(space, options);
  EXPECT_EQ(calls.count(), 3u);
  EXPECT_EQ(outcome.summary.at("counts").at("records"), 3);
  EXPECT_EQ(lines_of(folder / "results-1-of-1.jsonl").size(), 6u);
  EXPECT_THROW(merge_sweep(folder), config::InputError);  // which of two is meant?
  options.evaluator.build = "test";
  run_sweep(space, options);
  EXPECT_EQ(calls.count(), 0u);
  EXPECT_EQ(derived(folder), before);
}

TEST(SweepPoints, AnotherSweepIsAsGoodAsARun) {
  const auto first = fresh_folder(".first"), second = fresh_folder(".second");
  WorkerCalls calls;
  run_sweep(space_of(space_text("  matrix.mu: [2, 3, 5]\n")), double_options(first));
  EXPECT_EQ(calls.count(), 3u);
  SweepOptions options = double_options(second);
  options.evaluator.reuse.push_back(first);
  // The axis of rows has the value that the others have without it.
  const SweepOutcome outcome = run_sweep(
      space_of(space_text("  matrix.mu: [2, 3, 4]\n  matrix.array_rows: [8]\n")), options);
  EXPECT_EQ(calls.count(), 1u);
  EXPECT_EQ(outcome.points_found, 2u);
  EXPECT_EQ(outcome.summary.at("counts").at("ok"), 3);
  EXPECT_EQ(outcome.summary.at("constants").size(), 1u);
}

TEST(SweepPoints, PointsThatAreTheSameRunRunOnce) {
  const auto folder = fresh_folder();
  WorkerCalls calls;
  // At equal peak throughput the array of figna follows from mu * array_cols.
  const SweepOutcome outcome = run_sweep(
      space_of(
          space_text("  engine: [figna]\n  matrix.mu: [2, 4]\n  matrix.array_cols: [16, 32]\n")),
      double_options(folder));
  EXPECT_EQ(calls.count(), 3u);
  EXPECT_EQ(outcome.summary.at("counts").at("duplicates"), 1);
}

TEST(SweepPoints, TheConfigurationOfAPointRunsAgain) {
  const auto folder = fresh_folder();
  run_sweep(space_of(space_text("  matrix.mu: [2, 4]\n")), double_options(folder));
  const std::string key = lines_of(folder / "results.jsonl").front().at("key");
  const std::string text = config_of_point(folder, key.substr(0, 12));
  EXPECT_THAT(text, HasSubstr("mu: 2"));
  EXPECT_THROW(config_of_point(folder, "zz"), config::InputError);
  EXPECT_THROW(config_of_point(folder, ""), config::InputError);  // more than one
}

}  // namespace
}  // namespace lutsim::tools::sweep

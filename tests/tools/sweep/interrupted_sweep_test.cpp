// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include "tests/tools/sweep/double_sweep.h"

/// Sweeps that are stopped from outside, as processes of their own.
namespace lutsim::tools::sweep {
namespace {

using test::derived;
using test::double_options;
using test::fresh_folder;
using test::lines_of;
using test::space_of;
using test::space_text;
namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr int kInterruptedStatus = 130;

const char* const kEightyPoints =
    "  matrix.mu: [2, 3, 4, 5]\n  matrix.array_rows: [1, 2, 4, 8]\n"
    "  dma.setup_cycles: [1, 2, 3, 4, 5]\n";

/// Starts a sweep in a child that ends with 130 when it was interrupted.
pid_t start(const SweepSpace& space, const fs::path& folder, unsigned jobs) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int status = 1;
  try {
    const Interrupt interrupt("");
    SweepOptions options = double_options(folder, jobs);
    options.resume = true;
    options.evaluator.interrupt = &interrupt;
    status = run_sweep(space, options).interrupted ? kInterruptedStatus : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  ::_exit(status);
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::size_t lines_in(const fs::path& file) {
  const std::string text = read_file(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// False after half a minute.
bool until(const std::function<bool()>& holds) {
  for (int i = 0; i < 6000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return false;
}

class InterruptedSweep : public ::testing::Test {
 protected:
  void SetUp() override { pause(20); }
  void TearDown() override { ::unsetenv("LUTSIM_TEST_PAUSE_MS"); }
  static void pause(int ms) { ::setenv("LUTSIM_TEST_PAUSE_MS", std::to_string(ms).c_str(), 1); }
};

TEST_F(InterruptedSweep, KilledTenTimesItHasTheResultsOfAnUndisturbedOne) {
  const auto folder = fresh_folder(), undisturbed = fresh_folder(".undisturbed");
  const SweepSpace space = space_of(space_text(kEightyPoints));
  const fs::path results = folder / "results-1-of-1.jsonl", log = folder / "log-1-of-1.jsonl";
  std::mt19937 random(5);
  for (int kill = 0; kill < 10; ++kill) {
    const std::size_t before = lines_in(results);
    const pid_t sweep = start(space, folder, 2);
    ASSERT_TRUE(until([&] { return lines_in(results) > before; }));
    std::this_thread::sleep_for(milliseconds(random() % 40));
    ::kill(sweep, SIGKILL);
    ASSERT_EQ(wait_for(sweep), 128 + SIGKILL)
        << "over before it was killed " << kill + 1 << " times";
  }
  EXPECT_LT(lines_in(results), 80u);
  EXPECT_EQ(wait_for(start(space, folder, 2)), 0);

  pause(0);
  run_sweep(space, double_options(undisturbed));
  EXPECT_EQ(derived(folder), derived(undisturbed));
  std::set<std::string> keys;
  for (const auto& record : lines_of(results)) keys.insert(record.at("key"));
  EXPECT_EQ(keys.size(), 80u);
  EXPECT_EQ(lines_in(results), 80u);  // nothing lost, nothing twice
  std::map<std::string, int> starts, ends;
  for (const auto& entry : lines_of(log))
    ++(entry.at("event") == "start" ? starts : ends)[entry.at("key")];
  int cut_off = 0;
  for (const auto& [key, count] : ends) EXPECT_EQ(count, 1) << key;
  for (const auto& [key, count] : starts) cut_off += count - 1;
  EXPECT_LE(cut_off, 10 * 2);  // no more than were running when it was killed
}

TEST_F(InterruptedSweep, AnOptimiserThatIsKilledGoesOnWhereItWas) {
  const auto folder = fresh_folder(), undisturbed = fresh_folder(".undisturbed");
  const SweepSpace space =
      space_of(space_text(kEightyPoints, "{kind: nsga2, points: 64, population: 16, seed: 4}"));
  const fs::path results = folder / "results-1-of-1.jsonl";
  for (int kill = 0; kill < 3; ++kill) {
    const std::size_t before = lines_in(results);
    const pid_t sweep = start(space, folder, 2);
    ASSERT_TRUE(until([&] { return lines_in(results) > before + 8; }));
    ::kill(sweep, SIGKILL);
    ASSERT_EQ(wait_for(sweep), 128 + SIGKILL);
  }
  EXPECT_EQ(wait_for(start(space, folder, 2)), 0);
  pause(0);
  run_sweep(space, double_options(undisturbed));
  EXPECT_EQ(derived(folder), derived(undisturbed));
}

TEST_F(InterruptedSweep, TheFirstSignalFinishesWhatIsRunning) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(kEightyPoints));
  pause(400);
  const pid_t sweep = start(space, folder, 2);
  const fs::path log = folder / "log-1-of-1.jsonl";
  ASSERT_TRUE(until([&] { return lines_in(log) >= 2; }));
  ::kill(sweep, SIGINT);
  EXPECT_EQ(wait_for(sweep), kInterruptedStatus);
  std::size_t starts = 0, ends = 0;
  for (const auto& entry : lines_of(log)) ++(entry.at("event") == "start" ? starts : ends);
  EXPECT_EQ(starts, ends);
  EXPECT_EQ(lines_in(folder / "results-1-of-1.jsonl"), starts);
  EXPECT_LT(starts, 10u);
  const auto summary = nlohmann::ordered_json::parse(read_file(folder / "summary.json"));
  EXPECT_FALSE(summary.at("complete").get<bool>());
}

TEST_F(InterruptedSweep, TheSecondSignalKills) {
  const auto folder = fresh_folder();
  const SweepSpace space = space_of(space_text(kEightyPoints));
  pause(120'000);
  const pid_t sweep = start(space, folder, 2);
  const fs::path log = folder / "log-1-of-1.jsonl";
  ASSERT_TRUE(until([&] { return lines_in(log) == 2; }));
  ::kill(sweep, SIGINT);
  std::this_thread::sleep_for(milliseconds(50));
  ::kill(sweep, SIGINT);
  EXPECT_EQ(wait_for(sweep), kInterruptedStatus);
  EXPECT_EQ(lines_in(folder / "results-1-of-1.jsonl"), 0u);
  EXPECT_EQ(lines_in(log), 2u);
  pause(0);
  EXPECT_EQ(wait_for(start(space, folder, 2)), 0);
  EXPECT_EQ(lines_in(folder / "results-1-of-1.jsonl"), 80u);
}

}  // namespace
}  // namespace lutsim::tools::sweep

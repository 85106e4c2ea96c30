// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/sweep/space_text.h"
#include "tools/support/read_file.h"
#include "tools/sweep/sweep.h"

/// Sweeps with the worker of worker_double.cpp, and what they left behind.
namespace lutsim::test {

inline tools::sweep::SweepOptions double_options(const std::filesystem::path& out,
                                                 unsigned jobs = 1) {
  tools::sweep::SweepOptions options;
  options.out = out;
  options.evaluator.worker = {LUTSIM_WORKER_DOUBLE};
  options.evaluator.build = "test";
  options.evaluator.jobs = jobs;
  return options;
}

/// The derived files that must not depend on how a sweep came about, one after the other.
inline std::string derived(const std::filesystem::path& folder) {
  std::string all;
  for (const char* name :
       {"results.jsonl", "results.csv", "front.csv", "summary.json", "summary.txt"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
    all += tools::read_file(folder / name);
  }
  return all;
}

inline std::vector<nlohmann::ordered_json> lines_of(const std::filesystem::path& file) {
  std::vector<nlohmann::ordered_json> lines;
  std::istringstream text(tools::read_file(file));
  for (std::string line; std::getline(text, line);)
    lines.push_back(nlohmann::ordered_json::parse(line));
  return lines;
}

/// Counts the points that the worker was started for.
class WorkerCalls {
 public:
  WorkerCalls() : file_(fresh_folder(".calls") / "calls") {
    ::setenv("LUTSIM_TEST_CALLS", file_.c_str(), 1);
  }
  ~WorkerCalls() { ::unsetenv("LUTSIM_TEST_CALLS"); }
  /// Since the last call of count().
  std::size_t count() {
    const std::string text = tools::read_file(file_);
    std::filesystem::remove(file_);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

 private:
  std::filesystem::path file_;
};

}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/run_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "tools/support/read_file.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools::figure {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A program in lutsim's place that answers with the batch of its configuration and notes in a file
/// that it was called.
class RunStoreTest : public ::testing::Test {
 protected:
  RunStoreTest() { write_program("echo \"{\\\"batch\\\": $batch}\""); }

  void write_program(const std::string& answer) {
    std::ofstream(program()) << "#!/bin/sh\necho called >> " << (folder_.path() / "calls").string()
                             << "\nbatch=$(sed -n 's/^ *batch: //p' \"$4\")\n"
                             << answer << "\n";
    fs::permissions(program(), fs::perms::owner_all);
  }
  std::string program() const { return (folder_.path() / "lutsim").string(); }
  RunStore store() const { return {program(), folder_.path() / "cache", 2}; }
  std::size_t calls() const {
    const std::string text = read_file(folder_.path() / "calls");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  static RunSpec run(std::uint32_t batch) {
    RunSpec spec;
    spec.arch = config::load_arch("default");
    spec.workload.model = "opt-125m";
    spec.workload.batch = batch;
    return spec;
  }

  TemporaryFolder folder_;
};

TEST_F(RunStoreTest, RunsWhatIsNewAndKeepsItForTheNextStore) {
  const auto first = store().results({run(1), run(2), run(1)});
  EXPECT_EQ(calls(), 2u);
  ASSERT_EQ(first.size(), 3u);
  EXPECT_EQ(first[0].at("batch"), 1);
  EXPECT_EQ(first[1].at("batch"), 2);
  EXPECT_EQ(first[2].at("batch"), 1);
  const auto again = store().results({run(2), run(3)});
  EXPECT_EQ(calls(), 3u);
  EXPECT_EQ(again[0].at("batch"), 2);
  EXPECT_EQ(again[1].at("batch"), 3);
}

TEST_F(RunStoreTest, AnotherConfigurationOrProgramIsAnotherRun) {
  store().result(run(1));
  RunSpec other = run(1);
  other.arch.matrix.mu = 2;
  store().result(other);
  EXPECT_EQ(calls(), 2u);
  other = run(1);
  other.arch.energy_table = "rtl-28nm";
  store().result(other);
  EXPECT_EQ(calls(), 3u);
  write_program("echo \"{\\\"batch\\\": 99}\"");
  EXPECT_EQ(store().result(run(1)).at("batch"), 99);
}

TEST_F(RunStoreTest, WhatWasRunBeforeAFailureIsKept) {
  write_program(
      "if [ $batch = 7 ]; then echo broken >&2; exit 3; fi; echo \"{\\\"batch\\\": $batch}\"");
  RunStore one(program(), folder_.path() / "cache", 1);
  try {
    one.results({run(1), run(7)});
    ADD_FAILURE() << "a failed run went unnoticed";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("broken"));
    EXPECT_THAT(error.what(), HasSubstr("batch 7"));
  }
  EXPECT_EQ(calls(), 2u);
  one.result(run(1));
  EXPECT_EQ(calls(), 2u);
}

TEST_F(RunStoreTest, ARefusedRunIsWrongInput) {
  write_program("echo 'error: no room' >&2; exit 2");
  EXPECT_THROW(store().result(run(1)), config::InputError);
}

}  // namespace
}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
// `lutsim adapt` and `lutsim eval --adapter`, from the command line.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::HasSubstr;

const std::string kEmbedded = std::string(LUTSIM_SOURCE_DIR) + "/workloads/embedded/";
const std::string kText = " --text " + kEmbedded + "held_out.txt --items 3 ";

class Adapt : public testing::Test {
 protected:
  const std::filesystem::path folder_ = scratch_folder();
  const std::string base_ = (folder_ / "base.bcq").string();
  const std::string adapter_ = (folder_ / "task.adapter").string();
  const std::string train_ = "adapt " + base_ + " --text " + kEmbedded +
                             "calibration.txt --items 4 --steps 3 -o " + adapter_ + " ";

  void SetUp() override {
    ASSERT_EQ(lutsim("quantize kjv-1m --weight-bits 2 --out " + base_).status, 0);
  }
  void expect_refused(const std::string& arguments, const std::string& words) const {
    const CommandResult r = lutsim(arguments);
    EXPECT_EQ(r.status, 2) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(words));
    EXPECT_FALSE(std::filesystem::exists(adapter_)) << "something was written";
  }
};

TEST_F(Adapt, AnAdapterLowersTheLossInExactArithmeticAndLeavesItsBaseAlone) {
  const std::string file = read_text(base_);
  const auto before = lutsim("eval " + base_ + " --json" + kText).json();
  const auto trained = lutsim(train_ + "--held-out 2 --json");
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_LT(trained.json().at("difference").at("nll_per_token"), 0.0);
  EXPECT_EQ(trained.json().at("documents"), 2);
  EXPECT_EQ(trained.json().at("name"), "task");
  for (const char* engine : {"lut-i", "figna", "fp32"}) {
    const std::string how = "eval " + base_ + " --json --engine " + engine + kText;
    const auto adapted = lutsim(how + " --adapter " + adapter_);
    ASSERT_EQ(adapted.status, 0) << adapted.err;
    const auto json = adapted.json();
    const auto& a = json.at("adapter");
    EXPECT_LT(a.at("difference").at("nll_per_token"),
              -2 * a.at("difference").at("standard_error").get<double>());
    EXPECT_EQ(a.at("base_nll_per_token"), lutsim(how).json().at("nll_per_token")) << engine;
  }
  EXPECT_EQ(lutsim("eval " + base_ + " --json" + kText).json().at("nll_per_token"),
            before.at("nll_per_token"));
  EXPECT_EQ(read_text(base_), file);
}

TEST_F(Adapt, ThreadsChangeNoByte) {
  ASSERT_EQ(lutsim(train_ + "--jobs 1").status, 0);
  const std::string one = read_text(adapter_);
  ASSERT_EQ(lutsim(train_ + "--jobs 3").status, 0);
  EXPECT_EQ(read_text(adapter_), one);
  ASSERT_EQ(lutsim(train_ + "--seed 2").status, 0);
  EXPECT_NE(read_text(adapter_), one);
}

TEST_F(Adapt, AnAdapterIsRefusedForAnotherBaseAndForTextThatItHasSeen) {
  ASSERT_EQ(lutsim(train_).status, 0);
  const std::string with = " --adapter " + adapter_;
  CommandResult r = lutsim("eval kjv-1m --weight-bits 3" + kText + with);
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("task.adapter: error: adapter 'task' belongs to another base"));
  r = lutsim("eval " + base_ + " --items 5 --text " + kEmbedded + "calibration.txt" + with);
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("adapter task has seen 4 of the 5 documents"));
  r = lutsim("eval " + adapter_ + kText);
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("is an adapter, expected a model"));
  // The same planes, quantised on the way.
  EXPECT_EQ(lutsim("eval kjv-1m --weight-bits 2" + kText + with).status, 0);
}

TEST_F(Adapt, WrongInputIsRefusedBeforeAnythingIsWritten) {
  expect_refused("adapt kjv-1m --text " + kEmbedded + "calibration.txt -o " + adapter_,
                 "lutsim quantize");
  expect_refused(train_ + "--held-out 4", "leaves none of the 4 documents");
  expect_refused(train_ + "--skip 14", "expected 18 documents or more, found 15");
  expect_refused(train_ + "--rate 2", "learning_rate = 2");
  expect_refused(train_ + "--batch 0", "batch = 0");
  expect_refused("adapt " + base_ + " --text " + kEmbedded + "calibration.txt -o " +
                     (folder_ / "no" / "x").string(),
                 "cannot write");
  const std::string twice = (folder_ / "twice.txt").string();
  std::ofstream(twice)
      << "In the beginning.<|endoftext|>And God said.<|endoftext|>In the beginning.";
  expect_refused("adapt " + base_ + " --held-out 1 --text " + twice + " -o " + adapter_,
                 "the adapter has seen 1 of the 1 documents");
}

TEST_F(Adapt, AnInterruptWritesWhatThereIs) {
  const std::string program = std::string(LUTSIM_BINARY_DIR) + "/lutsim";
  const std::string text = kEmbedded + "calibration.txt";
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(1);
    ::execl(program.c_str(), "lutsim", "adapt", base_.c_str(), "--text", text.c_str(), "-o",
            adapter_.c_str(), "--steps", "100000", nullptr);
    ::_exit(1);
  }
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(std::filesystem::exists(adapter_));
  ::kill(child, SIGINT);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_EQ(lutsim("eval " + base_ + kText + " --adapter " + adapter_).status, 0);
}

}  // namespace
}  // namespace lutsim::test

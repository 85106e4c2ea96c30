// SPDX-License-Identifier: Apache-2.0
// `lutsim quantize` and `lutsim eval`: methods with calibration text, from the command line.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::HasSubstr;

const std::string kEmbedded = std::string(LUTSIM_SOURCE_DIR) + "/workloads/embedded/";
const std::string kCalibration =
    " --calibration " + kEmbedded + "calibration.txt --calibration-items 2 --iterations 2 ";
const std::string kText = " --text " + kEmbedded + "held_out.txt --items 2 ";

class Quality : public testing::Test {
 protected:
  const std::filesystem::path folder_ = scratch_folder();
  const std::string out_ = (folder_ / "model.bcq").string();

  void expect_refused(const std::string& arguments, const std::string& words) const {
    const CommandResult r = lutsim(arguments);
    EXPECT_EQ(r.status, 2) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr(words));
    EXPECT_FALSE(std::filesystem::exists(out_)) << "something was written";
  }
};

TEST_F(Quality, AQuantisedFileScoresAsTheMethodInEval) {
  for (const char* method : {"gptq --act-order", "flexround", "bcq"}) {
    const std::string how = std::string(" --method ") + method + " --weight-bits 3" + kCalibration;
    ASSERT_EQ(lutsim("quantize kjv-1m --out " + out_ + how).status, 0);
    const auto direct = lutsim("eval kjv-1m --json" + kText + how).json();
    const auto file = lutsim("eval " + out_ + " --json" + kText).json();
    EXPECT_EQ(file.at("nll_per_token"), direct.at("nll_per_token")) << method;
    EXPECT_EQ(file.at("calibration_documents"), 2) << method;
  }
}

TEST_F(Quality, EvaluationOfCalibrationTextIsRefusedAlsoForAFile) {
  const std::string seen = " --text " + kEmbedded + "calibration.txt --items 1 ";
  expect_refused("eval kjv-1m --method gptq" + kCalibration + seen,
                 "the quantiser has seen 1 of the 1 documents");
  ASSERT_EQ(lutsim("quantize kjv-1m --method gptq --out " + out_ + kCalibration).status, 0);
  const CommandResult r = lutsim("eval " + out_ + seen);
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("--calibration-skip"));
  EXPECT_EQ(lutsim("eval " + out_ + seen + "--skip 2").status, 0);
}

TEST_F(Quality, MethodsAndTextThatDoNotGoTogetherAreRefused) {
  const std::string quantize = "quantize kjv-1m --out " + out_;
  expect_refused(quantize + " --method gptq", "needs calibration text: --calibration FILE");
  expect_refused(quantize + " --average-bits 2.4", "needs calibration text");
  expect_refused(quantize + kCalibration, "method rtn reads no text");
  expect_refused(quantize + kCalibration + "--average-bits 3 --layer-bits 2,2,3,3,3",
                 "give one of them");
  expect_refused(quantize + kCalibration + "--average-bits 0.5", "average_bits = 0.5");
  expect_refused(quantize + " --method gptqq", "did you mean 'gptq'");
  expect_refused(quantize + " --method gptq --calibration-skip 28" + kCalibration,
                 "expected 30 documents or more, found 15");
}

TEST_F(Quality, ThePairedDifferenceIsSurerThanTheScore) {
  const auto r = lutsim("eval kjv-1m --against kjv-1m --weight-bits 3 --json" + kText).json();
  EXPECT_GT(r.at("difference").at("nll_per_token"), 0.0);
  EXPECT_LT(r.at("difference").at("standard_error"), r.at("standard_error"));
  const auto same = lutsim("eval kjv-1m --against kjv-1m --engine fp32 --json" + kText).json();
  EXPECT_EQ(same.at("difference").at("nll_per_token"), 0.0);
  EXPECT_EQ(same.at("difference").at("standard_error"), 0.0);
}

TEST_F(Quality, LayersOfOtherWidthsAndWholeRowsRunOnTheMachine) {
  ASSERT_EQ(lutsim("quantize kjv-1m --average-bits 2.4 --group-size 0 --method gptq --out " + out_ +
                   kCalibration)
                .status,
            0);
  const CommandResult r =
      lutsim("run --model " + out_ +
             " --functional --prompt 'In the' --generate-tokens 2 --gpu '' --json");
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_NEAR(r.json().at("workload").at("weight_bits").get<double>(), 2.4, 1e-9);
}

}  // namespace
}  // namespace lutsim::test

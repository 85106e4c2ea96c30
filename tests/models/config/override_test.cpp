// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/spec/arch_spec.h"
#include "tests/models/config/sample_spec.h"

/// Overrides: `--set path=value`.
namespace lutsim::config {
namespace {

using test::kGoodSample;
using test::SampleSpec;

SampleSpec sample() { return read_yaml_text<SampleSpec>(kGoodSample, "s.yaml"); }

std::string refusal(const std::vector<std::string>& sets) {
  SampleSpec s = sample();
  try {
    apply_sets(s, sets);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Override, SetsEveryType) {
  SampleSpec s = sample();
  apply_sets(s, {"name=7", "enabled=false", "colour=red", "clock=1.5 GHz", "gain=0.5",
                 "buffer.capacity=2MiB", "layers.1.bits=2 bit"});
  EXPECT_EQ(s.name, "7");
  EXPECT_FALSE(s.enabled);
  EXPECT_EQ(s.colour, test::Colour::red);
  EXPECT_EQ(s.clock, 1.5e9);
  EXPECT_EQ(s.gain, 0.5);
  EXPECT_EQ(s.buffer.capacity, 2u << 20);
  EXPECT_EQ(s.layers[0].bits, 4u);
  EXPECT_EQ(s.layers[1].bits, 2u);
  EXPECT_EQ(s.layers[1].note, "thin");
}

TEST(Override, TheLastOneWins) {
  SampleSpec s = sample();
  apply_sets(s, {"gain=0.5", "gain=0.75"});
  EXPECT_EQ(s.gain, 0.75);
}

TEST(Override, SetsAWholeListOrBlock) {
  SampleSpec s = sample();
  apply_sets(s, {"layers=[{bits: 1 bit}, {bits: 2 bit, note: b}, {bits: 3 bit}]",
                 "buffer={capacity: 1 KiB, banks: 3}"});
  ASSERT_EQ(s.layers.size(), 3u);
  EXPECT_EQ(s.layers[1].note, "b");
  EXPECT_EQ(s.buffer.banks, 3u);
}

TEST(Override, ReportsTheErrorsOfAllOfThem) {
  EXPECT_EQ(refusal({"clok=1 GHz", "gain=0.5", "buffer.banks=0", "banks=2", "gain"}),
            "<--set #1>:1:1: error: unknown key 'clok'\n"
            "  1 | clok=1 GHz\n"
            "    | ^\n"
            "  hint: did you mean 'clock'?\n"
            "<--set #3>:1:14: error: buffer.banks = 0 is outside 1 .. 1024\n"
            "  1 | buffer.banks=0\n"
            "    |              ^\n"
            "<--set #4>:1:1: error: unknown key 'banks'\n"
            "  1 | banks=2\n"
            "    | ^\n"
            "  hint: did you mean 'buffer.banks'?\n"
            "<--set #5>:1:1: error: expected PATH=VALUE\n"
            "  1 | gain\n"
            "    | ^\n"
            "  hint: for example clock=800 MHz\n"
            "4 errors");
}

TEST(Override, PointsAtTheComponentThatIsWrong) {
  EXPECT_EQ(refusal({"buffer.bnaks=2"}),
            "<--set #1>:1:8: error: unknown key 'buffer.bnaks'\n"
            "  1 | buffer.bnaks=2\n"
            "    |        ^\n"
            "  hint: did you mean 'banks'?\n"
            "1 error");
  EXPECT_EQ(refusal({"layers.2.bits=2 bit"}),
            "<--set #1>:1:8: error: unknown item 'layers.2'\n"
            "  1 | layers.2.bits=2 bit\n"
            "    |        ^\n"
            "  hint: the list has 2 items, counted from 0\n"
            "1 error");
  EXPECT_EQ(refusal({"gain.x=2"}),
            "<--set #1>:1:6: error: unknown key 'gain.x'\n"
            "  1 | gain.x=2\n"
            "    |      ^\n"
            "  hint: the key before it is a single value\n"
            "1 error");
  EXPECT_EQ(refusal({"buffer={capacity: 1 KiB, banks: 0}"}),
            "<--set #1>:1:33: error: buffer.banks = 0 is outside 1 .. 1024\n"
            "  1 | buffer={capacity: 1 KiB, banks: 0}\n"
            "    |                                 ^\n"
            "1 error");
}

TEST(Override, LeavesTheStructAloneWhenOneIsRefused) {
  SampleSpec s = sample();
  EXPECT_THROW(apply_sets(s, {"gain=0.5", "gain=7"}), InputError);
  EXPECT_EQ(s.gain, 0.25);
}

TEST(Override, ALabelStandsForTheFile) {
  SampleSpec s = sample();
  try {
    apply_set(s, "gain=7", "axis gain");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).file, "<axis gain>");
  }
}

TEST(Override, FileAndOverrideErrorsComeTogether) {
  const std::string text =
      std::string(kGoodSample).replace(std::string(kGoodSample).find("0.25"), 4, "3");
  try {
    read_yaml_text<SampleSpec>(text, "s.yaml", {"clock=1"});
    FAIL();
  } catch (const InputError& error) {
    ASSERT_EQ(error.diagnostics().size(), 2u);
    EXPECT_EQ(error.diagnostics()[0].file, "s.yaml");
    EXPECT_EQ(error.diagnostics()[1].file, "<--set #1>");
  }
}

TEST(Override, WhatFieldsCannotSayAloneIsBlamedOnWhoeverGaveTheValue) {
  spec::ArchSpec arch;
  try {
    apply_sets(arch, {"clock=333 MHz", "matrix.act_format=int8"});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "<--set #1>:1:7: error: clock = 333.000000 MHz has a period that is not a whole "
                 "number of picoseconds\n"
                 "  1 | clock=333 MHz\n"
                 "    |       ^\n"
                 "<--set #2>:1:19: error: matrix.act_format = int8 is not a floating-point format "
                 "(fp16, bf16, fp32)\n"
                 "  1 | matrix.act_format=int8\n"
                 "    |                   ^\n"
                 "2 errors");
  }
}

}  // namespace
}  // namespace lutsim::config

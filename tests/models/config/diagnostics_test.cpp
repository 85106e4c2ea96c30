// SPDX-License-Identifier: Apache-2.0
#include "models/config/diagnostics.h"

#include <gtest/gtest.h>

namespace lutsim::config {
namespace {

TEST(InputError, PrintsEveryErrorWithPositionLineCaretAndHint) {
  const InputError error({{"a.yaml", 3, 5, "unknown key 'mv'", "did you mean 'mu'?", "    mv: 4"},
                          {"a.yaml", 12, 1, "missing key 'clock'", "", "x"}});
  EXPECT_STREQ(error.what(),
               "a.yaml:3:5: error: unknown key 'mv'\n"
               "  3 |     mv: 4\n"
               "    |     ^\n"
               "  hint: did you mean 'mu'?\n"
               "a.yaml:12:1: error: missing key 'clock'\n"
               "  12 | x\n"
               "     | ^\n"
               "2 errors");
}

TEST(InputError, OneErrorOfABinaryFileHasNoLine) {
  const InputError error("m.gguf", at_byte(4, "version 2 or 3", "9"));
  EXPECT_STREQ(error.what(), "m.gguf: error: at byte 4: expected version 2 or 3, found 9\n1 error");
  ASSERT_EQ(error.diagnostics().size(), 1u);
  EXPECT_EQ(error.diagnostics()[0].line, 0u);
}

TEST(InputError, CaretStandsUnderTheColumnAfterTabsAndUmlauts) {
  // Column 6 in bytes: a tab, 'a', a two-byte letter and a blank come before 'x'.
  EXPECT_EQ(to_string(Diagnostic{"f", 1, 6, "m", "", "\ta\xc3\xa4 x"}),
            "f:1:6: error: m\n"
            "  1 | \ta\xc3\xa4 x\n"
            "    | \t   ^\n");
}

TEST(NearestName, FindsSlipsOfTheHandAndOtherCase) {
  const std::vector<std::string> names{"mu", "array_rows", "array_cols", "lut-i"};
  EXPECT_EQ(nearest_name("array_row", names), "array_rows");
  EXPECT_EQ(nearest_name("aray_cosl", names), "array_cols");
  EXPECT_EQ(nearest_name("LUT-I", names), "lut-i");
  EXPECT_EQ(nearest_name("lut_i", names), "lut-i");
  EXPECT_EQ(nearest_name("mv", names), "mu");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("bandwidth", {"mu", "clock"}), "");
  EXPECT_EQ(did_you_mean("bandwidth", {"mu", "clock"}), "");
  EXPECT_EQ(nearest_name("a", {}), "");
}

}  // namespace
}  // namespace lutsim::config

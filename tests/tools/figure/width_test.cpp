// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/width.h"

#include <gmock/gmock.h>

#include "models/config/diagnostics.h"

namespace lutsim::tools::figure {
namespace {

using ::testing::HasSubstr;

std::string refusal(const char* text) {
  try {
    width_in_inches(text);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(FigureWidth, IsThatOfAVenueOrALength) {
  EXPECT_DOUBLE_EQ(width_in_inches("ieee-column"), 3.5);
  EXPECT_DOUBLE_EQ(width_in_inches("acm-page"), 7.0);
  EXPECT_DOUBLE_EQ(width_in_inches("3.25in"), 3.25);
  EXPECT_DOUBLE_EQ(width_in_inches("25.4mm"), 1.0);
}

TEST(FigureWidth, IsRefusedWithTheNearestName) {
  EXPECT_THAT(refusal("ieee-colum"), HasSubstr("did you mean 'ieee-column'"));
  EXPECT_THAT(refusal("3.33"), HasSubstr("neither a length"));
  EXPECT_THAT(refusal("3.33cm"), HasSubstr("neither a length"));
  EXPECT_THAT(refusal("0.9in"), HasSubstr("not between"));
  EXPECT_THAT(refusal("nanin"), HasSubstr("not between"));
}

}  // namespace
}  // namespace lutsim::tools::figure

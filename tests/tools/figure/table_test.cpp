// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace lutsim::tools::figure {
namespace {

TEST(FigureTable, NumbersReadBackToTheSameBitsAndTextsAreQuoted) {
  Table table({"name", "value_mj", "holds"});
  table.add({"a, \"b\"", 0.1 + 0.2, true});
  table.add({"plain", 3u, false});
  EXPECT_EQ(table.csv({"made by hand"}),
            "# made by hand\nname,value_mj,holds\n\"a, \"\"b\"\"\",0.30000000000000004,true\n"
            "plain,3,false\n");
}

TEST(FigureTable, WhatIsUnknownIsAnEmptyCell) {
  Table table({"a", "b"});
  table.add({std::nan(""), 1.5});
  EXPECT_EQ(table.csv({}), "a,b\n,1.5\n");
}

TEST(FigureTable, ARowOfAnotherLengthIsABug) {
  Table table({"a", "b"});
  EXPECT_THROW(table.add({1.0}), std::logic_error);
  EXPECT_TRUE(table.rows().empty());
}

}  // namespace
}  // namespace lutsim::tools::figure

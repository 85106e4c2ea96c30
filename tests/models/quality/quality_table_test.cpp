// SPDX-License-Identifier: Apache-2.0
#include "models/quality/quality_table.h"

#include <gtest/gtest.h>

namespace lutsim::models {
namespace {

TEST(QualityTable, TakesTheBestMethodOfAModelAndWidth) {
  QualityTable table;
  table.entries = {{"M", 3, "rtn", "t", 12, 10, "s"},
                   {"m", 3, "gptq", "t", 11, 10, "s"},
                   {"M", 4, "rtn", "t", 10.5, 10, "s"}};
  EXPECT_EQ(best_quality(table, "M", 3)->method, "gptq");
  EXPECT_DOUBLE_EQ(best_quality(table, "m", 4)->ratio(), 1.05);
  EXPECT_FALSE(best_quality(table, "M", 3.5));
  EXPECT_FALSE(best_quality(table, "other", 3));
}

TEST(QualityTable, PublishedOnesGetWorseWithFewerBits) {
  const QualityTable table = load_quality_table("published");
  EXPECT_GE(table.entries.size(), 20u);
  for (const char* model : {"OPT-6.7b", "OPT-30b", "Llama-3.1-8B", "Llama-2-7b-hf"}) {
    const auto four = best_quality(table, model, 4), three = best_quality(table, model, 3);
    ASSERT_TRUE(four && three) << model;
    EXPECT_GT(four->ratio(), 1) << model;
    EXPECT_GT(three->ratio(), four->ratio()) << model;
  }
}

}  // namespace
}  // namespace lutsim::models

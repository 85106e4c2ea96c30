// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/metric.h"

#include <gmock/gmock.h>

#include "models/config/diagnostics.h"

namespace lutsim::tools {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, StandInTheOrderOfTheEnumerationUnderTheirNames) {
  for (std::size_t i = 0; i < metrics().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(metrics()[i].metric), i);
    EXPECT_EQ(metric_of("x", metrics()[i].name), metrics()[i].metric);
  }
}

TEST(Requirement, ReadsUnitsAndBothDirections) {
  const Requirement tpot = parse_requirement("tpot<=50ms");
  EXPECT_EQ(tpot.metric, Metric::tpot);
  EXPECT_TRUE(tpot.holds(0.05));
  EXPECT_FALSE(tpot.holds(0.0501));
  const Requirement memory = parse_requirement("memory_free >= 4 GiB");
  EXPECT_TRUE(memory.holds(4294967296.0));
  EXPECT_FALSE(memory.holds(4294967295.0));
  EXPECT_DOUBLE_EQ(parse_requirement("perplexity_ratio<=1.05").bound, 1.05);
  EXPECT_DOUBLE_EQ(parse_requirement("power<=15W").bound, 15);
}

std::string refusal(const std::string& text) {
  try {
    parse_requirement(text);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Requirement, WhatIsWrongIsSaidWithTheWayOut) {
  EXPECT_THAT(refusal("tpot=50ms"), HasSubstr("METRIC<=VALUE"));
  EXPECT_THAT(refusal("tpto<=50ms"), HasSubstr("did you mean 'tpot'"));
  EXPECT_THAT(refusal("tpot<=50"), HasSubstr("ms"));
  EXPECT_THAT(refusal("tpot<=50W"), HasSubstr("ms"));
  EXPECT_THAT(refusal("area<=50mm2"), HasSubstr("without unit"));
  EXPECT_THAT(refusal("power<="), HasSubstr("no value"));
}

}  // namespace
}  // namespace lutsim::tools

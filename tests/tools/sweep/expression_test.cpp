// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/expression.h"

#include <gtest/gtest.h>

#include <map>

namespace lutsim::tools::sweep {
namespace {

bool holds(const std::string& text) {
  static const std::map<std::string, NamedValue> values{
      {"a", 2.0}, {"b.c", 3.0}, {"zero", 0.0}, {"engine", std::string("lut-i")}};
  return Comparison::parse(text).holds([](const std::string& name) -> std::optional<NamedValue> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  });
}

std::string refusal(const std::string& text) {
  try {
    holds(text);
  } catch (const ExpressionError& error) {
    return std::to_string(error.at) + ": " + error.message;
  }
  return "";
}

TEST(Expression, ComparesSums) {
  EXPECT_TRUE(holds("a < b.c"));
  EXPECT_FALSE(holds("a > b.c"));
  EXPECT_TRUE(holds("a <= 2"));
  EXPECT_FALSE(holds("a < 2"));
  EXPECT_TRUE(holds("a >= 2"));
  EXPECT_TRUE(holds("a == 2"));
  EXPECT_FALSE(holds("a != 2"));
}

TEST(Expression, ProductsBindTighterAndGroupToTheLeft) {
  EXPECT_TRUE(holds("1 + a * b.c == 7"));
  EXPECT_TRUE(holds("(1 + a) * b.c == 9"));
  EXPECT_TRUE(holds("10 - a - 3 == 5"));
  EXPECT_TRUE(holds("12 / a / b.c == 2"));
  EXPECT_TRUE(holds("-a + 3 == 1"));
  EXPECT_TRUE(holds("a - -1 == 3"));
}

TEST(Expression, ANumberWithAUnitIsInBaseUnits) {
  EXPECT_TRUE(holds("800 MHz == 8e8"));
  EXPECT_TRUE(holds("4 KiB == 4096"));
  EXPECT_TRUE(holds("6.4 Gb/s == 6.4e9"));
  EXPECT_TRUE(holds("6 / a == 3"));  // a blank before '/' is no unit
  EXPECT_EQ(refusal("3 parsec < a"), "1: unknown unit 'parsec'");
}

TEST(Expression, TextIsEqualOrNot) {
  EXPECT_TRUE(holds("engine == \"lut-i\""));
  EXPECT_FALSE(holds("engine == 'fp'"));
  EXPECT_TRUE(holds("engine != 'fp'"));
  EXPECT_EQ(refusal("engine < 3"), "0: 'lut-i' is text, not a number");
  EXPECT_EQ(refusal("engine == 3"), "10: text is compared with a number");
}

TEST(Expression, WithoutAValueNothingHolds) {
  EXPECT_FALSE(holds("unknown < 1e300"));
  EXPECT_FALSE(holds("unknown == unknown"));
  EXPECT_FALSE(holds("zero / zero == 0"));
  EXPECT_FALSE(holds("zero / zero != 0"));
}

TEST(Expression, SaysWhereItCannotBeRead) {
  EXPECT_EQ(refusal("a"), "1: expected a comparison: <=, <, >=, >, == or !=");
  EXPECT_EQ(refusal("a <"), "3: expected a number, a name, a text in quotes or '('");
  EXPECT_EQ(refusal("(a < 2"), "3: expected ')'");
  EXPECT_EQ(refusal("a < 2 < 3"), "6: unexpected '< 3'");
  EXPECT_EQ(refusal("a = 2"), "2: expected a comparison: <=, <, >=, >, == or !=");
  EXPECT_EQ(refusal("engine == 'x"), "10: a quote is not closed");
  EXPECT_EQ(refusal(std::string(1000, '(') + "a < 1"), "64: too deep");
  EXPECT_EQ(refusal(""), "0: expected a number, a name, a text in quotes or '('");
}

TEST(Expression, NamesStandInTheOrderOfTheText) {
  EXPECT_EQ(Comparison::parse("b * a <= c.d_1").names(),
            (std::vector<std::string>{"b", "a", "c.d_1"}));
}

}  // namespace
}  // namespace lutsim::tools::sweep

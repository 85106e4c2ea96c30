// SPDX-License-Identifier: Apache-2.0
#include "models/config/write_yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "models/config/read_yaml.h"
#include "tests/models/config/sample_spec.h"

namespace lutsim::config {
namespace {

using test::kGoodSample;
using test::SampleSpec;

TEST(WriteYaml, WritesTheCanonicalText) {
  const auto s = read_yaml_text<SampleSpec>(kGoodSample, "s.yaml");
  EXPECT_EQ(write_yaml(s),
            "schema: lutsim.sample/1\n"
            "name: small\n"
            "enabled: true\n"
            "colour: dark-blue\n"
            "clock: 800 MHz\n"
            "gain: 0.25\n"
            "energy: 1.35 pJ\n"
            "count: 18446744073709551615\n"
            "buffer:\n"
            "  capacity: 1536 B\n"
            "  banks: 2\n"
            "layers:\n"
            "  - bits: 4 bit\n"
            "    note: none\n"
            "  - bits: 3 bit\n"
            "    note: thin\n");
}

TEST(WriteYaml, AnEmptyListIsWritten) {
  SampleSpec s;
  EXPECT_NE(write_yaml(s).find("layers: []\n"), std::string::npos);
}

TEST(WriteYaml, RandomStructsReadBackBitForBit) {
  std::mt19937_64 random(3);
  const auto real = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int i = 0; i < 500; ++i) {
    SampleSpec s;
    s.name = "n" + std::to_string(i);
    s.enabled = random() % 2 == 0;
    s.colour = static_cast<test::Colour>(random() % 3);
    s.clock = real(1e6, 1e10);
    s.gain = real(0, 1);
    s.energy = std::ldexp(real(-1, 1), static_cast<int>(random() % 200) - 150);
    s.count = random() >> (random() % 64);
    s.buffer.capacity = random() >> (random() % 64);
    s.buffer.banks = 1 + static_cast<std::uint32_t>(random() % 1024);
    s.layers.resize(random() % 4);
    for (auto& layer : s.layers) layer.bits = 1 + static_cast<std::uint32_t>(random() % 8);
    const std::string text = write_yaml(s);
    const auto back = read_yaml_text<SampleSpec>(text, "back");
    ASSERT_EQ(to_value(back), to_value(s)) << text;
    ASSERT_EQ(std::signbit(back.energy), std::signbit(s.energy)) << text;
  }
}

TEST(WriteYaml, AnyTextReadsBack) {
  for (const std::string text : {"",          " ",           "off",
                                 "yes",       "No",          "null",
                                 "~",         "7",           "1.10",
                                 "0x10",      "a: b",        "a #b",
                                 "#b",        "- a",         "[a]",
                                 "\"q\"",     "back\\slash", "two\nlines\n",
                                 "tab\there", "it's",        "*a",
                                 "&a",        "!a",          "%a",
                                 "@a",        "trailing ",   "\xc3\xa4\xe2\x82\xac",
                                 "\x01\x7f",  "true",        "a,b",
                                 "x(y) z",    "lut-i"}) {
    SampleSpec s;
    s.name = text;
    s.clock = 1e9;
    const auto back = read_yaml_text<SampleSpec>(write_yaml(s), "back");
    EXPECT_EQ(back.name, text) << write_yaml(s);
  }
}

TEST(ToJson, HoldsBaseUnitsInTheOrderOfTheFieldList) {
  const auto s = read_yaml_text<SampleSpec>(kGoodSample, "s.yaml");
  EXPECT_EQ(to_json(s).dump(),
            R"({"schema":"lutsim.sample/1","name":"small","enabled":true,"colour":"dark-blue",)"
            R"("clock":800000000.0,"gain":0.25,"energy":1.35e-12,"count":18446744073709551615,)"
            R"("buffer":{"capacity":1536,"banks":2},)"
            R"("layers":[{"bits":4,"note":"none"},{"bits":3,"note":"thin"}]})");
}

TEST(ToJson, RefusesInfinity) {
  SampleSpec s;
  s.clock = INFINITY;
  EXPECT_THROW(to_json(s), spec::SpecError);
  EXPECT_THROW(write_yaml(s), spec::SpecError);
}

}  // namespace
}  // namespace lutsim::config

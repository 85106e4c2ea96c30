// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "tests/models/config/sample_spec.h"

/// The strict reader: what it accepts, and the exact text of every refusal.
namespace lutsim::config {
namespace {

using test::Colour;
using test::kGoodSample;
using test::SampleSpec;

/// kGoodSample with one line replaced.
std::string with(const std::string& old_line, const std::string& new_line) {
  std::string text = kGoodSample;
  const std::size_t at = text.find(old_line + "\n");
  EXPECT_NE(at, std::string::npos) << old_line;
  return text.replace(at, old_line.size() + 1, new_line.empty() ? "" : new_line + "\n");
}

/// What the reader says about a text that it must refuse.
std::string refusal(const std::string& text) {
  try {
    read_yaml_text<SampleSpec>(text, "s.yaml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(StrictReader, ReadsEveryType) {
  const auto s = read_yaml_text<SampleSpec>(kGoodSample, "s.yaml");
  EXPECT_EQ(s.name, "small");
  EXPECT_TRUE(s.enabled);
  EXPECT_EQ(s.colour, Colour::dark_blue);
  EXPECT_EQ(s.clock, 800e6);
  EXPECT_EQ(s.gain, 0.25);
  EXPECT_EQ(s.energy, 1.35e-12);
  EXPECT_EQ(s.count, 18446744073709551615u);
  EXPECT_EQ(s.buffer.capacity, 1536u);
  EXPECT_EQ(s.buffer.banks, 2u);
  ASSERT_EQ(s.layers.size(), 2u);
  EXPECT_EQ(s.layers[0].bits, 4u);
  EXPECT_EQ(s.layers[0].note, "none");
  EXPECT_EQ(s.layers[1].bits, 3u);
  EXPECT_EQ(s.layers[1].note, "thin");
}

TEST(StrictReader, ReadsJsonToo) {
  const auto s = read_yaml_text<SampleSpec>(
      R"({"schema": "lutsim.sample/1", "name": "a", "enabled": false, "colour": "red",
          "clock": "1 GHz", "gain": 1, "energy": "2 pJ", "count": 3,
          "buffer": {"capacity": "1 KiB", "banks": 4}})",
      "s.json");
  EXPECT_EQ(s.clock, 1e9);
  EXPECT_EQ(s.buffer.banks, 4u);
}

TEST(StrictReader, RefusesAnUnknownKeyWithTheNearestName) {
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: 2\n  bank: 3")),
            "s.yaml:12:3: error: unknown key 'buffer.bank'\n"
            "  12 |   bank: 3\n"
            "     |   ^\n"
            "  hint: did you mean 'banks'?\n"
            "1 error");
}

TEST(StrictReader, PointsToTheBlockThatHasTheKey) {
  EXPECT_EQ(refusal(with("gain: 0.25", "gain: 0.25\ncapacity: 4 KiB")),
            "s.yaml:7:1: error: unknown key 'capacity'\n"
            "  7 | capacity: 4 KiB\n"
            "    | ^\n"
            "  hint: did you mean 'buffer.capacity'?\n"
            "1 error");
}

TEST(StrictReader, ListsTheKeysWhenNoneIsNear) {
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: 2\n  wavelength: 3")),
            "s.yaml:12:3: error: unknown key 'buffer.wavelength'\n"
            "  12 |   wavelength: 3\n"
            "     |   ^\n"
            "  hint: the keys are: capacity, banks\n"
            "1 error");
}

TEST(StrictReader, RefusesADuplicateKey) {
  EXPECT_EQ(refusal(with("gain: 0.25", "gain: 0.25\nclock: 900 MHz")),
            "s.yaml:7:1: error: key 'clock' is given twice (first on line 5)\n"
            "  7 | clock: 900 MHz\n"
            "    | ^\n"
            "1 error");
}

TEST(StrictReader, RefusesAMissingKeyWhereItsBlockBegins) {
  EXPECT_EQ(refusal(with("  banks: 2", "")),
            "s.yaml:9:1: error: missing key 'buffer.banks' (banks)\n"
            "  9 | buffer:\n"
            "    | ^\n"
            "1 error");
}

TEST(StrictReader, RefusesAMissingUnit) {
  EXPECT_EQ(refusal(with("clock: 800 MHz", "clock: 800")),
            "s.yaml:5:8: error: clock needs a unit (one of: Hz, kHz, MHz, GHz)\n"
            "  5 | clock: 800\n"
            "    |        ^\n"
            "1 error");
  EXPECT_EQ(refusal(with("  - bits: 4 bit", "  - bits: 4")),
            "s.yaml:13:11: error: layers.0.bits needs a unit (one of: bit)\n"
            "  13 |   - bits: 4\n"
            "     |           ^\n"
            "  hint: did you mean '4 bit'?\n"
            "1 error");
}

TEST(StrictReader, RefusesAnUnknownUnitWithTheNearestOne) {
  EXPECT_EQ(refusal(with("clock: 800 MHz", "clock: 800 Mhz")),
            "s.yaml:5:8: error: clock: unknown unit 'Mhz' (one of: Hz, kHz, MHz, GHz)\n"
            "  5 | clock: 800 Mhz\n"
            "    |        ^\n"
            "  hint: did you mean '800 MHz'?\n"
            "1 error");
}

TEST(StrictReader, RefusesKbBecauseItHasTwoMeanings) {
  EXPECT_EQ(refusal(with("  capacity: 1.5 KiB", "  capacity: 2 KB")),
            "s.yaml:10:13: error: buffer.capacity: unknown unit 'KB' "
            "(one of: B, kB, KiB, MB, MiB, GB, GiB)\n"
            "  10 |   capacity: 2 KB\n"
            "     |             ^\n"
            "  hint: write kB for 1000 bytes or KiB for 1024 bytes\n"
            "1 error");
}

TEST(StrictReader, RefusesAUnitWhereNoneBelongs) {
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: 2 B")),
            "s.yaml:11:10: error: buffer.banks takes no unit, but has 'B'\n"
            "  11 |   banks: 2 B\n"
            "     |          ^\n"
            "1 error");
}

TEST(StrictReader, RefusesAValueOutOfRangeWithTheRangeInItsUnit) {
  EXPECT_EQ(refusal(with("clock: 800 MHz", "clock: 20 GHz")),
            "s.yaml:5:8: error: clock = 20 GHz is outside 1 MHz .. 10 GHz\n"
            "  5 | clock: 20 GHz\n"
            "    |        ^\n"
            "1 error");
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: -2")),
            "s.yaml:11:10: error: buffer.banks = -2 is outside 1 .. 1024\n"
            "  11 |   banks: -2\n"
            "     |          ^\n"
            "1 error");
}

TEST(StrictReader, RefusesAnIntegerThatItsTypeCannotHold) {
  EXPECT_EQ(refusal(with("count: 18446744073709551615", "count: 18446744073709551616")),
            "s.yaml:8:8: error: count = 18446744073709551616 is outside 0 .. "
            "18446744073709551615\n"
            "  8 | count: 18446744073709551616\n"
            "    |        ^\n"
            "1 error");
}

/// 32 bits and no range of its own.
struct NarrowSpec {
  std::uint32_t count = 0;
  static constexpr auto fields() {
    return std::make_tuple(spec::field("count", &NarrowSpec::count, "a count"));
  }
};

TEST(StrictReader, DoesNotCutAnIntegerTo32Bits) {
  EXPECT_EQ(read_yaml_text<NarrowSpec>("count: 4294967295\n", "n.yaml").count, 4294967295u);
  try {
    read_yaml_text<NarrowSpec>("count: 4294967296\n", "n.yaml");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).message, "count = 4294967296 is outside 0 .. 4294967295");
  }
}

TEST(StrictReader, RefusesAFractionWhereAWholeNumberBelongs) {
  EXPECT_EQ(refusal(with("  capacity: 1.5 KiB", "  capacity: 1.5 B")),
            "s.yaml:10:13: error: buffer.capacity = 1.5 B is not a whole number of B\n"
            "  10 |   capacity: 1.5 B\n"
            "     |             ^\n"
            "1 error");
}

TEST(StrictReader, RefusesScientificHexadecimalAndQuotedIntegers) {
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: 1e3")),
            "s.yaml:11:10: error: buffer.banks must be a whole number, but is '1e3'\n"
            "  11 |   banks: 1e3\n"
            "     |          ^\n"
            "1 error");
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: 010")),
            "s.yaml:11:10: error: buffer.banks must be a whole number, but is '010'\n"
            "  11 |   banks: 010\n"
            "     |          ^\n"
            "1 error");
  EXPECT_EQ(refusal(with("  banks: 2", "  banks: \"2\"")),
            "s.yaml:11:10: error: buffer.banks must be a whole number, but is '2' in quotes\n"
            "  11 |   banks: \"2\"\n"
            "     |          ^\n"
            "1 error");
  EXPECT_NE(refusal(with("  banks: 2", "  banks: 0x10")), "accepted");
  EXPECT_NE(refusal(with("gain: 0.25", "gain: .nan")), "accepted");
  EXPECT_NE(refusal(with("gain: 0.25", "gain: .inf")), "accepted");
}

TEST(StrictReader, RefusesAWordWhereAQuantityBelongs) {
  EXPECT_EQ(refusal(with("clock: 800 MHz", "clock: fast")),
            "s.yaml:5:8: error: clock must be a number with a unit, but is 'fast'\n"
            "  5 | clock: fast\n"
            "    |        ^\n"
            "1 error");
}

TEST(StrictReader, RefusesANameThatTheEnumerationLacks) {
  EXPECT_EQ(refusal(with("colour: dark-blue", "colour: dark_blue")),
            "s.yaml:4:9: error: colour: 'dark_blue' is not one of: red, green, dark-blue\n"
            "  4 | colour: dark_blue\n"
            "    |         ^\n"
            "  hint: did you mean 'dark-blue'?\n"
            "1 error");
}

TEST(StrictReader, RefusesYesForABoolean) {
  EXPECT_EQ(refusal(with("enabled: true", "enabled: yes")),
            "s.yaml:3:10: error: enabled must be true or false, but is 'yes'\n"
            "  3 | enabled: yes\n"
            "    |          ^\n"
            "1 error");
}

TEST(StrictReader, RefusesANumberForText) {
  EXPECT_EQ(refusal(with("name: small", "name: 1.10")),
            "s.yaml:2:7: error: name must be text, but is 1.10\n"
            "  2 | name: 1.10\n"
            "    |       ^\n"
            "  hint: write it in quotes: \"1.10\"\n"
            "1 error");
}

TEST(StrictReader, RefusesAKeyWithoutAValue) {
  EXPECT_EQ(refusal(with("gain: 0.25", "gain:")),
            "s.yaml:6:1: error: gain has no value\n"
            "  6 | gain:\n"
            "    | ^\n"
            "1 error");
}

TEST(StrictReader, RefusesTheWrongShape) {
  EXPECT_EQ(refusal(with("gain: 0.25", "gain: [1, 2]")),
            "s.yaml:6:7: error: gain must be a single value, but is a list\n"
            "  6 | gain: [1, 2]\n"
            "    |       ^\n"
            "1 error");
  EXPECT_EQ(refusal("- 1\n- 2\n"),
            "s.yaml:1:1: error: the file must be a map of keys, but is a list\n"
            "  1 | - 1\n"
            "    | ^\n"
            "1 error");
  EXPECT_EQ(refusal(""),
            "s.yaml:1:1: error: the file must be a map of keys, but is empty\n"
            "1 error");
}

TEST(StrictReader, RefusesAnotherSchemaAndSaysNothingElse) {
  EXPECT_EQ(refusal("schema: lutsim.sample/2\nother: 1\n"),
            "s.yaml:1:9: error: this file has schema 'lutsim.sample/2', expected "
            "'lutsim.sample/1'\n"
            "  1 | schema: lutsim.sample/2\n"
            "    |         ^\n"
            "1 error");
}

TEST(StrictReader, ReportsASyntaxErrorWithItsPlace) {
  EXPECT_EQ(refusal("schema: lutsim.sample/1\nname: \"small\ngain: 1\n"),
            "s.yaml:3:8: error: not valid YAML: illegal EOF in scalar\n"
            "  3 | gain: 1\n"
            "    |        ^\n"
            "  hint: a quote is not closed\n"
            "1 error");
}

TEST(StrictReader, RefusesATabInTheIndentation) {
  EXPECT_EQ(refusal("schema: lutsim.sample/1\nbuffer:\n\tbanks: 2\n").find("s.yaml:3:"), 0u)
      << refusal("schema: lutsim.sample/1\nbuffer:\n\tbanks: 2\n");
}

TEST(StrictReader, RefusesNestingWithoutEnd) {
  EXPECT_NE(refusal(std::string(100000, '[')).find("not valid YAML"), std::string::npos);
}

TEST(StrictReader, RefusesAnchorsAliasesTagsAndSecondDocuments) {
  EXPECT_EQ(refusal(with("gain: 0.25", "gain: &g 0.25")),
            "s.yaml:6:7: error: anchors (&name) are not supported\n"
            "  6 | gain: &g 0.25\n"
            "    |       ^\n"
            "  hint: write the value out\n"
            "1 error");
  EXPECT_EQ(refusal(with("gain: 0.25", "gain: !!float 0.25")),
            "s.yaml:6:7: error: tags (tag:yaml.org,2002:float) are not supported\n"
            "  6 | gain: !!float 0.25\n"
            "    |       ^\n"
            "1 error");
  EXPECT_EQ(refusal(std::string(kGoodSample) + "---\nname: more\n"),
            "s.yaml:17:1: error: a second document in one file\n"
            "  17 | name: more\n"
            "     | ^\n"
            "  hint: every file holds one document; remove the line '---'\n"
            "1 error");
}

TEST(StrictReader, ReportsAllErrorsAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(refusal("schema: lutsim.sample/1\n"
                    "name: small\n"
                    "enabled: maybe\n"
                    "colour: gren\n"
                    "clock: 800 Mhz\n"
                    "gain: 2\n"
                    "energy: 1 pJ\n"
                    "count: 1\n"
                    "buffer: {capacity: 1 KiB, bnks: 2}\n"),
            "s.yaml:3:10: error: enabled must be true or false, but is 'maybe'\n"
            "  3 | enabled: maybe\n"
            "    |          ^\n"
            "s.yaml:4:9: error: colour: 'gren' is not one of: red, green, dark-blue\n"
            "  4 | colour: gren\n"
            "    |         ^\n"
            "  hint: did you mean 'green'?\n"
            "s.yaml:5:8: error: clock: unknown unit 'Mhz' (one of: Hz, kHz, MHz, GHz)\n"
            "  5 | clock: 800 Mhz\n"
            "    |        ^\n"
            "  hint: did you mean '800 MHz'?\n"
            "s.yaml:6:7: error: gain = 2 is outside 0 .. 1\n"
            "  6 | gain: 2\n"
            "    |       ^\n"
            "s.yaml:9:1: error: missing key 'buffer.banks' (banks)\n"
            "  9 | buffer: {capacity: 1 KiB, bnks: 2}\n"
            "    | ^\n"
            "s.yaml:9:27: error: unknown key 'buffer.bnks'\n"
            "  9 | buffer: {capacity: 1 KiB, bnks: 2}\n"
            "    |                           ^\n"
            "  hint: did you mean 'banks'?\n"
            "6 errors");
}

/// A folder that goes away with the test.
class ReadFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lutsim.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string refusal_of(const std::filesystem::path& file) {
    try {
      read_yaml<SampleSpec>(file);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }

  std::filesystem::path folder_;
};

TEST_F(ReadFile, ReadsAFile) {
  std::ofstream(folder_ / "a.yaml") << kGoodSample;
  EXPECT_EQ(read_yaml<SampleSpec>(folder_ / "a.yaml").name, "small");
}

TEST_F(ReadFile, NamesAFileThatIsNotThere) {
  const std::string file = (folder_ / "b.yaml").string();
  EXPECT_EQ(refusal_of(file), file + ": error: no such file\n1 error");
}

TEST_F(ReadFile, RefusesAFolder) {
  EXPECT_EQ(refusal_of(folder_),
            folder_.string() + ": error: expected a file, found a directory\n1 error");
}

TEST_F(ReadFile, RefusesABinaryFile) {
  std::ofstream(folder_ / "c.yaml") << "GGUF" << '\0';
  EXPECT_EQ(refusal_of(folder_ / "c.yaml"),
            (folder_ / "c.yaml").string() +
                ": error: at byte 4: expected text, found a NUL byte\n1 error");
}

}  // namespace
}  // namespace lutsim::config

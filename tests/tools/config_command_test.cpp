// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/config_command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "models/config/diagnostics.h"
#include "models/config/named.h"

/// `lutsim config check|schema|explain`.
namespace lutsim::tools {
namespace {

TEST(ConfigCheck, WithoutPathsReadsEveryShippedFile) {
  const auto files = config_check({});
  std::size_t archs = 0;
  for (const CheckedFile& f : files) archs += f.kind == "arch" ? 1 : 0;
  EXPECT_EQ(archs, config::list_archs().size());
  EXPECT_GT(files.size(), archs);
}

class ConfigCheckFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lutsim.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_;
};

TEST_F(ConfigCheckFiles, ReportsTheErrorsOfAllFilesTogether) {
  const std::string a = write("a.yaml", "schema: lutsim.arch/2\n");
  const std::string b = write("b.yaml", "schema: lutsim.arhc/1\n");
  const std::string c = write("c.yaml", "name: x\n");
  try {
    config_check({a, b, c, (folder_ / "d.yaml").string()});
    FAIL();
  } catch (const config::InputError& error) {
    ASSERT_EQ(error.diagnostics().size(), 4u);
    EXPECT_EQ(error.diagnostics()[0].message,
              "this file has schema 'lutsim.arch/2', expected 'lutsim.arch/1'");
    EXPECT_EQ(error.diagnostics()[1].hint, "did you mean 'lutsim.arch/1'?");
    EXPECT_EQ(error.diagnostics()[1].column, 9u);
    EXPECT_EQ(error.diagnostics()[2].message.find("missing key 'schema'"), 0u);
    EXPECT_EQ(error.diagnostics()[3].message, "no such file");
  }
}

TEST_F(ConfigCheckFiles, FollowsTheNamesThatAnArchitectureGives) {
  std::ifstream stream(config::find_arch("default"));
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const std::size_t at = text.find("lpddr5x-8533");
  ASSERT_NE(at, std::string::npos);
  try {
    config_check({write("a.yaml", text.replace(at, 12, "lpddr5x-8553"))});
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).hint, "did you mean 'lpddr5x-8533'?");
  }
}

TEST(ConfigSchema, RefusesAnUnknownKindWithTheNearestOne) {
  EXPECT_EQ(config_schema("arch")["title"], "lutsim.arch/1");
  try {
    config_schema("arhc");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).hint, "did you mean 'arch'?");
  }
}

TEST(ConfigExplain, SaysValueMeaningRangeUnitAndRtlName) {
  const auto found = config_explain("matrix.align_bits");
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(explanation_text({found[0]}),
            "matrix.align_bits = 16 bit    (lutsim.arch/1)\n"
            "  width of an aligned activation, sign and magnitude bits; not used by fp and lut-f\n"
            "  legal: 4 bit .. 32 bit\n"
            "  units: bit\n"
            "  RTL:   AlignBits\n");
  EXPECT_EQ(explanation_json({found[0]})[0]["rtl"], "AlignBits");
}

TEST(ConfigExplain, ABlockStandsForAllThatLiesBelow) {
  std::size_t n = 0;
  for (const Explanation& e : config_explain("dma")) n += e.kind == "arch" ? 1 : 0;
  EXPECT_EQ(n, 5u);
}

TEST(ConfigExplain, RefusesAnUnknownPathWithTheNearestOne) {
  try {
    config_explain("matrix.align_bit");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).hint, "did you mean 'matrix.align_bits'?");
  }
  try {
    config_explain("psum_depth");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).hint, "did you mean 'matrix.psum_depth'?");
  }
}

}  // namespace
}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lutsim::test {

/// Base of tests that ask an outside implementation of JSON Schema. Skipped where it is not
/// installed.
class PythonJsonschema : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("/usr/bin/python3 -c 'import jsonschema' 2> /dev/null") != 0) {
      GTEST_SKIP() << "needs the Debian package python3-jsonschema";
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "lutsim.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  /// One '0' or '1' for each line, a JSON text; a failing program gives an empty string.
  std::string validate(const nlohmann::ordered_json& schema,
                       const std::vector<std::string>& lines) {
    std::ofstream(folder_ / "schema.json") << schema.dump();
    std::ofstream(folder_ / "validator.py") << kValidator;
    std::ofstream instances(folder_ / "instances");
    for (const std::string& line : lines) instances << line << "\n";
    instances.close();
    const std::string at = folder_.string() + "/";
    const std::string command = "/usr/bin/python3 " + at + "validator.py " + at + "schema.json " +
                                at + "instances > " + at + "verdicts";
    if (std::system(command.c_str()) != 0) return "";
    std::string verdicts;
    std::ifstream stream(folder_ / "verdicts");
    for (std::string line; std::getline(stream, line);) verdicts += line;
    return verdicts;
  }

 private:
  static constexpr const char* kValidator = R"(
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for line in open(sys.argv[2]):
    print(1 if validator.is_valid(json.loads(line)) else 0)
)";

  std::filesystem::path folder_;
};

}  // namespace lutsim::test

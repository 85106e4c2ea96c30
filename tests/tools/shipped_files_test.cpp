// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "models/config/describe.h"
#include "models/config/named.h"
#include "models/config/node.h"
#include "tests/support/python_jsonschema.h"
#include "tools/generate/input_kinds.h"

/// The files that the project ships, as the reader and as an editor see them.
namespace lutsim::tools {
namespace {

/// Shipped files of a kind; none for kinds that only users write.
std::vector<std::filesystem::path> shipped(const InputKind& kind) {
  std::vector<std::filesystem::path> files;
  if (kind.folder.empty()) return files;
  for (const std::string& name : config::list_named(kind.folder)) {
    files.push_back(config::find_named(kind.folder, name, kind.name));
  }
  EXPECT_FALSE(files.empty()) << kind.name;
  return files;
}

/// JSON of a document by YAML's own rules: a scalar without quotes is a number, true, false or null
/// if it looks like one.
nlohmann::ordered_json to_json(const config::YamlNode& node) {
  using Kind = config::YamlNode::Kind;
  nlohmann::ordered_json json;
  switch (node.kind) {
    case Kind::null:
      break;
    case Kind::scalar:
      if (!node.quoted) json = nlohmann::ordered_json::parse(node.text, nullptr, false);
      if (node.quoted || json.is_discarded()) json = node.text;
      break;
    case Kind::map:
      json = nlohmann::ordered_json::object();
      for (const auto& [key, value] : node.entries) json[key.name] = to_json(value);
      break;
    case Kind::list:
      json = nlohmann::ordered_json::array();
      for (const auto& item : node.items) json.push_back(to_json(item));
      break;
  }
  return json;
}

TEST(InputKinds, EveryShippedFileIsRightForItsKind) {
  for (const InputKind& kind : input_kinds()) {
    for (const auto& file : shipped(kind)) EXPECT_NO_THROW(kind.check(file)) << file;
  }
}

TEST(InputKinds, EveryShippedFileNamesItsSchemaForEditors) {
  for (const InputKind& kind : input_kinds()) {
    for (const auto& file : shipped(kind)) {
      std::istringstream text(config::read_source(file).text());
      std::string licence, modeline;
      std::getline(text, licence);
      std::getline(text, modeline);
      EXPECT_EQ(licence, "# SPDX-License-Identifier: Apache-2.0") << file;
      const std::string start = "# yaml-language-server: $schema=";
      ASSERT_EQ(modeline.substr(0, start.size()), start) << file;
      const auto schema = file.parent_path() / modeline.substr(start.size());
      ASSERT_TRUE(std::filesystem::exists(schema)) << file << ": " << schema;
      EXPECT_TRUE(std::filesystem::equivalent(
          schema, LUTSIM_SOURCE_DIR "/docs/schema/" + kind.name + ".schema.json"))
          << file << ": " << schema;
    }
  }
}

using ShippedFilesAgainstPython = test::PythonJsonschema;

TEST_F(ShippedFilesAgainstPython, EveryOneIsValidByItsSchema) {
  for (const InputKind& kind : input_kinds()) {
    const auto files = shipped(kind);
    std::vector<std::string> instances;
    for (const auto& file : files) {
      std::vector<config::Diagnostic> errors;
      instances.push_back(to_json(config::parse_yaml(config::read_source(file), errors)).dump());
    }
    instances.emplace_back("{}");  // wrong for every kind
    const std::string verdicts = validate(config::json_schema(*kind.type), instances);
    ASSERT_EQ(verdicts.size(), instances.size()) << kind.name;
    EXPECT_EQ(verdicts.back(), '0') << kind.name;
    for (std::size_t i = 0; i < files.size(); ++i) EXPECT_EQ(verdicts[i], '1') << files[i];
  }
}

}  // namespace
}  // namespace lutsim::tools

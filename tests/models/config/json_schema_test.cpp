// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/config/describe.h"
#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/spec/arch_spec.h"
#include "tests/models/config/sample_spec.h"
#include "tests/support/python_jsonschema.h"

/// The generated JSON Schema, by itself and against the strict reader.
namespace lutsim::config {
namespace {

using test::SampleSpec;

TEST(JsonSchema, CarriesDocumentationUnitsRangesAndNames) {
  const auto schema = json_schema<SampleSpec>();
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema["title"], "lutsim.sample/1");
  EXPECT_EQ(schema["additionalProperties"], false);
  const auto& properties = schema["properties"];
  EXPECT_EQ(properties["schema"]["const"], "lutsim.sample/1");
  EXPECT_EQ(properties["clock"]["description"], "clock (1 MHz .. 10 GHz)");
  EXPECT_EQ(properties["colour"]["enum"].dump(), R"(["red","green","dark-blue"])");
  EXPECT_EQ(properties["buffer"]["properties"]["banks"]["maximum"], 1024);
  EXPECT_EQ(properties["layers"]["type"], "array");
  EXPECT_EQ(properties["layers"]["items"]["required"].dump(), R"(["bits"])");
}

using AgainstPythonJsonschema = test::PythonJsonschema;

TEST_F(AgainstPythonJsonschema, SchemaAndReaderAgree) {
  const std::string good =
      R"({"schema": "lutsim.sample/1", "name": "a", "enabled": true, "colour": "red", )"
      R"("clock": "800 MHz", "gain": 0.5, "energy": "1.5e2 pJ", "count": 3, )"
      R"("buffer": {"capacity": "1.5 KiB", "banks": 2}, "layers": [{"bits": "4 bit"}]})";
  struct Change {
    const char* from;
    const char* to;
  };
  const std::vector<Change> changes{
      {"800 MHz", "800MHz"},
      {"800 MHz", "0.5 GHz"},
      {R"("gain": 0.5)", R"("gain": 1)"},
      {R"("layers": [{"bits": "4 bit"}])", R"("layers": [])"},
      {R"(, "layers": [{"bits": "4 bit"}])", ""},
      {"4 bit", "4"},
      {R"("4 bit"})", R"("4 bit", "note": "x"})"},
      {R"("4 bit"})", R"("4 bit", "nota": "x"})"},
      {R"({"bits": "4 bit"})", R"({"note": "x"})"},
      {"sample/1", "sample/2"},
      {R"("a")", "7"},
      {R"("a")", R"("7")"},
      {"true", R"("true")"},
      {"true", "1"},
      {"red", "Red"},
      {R"("red")", "1"},
      {R"("800 MHz")", "800"},
      {"800 MHz", "800"},
      {"800 MHz", "800 mhz"},
      {"800 MHz", "fast"},
      {"800 MHz", "0800 MHz"},
      {"800 MHz", "800. MHz"},
      {"800 MHz", "-800 MHz"},
      {"1.5 KiB", "1.5 KB"},
      {"1.5 KiB", "1e3 B"},
      {R"("gain": 0.5)", R"("gain": 2)"},
      {R"("gain": 0.5)", R"("gain": "0.5")"},
      {R"("count": 3)", R"("count": 3.5)"},
      {R"("count": 3)", R"("count": -3)"},
      {R"("banks": 2)", R"("banks": 0)"},
      {R"("banks": 2)", R"("banks": null)"},
      {R"("banks": 2)", R"("bank": 2)"},
      {R"(, "banks": 2)", ""},
      {R"({"capacity": "1.5 KiB", "banks": 2})", "[]"},
  };
  std::vector<std::string> instances{good};
  for (const Change& change : changes) {
    std::string text = good;
    const std::size_t at = text.find(change.from);
    ASSERT_NE(at, std::string::npos) << change.from;
    instances.push_back(text.replace(at, std::string(change.from).size(), change.to));
  }
  std::string ours;
  for (const std::string& text : instances) {
    try {
      read_yaml_text<SampleSpec>(text, "instance");
      ours += '1';
    } catch (const InputError&) {
      ours += '0';
    }
  }
  EXPECT_EQ(ours.substr(0, 6), "111111");
  const std::string theirs = validate(json_schema<SampleSpec>(), instances);
  ASSERT_EQ(theirs.size(), instances.size());
  for (std::size_t i = 0; i < instances.size(); ++i) {
    EXPECT_EQ(ours[i], theirs[i]) << instances[i];
  }
}

TEST_F(AgainstPythonJsonschema, TheSchemaOfAnArchitectureIsASchema) {
  EXPECT_EQ(validate(json_schema<spec::ArchSpec>(), {"{}"}), "0");
}

TEST(DescribeFields, ListsEverySingleValueWithUnitRangeAndDocumentation) {
  const auto fields = describe_fields<SampleSpec>();
  std::vector<std::string> paths;
  paths.reserve(fields.size());
  for (const FieldInfo& f : fields) paths.push_back(f.path);
  EXPECT_EQ(comma_list(paths),
            "schema, name, enabled, colour, clock, gain, energy, count, buffer.capacity, "
            "buffer.banks, layers.*.bits, layers.*.note");
  const FieldInfo& clock = fields[4];
  EXPECT_EQ(clock.unit, spec::Unit::hertz);
  EXPECT_EQ(clock.range, "1 MHz .. 10 GHz");
  EXPECT_EQ(clock.doc, "clock");
  EXPECT_EQ(clock.min, 1e6);
  EXPECT_EQ(fields[3].choices.size(), 3u);
  EXPECT_TRUE(fields[11].optional);
  EXPECT_EQ(fields[11].value, "none");
}

TEST(DescribeFields, KnowsTheRtlNameOfAParameter) {
  for (const FieldInfo& f : describe_fields<spec::ArchSpec>()) {
    if (f.path == "matrix.racs_per_lut") {
      EXPECT_EQ(f.rtl, "RacsPerLut");
      EXPECT_EQ(f.value, "32");
      EXPECT_EQ(kind_text(f), "whole number");
      return;
    }
  }
  FAIL() << "matrix.racs_per_lut is not described";
}

}  // namespace
}  // namespace lutsim::config

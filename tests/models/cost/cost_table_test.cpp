// SPDX-License-Identifier: Apache-2.0
#include "models/cost/cost_table.h"

#include <gtest/gtest.h>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/gpu/gpu_spec.h"

namespace lutsim::models {
namespace {

TEST(CostTable, ShippedPricesCoverWhatIsCompared) {
  const CostTable prices = load_cost_table("prices");
  for (const char* name :
       {"wafer.7nm", "wafer.28nm", "defects.7nm", "defects.28nm", "package", "board",
        "dram.lpddr5x", "markup", "electricity", "pue", "life_years", "utilization"}) {
    ASSERT_TRUE(prices.contains(name)) << name;
    const CostRow& row = prices.at(name);
    EXPECT_LE(row.low, row.value) << name;
    EXPECT_LE(row.value, row.high) << name;
  }
  EXPECT_LE(prices.at("utilization").high, 1);
  EXPECT_GE(prices.at("pue").low, 1);
}

TEST(CostTable, EveryGpuPriceIsOfAGpuThatThereIs) {
  std::size_t priced = 0;
  for (const std::string& gpu : list_gpus()) {
    priced += load_cost_table("prices").contains("gpu." + gpu) ? 1 : 0;
  }
  const auto file = config::read_yaml<CostTableFile>(std::string(LUTSIM_SOURCE_DIR) +
                                                     "/models/hardware/cost/prices.yaml");
  std::size_t rows = 0;
  for (const CostRow& row : file.entries) rows += row.name.rfind("gpu.", 0) == 0 ? 1 : 0;
  EXPECT_EQ(rows, priced);
}

TEST(CostTable, WrongRowsAreAllNamed) {
  const std::string text =
      "schema: lutsim.cost/1\nname: x\nentries:\n"
      "  - {name: a, value: 1, low: 2, high: 3, confidence: guessed, source: s}\n"
      "  - {name: a, value: 1, low: 1, high: 1, confidence: guessed, source: \"\"}\n";
  try {
    config::read_yaml_text<CostTableFile>(text, "x.yaml");
    FAIL();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().size(), 3u) << error.what();
    EXPECT_EQ(error.diagnostics()[0].line, 4u);
  }
}

}  // namespace
}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/layering.h"

/// The arrows between folders that the code has are those that the design allows.
namespace lutsim::test {
namespace {

struct TreeFile {
  std::string path;
  std::string text;
};

/// Files of the boxes whose name ends in one of `endings`.
std::vector<TreeFile> files(const std::set<std::string>& endings) {
  const std::filesystem::path root = LUTSIM_SOURCE_DIR;
  std::vector<TreeFile> list;
  for (const char* box : {"models", "workloads", "sim", "tools", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / box)) {
      const std::string name = entry.path().filename().string();
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || endings.count(extension) + endings.count(name) == 0) continue;
      std::ifstream stream(entry.path());
      std::ostringstream text;
      text << stream.rdbuf();
      list.push_back({entry.path().lexically_relative(root).generic_string(), text.str()});
    }
  }
  return list;
}

TEST(IncludeLayering, EveryIncludeOfTheTreeIsAllowed) {
  const auto sources = files({".h", ".cpp", ".in"});
  ASSERT_GT(sources.size(), 30u);
  for (const TreeFile& file : sources) {
    for (const std::string& v : include_violations(file.path, file.text)) ADD_FAILURE() << v;
  }
}

TEST(IncludeLayering, EveryLinkOfTheTreeIsAllowed) {
  const auto lists = files({"CMakeLists.txt"});
  ASSERT_GT(lists.size(), 20u);
  for (const TreeFile& file : lists) {
    for (const std::string& v : link_violations(file.path, file.text)) ADD_FAILURE() << v;
  }
}

/// Number of violations of a file with one include.
std::size_t violations(const std::string& path, const std::string& include) {
  return include_violations(path, "// a comment\n  #include " + include + "  // why\n").size();
}

TEST(IncludeLayering, CatchesAnArrowThatPointsBack) {
  EXPECT_EQ(violations("models/engine/a.cpp", "\"sim/kernel/cycles.h\""), 1u);
  EXPECT_EQ(violations("models/engine/a.cpp", "\"workloads/trace/operator_trace.h\""), 1u);
  EXPECT_EQ(violations("workloads/llm/a.h", "\"sim/kernel/cycles.h\""), 1u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"workloads/llm/model.h\""), 1u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"tools/run/run_spec.h\""), 1u);
  EXPECT_EQ(violations("tools/run/a.cpp", "\"tests/support/sc_test.h\""), 1u);
  EXPECT_EQ(violations("models/engine/a.cpp", "\"lut_i.h\""), 1u);
  EXPECT_EQ(violations("models/engine/a.cpp", "\"../spec/field.h\""), 1u);
}

TEST(IncludeLayering, CatchesAUnitThatKnowsAnotherUnit) {
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"sim/matrix/matrix_timing.h\""), 1u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"sim/platform/platform.h\""), 1u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"sim/dma/dma_engine.h\""), 0u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "\"sim/kernel/cycles.h\""), 0u);
  EXPECT_EQ(violations("sim/platform/a.cpp", "\"sim/matrix/matrix_timing.h\""), 0u);
}

TEST(IncludeLayering, CatchesSystemCAndVerilatorWhereTheyDoNotBelong) {
  EXPECT_EQ(violations("models/engine/a.h", "<systemc>"), 1u);
  EXPECT_EQ(violations("workloads/llm/a.cpp", "<tlm>"), 1u);
  EXPECT_EQ(violations("models/engine/a.cpp", "<verilated.h>"), 1u);
  EXPECT_EQ(violations("sim/matrix/a.cpp", "\"Vmatrix_unit.h\""), 1u);
  EXPECT_EQ(violations("sim/rtl_bridge/a.cpp", "\"Vmatrix_unit.h\""), 0u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "<systemc.h>"), 1u);
  EXPECT_EQ(violations("tools/run/a.h", "<systemc>"), 1u);
  EXPECT_EQ(violations("models/energy/a.cpp", "<yaml-cpp/yaml.h>"), 1u);
  EXPECT_EQ(violations("sim/dma/a.cpp", "<systemc>"), 0u);
}

TEST(IncludeLayering, CatchesAFileThatKnowsSystemCAndAVerilatedBlock) {
  EXPECT_EQ(
      include_violations("sim/rtl_bridge/a.cpp", "#include <systemc>\n#include <verilated.h>\n")
          .size(),
      1u);
  EXPECT_EQ(
      include_violations("sim/rtl_bridge/a.cpp", "#include <systemc>\n#include \"Vx.h\"\n").size(),
      1u);
}

TEST(IncludeLayering, CatchesALinkThatPointsBack) {
  EXPECT_EQ(link_violations("models/engine/CMakeLists.txt",
                            "lutsim_library(lutsim_models_engine SOURCES a.cpp\n"
                            "  DEPS lutsim_models_spec lutsim_sim_kernel)\n")
                .size(),
            1u);
  EXPECT_EQ(link_violations("sim/dma/CMakeLists.txt",
                            "lutsim_library(lutsim_sim_dma SOURCES a.cpp\n"
                            "  DEPS lutsim_workloads_trace PRIVATE_DEPS lutsim_workloads_llm)\n")
                .size(),
            1u);
  EXPECT_EQ(link_violations("sim/rtl_bridge/CMakeLists.txt",
                            "lutsim_library(lutsim_sim_rtl_bridge SOURCES a.cpp\n"
                            "  DEPS lutsim_models_spec lutsim_rtl_matrix_default)\n")
                .size(),
            0u);
}

}  // namespace
}  // namespace lutsim::test

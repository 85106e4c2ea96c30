// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/config/diagnostics.h"
#include "tools/sweep/sweep_space.h"

namespace lutsim::test {

/// A small space; what `more` says comes last, `strategy` replaces the grid.
inline std::string space_text(const std::string& axes =
                                  "  matrix.mu: [2, 4, 3]\n"
                                  "  matrix.array_rows: [4, 8]\n",
                              const std::string& strategy = "{kind: grid}",
                              const std::string& more = "") {
  return "schema: lutsim.sweep/1\nname: test\nworkload:\n  model: opt-125m\naxes:\n" + axes +
         "objectives:\n  - {key: time_s.total, goal: minimise}\n"
         "  - {key: area_mm2.total, goal: minimise}\nstrategy: " +
         strategy + "\n" + more;
}

inline tools::sweep::SweepSpace space_of(const std::string& text) {
  return tools::sweep::read_space_text(text, "space.yaml");
}

/// "line:column: message | hint" of each error of a space, empty when it is right.
inline std::vector<std::string> errors_of(const std::string& text) {
  std::vector<std::string> errors;
  try {
    space_of(text);
  } catch (const config::InputError& error) {
    for (const config::Diagnostic& d : error.diagnostics())
      errors.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + ": " + d.message +
                       (d.hint.empty() ? "" : " | " + d.hint));
  }
  return errors;
}

/// A folder of its own for each test, empty.
inline std::filesystem::path fresh_folder(const std::string& name = "") {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(LUTSIM_BINARY_DIR) / "test_scratch" /
                      (std::string(info->test_suite_name()) + "." + info->name() + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace lutsim::test {

/// What the command printed and returned.
struct CommandResult {
  int status = -1;
  std::string out, err;
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(out); }
};

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A folder of its own for each test.
inline std::filesystem::path scratch_folder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(info->test_suite_name()) + "." + info->name();
  for (char& c : name) {
    if (c == '/') c = '_';
  }
  const auto folder = std::filesystem::path(LUTSIM_BINARY_DIR) / "test_scratch" / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

/// Runs `lutsim ARGUMENTS` in a shell.
inline CommandResult lutsim(const std::string& arguments) {
  const auto folder = std::filesystem::path(LUTSIM_BINARY_DIR) / "test_scratch";
  std::filesystem::create_directories(folder);
  const std::string base = (folder / ("command." + std::to_string(::getpid()))).string();
  const std::string line = std::string(LUTSIM_BINARY_DIR) + "/lutsim " + arguments + " >" + base +
                           ".out 2>" + base + ".err";
  const int status = std::system(line.c_str());
  CommandResult result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  result.out = read_text(base + ".out");
  result.err = read_text(base + ".err");
  std::filesystem::remove(base + ".out");
  std::filesystem::remove(base + ".err");
  return result;
}

}  // namespace lutsim::test

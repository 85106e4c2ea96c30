// SPDX-License-Identifier: Apache-2.0
/// `lutsim completion`: what bash offers after the words of a command line.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <sstream>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

/// What bash completes the last of `words` to; an empty last word is written ''.
std::vector<std::string> offered(const std::string& words) {
  const auto script = scratch_folder() / "script";
  std::ofstream(script) << "PATH=" LUTSIM_BINARY_DIR ":$PATH\neval \"$(lutsim completion bash)\"\n"
                        << "COMP_WORDS=(lutsim " << words
                        << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_lutsim\n"
                        << "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
  std::vector<std::string> list;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("bash " + script.string()).c_str(), "r"),
                                             pclose);
  std::string text;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    text += static_cast<char>(c);
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) list.push_back(line);
  return list;
}

TEST(Completion, BashOffersCommandsOptionsAndNames) {
  EXPECT_THAT(offered("''"), Contains("compare"));
  EXPECT_THAT(offered("trace im"), ElementsAre("import"));
  EXPECT_THAT(offered("trace import --ou"), ElementsAre("--out"));
  EXPECT_THAT(offered("run --arch lpd"), ElementsAre("lpddr-chip"));
  EXPECT_THAT(offered("compare h100"), ElementsAre("h100-pcie", "h100-sxm"));
  EXPECT_THAT(offered("run --engine lut"), ElementsAre("lut-f", "lut-i"));
  EXPECT_THAT(offered("run --"), Each(StartsWith("--")));
  EXPECT_THAT(offered("run --"), Not(Contains("--require")));
}

TEST(Completion, EveryShellHasAScriptAndAWrongListIsRefused) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = lutsim(std::string("completion ") + shell);
    EXPECT_EQ(script.status, 0);
    EXPECT_THAT(script.out, testing::HasSubstr("lutsim completion names arch"));
  }
  EXPECT_EQ(lutsim("completion names arhc").status, 2);
}

}  // namespace
}  // namespace lutsim::test

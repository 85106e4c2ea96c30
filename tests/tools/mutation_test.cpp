// SPDX-License-Identifier: Apache-2.0
#include "tools/mutation/mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "models/config/diagnostics.h"
#include "tools/mutation/equivalence.h"
#include "tools/process/process.h"

namespace lutsim::tools {
namespace {

using testing::HasSubstr;

TEST(Mutant, SaysWhatIsChangedAndWhere) {
  const Mutant mutant = {3,
                         "mutate -mode cnot0 -module $paramod$0123\\a -cell "
                         "$eq$/rtl/a.sv:89$179 -port A -portbit 1 -ctrlbit 4 -wire x -wirebit 5 "
                         "-src /rtl/a.sv:12.3-12.9 -src /rtl/a.sv:89.30-89.50"};
  EXPECT_EQ(mutant.where(), "a.sv:89");
  EXPECT_EQ(mutant.what(), "cnot0 of $eq port A bit 1 (x[5])");
}

TEST(MutationCampaign, SaysEverythingThatIsMissing) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  try {
    MutationCampaign("/nowhere");
    ADD_FAILURE();
  } catch (const config::InputError& error) {
    EXPECT_EQ(error.diagnostics().size(), 6u);
    EXPECT_THAT(error.what(), HasSubstr("yosys"));
    EXPECT_THAT(error.what(), HasSubstr("/nowhere"));
  }
  ::setenv("PATH", path.c_str(), 1);
}

/// A counter of three states out of four, whose netlist the prover reads.
class EquivalenceProverTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("yosys") || !is_installed("yosys-abc")) GTEST_SKIP() << "Yosys is missing";
    std::filesystem::create_directories(folder_);
    write_netlist("design", "");
    write_netlist("assumed", "always @* assume (!forbidden_i);");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write_netlist(const std::string& name, const std::string& assumption) const {
    std::ofstream(folder_ / "source.sv") << R"(
      module step (input [1:0] state_i, input forbidden_i, output [1:0] next_o, output three_o,
                   output forbidden_o);
        assign next_o = state_i == 2'd2 ? 2'd0 : state_i + 2'd1;
        assign three_o = state_i == 2'd3;
        assign forbidden_o = forbidden_i;
      endmodule
      module block_mutated (input clk_i, input forbidden_i, output [3:0] out_o);
        reg [1:0] state_q;
        wire [1:0] next;
        step u_step (.state_i(state_q), .forbidden_i, .next_o(next), .three_o(out_o[2]),
                     .forbidden_o(out_o[3]));
        always @(posedge clk_i) state_q <= next;
        assign out_o[1:0] = state_q;
        )" << assumption << "\nendmodule\n";
    const std::string folder = folder_.string() + "/";
    const ProcessResult result = run_process({"yosys", "-q", "-p",
                                              "read_verilog -sv " + folder +
                                                  "source.sv; hierarchy -top block_mutated; "
                                                  "proc; write_rtlil " +
                                                  folder + name + ".il"});
    ASSERT_EQ(result.status, 0) << result.err;
  }
  static std::string bug(const std::string& mode_and_port) {
    return "mutate -module block_mutated -cell u_step -mode " + mode_and_port;
  }

  /// Of this process: CTest runs the tests side by side.
  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("lutsim_prover_" + std::to_string(::getpid()));
  const EquivalenceProver prover_{folder_, "block"};
};

TEST_F(EquivalenceProverTest, StatesThatAreNeverReachedDoNotCountFromReset) {
  const std::string never = bug("const0 -port three_o -portbit 0");
  EXPECT_FALSE(prover_.proven_from_every_state(never, 1, "block_mutated", true));
  EXPECT_TRUE(prover_.proven_from_reset(never, 1, true));
  EXPECT_TRUE(prover_.proven(never, 1));
}

TEST_F(EquivalenceProverTest, InputsThatTheBlockForbidsDoNotCountFromReset) {
  const std::string forbidden = bug("const0 -port forbidden_o -portbit 0");
  EXPECT_FALSE(prover_.proven_from_every_state(forbidden, 1, "block_mutated", true));
  EXPECT_TRUE(prover_.proven_from_reset(forbidden, 1, true));
}

TEST_F(EquivalenceProverTest, ABugThatShowsIsNotProven) {
  EXPECT_FALSE(prover_.proven(bug("inv -port next_o -portbit 0"), 1));
  EXPECT_FALSE(prover_.proven(bug("const1 -port forbidden_o -portbit 0"), 1));
}

TEST(RunProcess, GivesOutputStatusAndEnvironment) {
  ProcessOptions options;
  options.environment = {"LUTSIM_WORD=hello"};
  const ProcessResult result =
      run_process({"sh", "-c", "echo $LUTSIM_WORD; echo bad >&2; exit 3"}, options);
  EXPECT_EQ(result.out, "hello\n");
  EXPECT_EQ(result.err, "bad\n");
  EXPECT_EQ(result.status, 3);
  EXPECT_FALSE(result.timed_out);
}

TEST(RunProcess, EndsAProcessWhoseTimeIsOver) {
  ProcessOptions options;
  options.timeout_s = 0.1;
  EXPECT_TRUE(run_process({"sleep", "60"}, options).timed_out);
}

TEST(RunProcess, RefusesAProgramThatIsNotThere) {
  EXPECT_THROW(run_process({"no-such-program-of-lutsim"}), std::runtime_error);
}

}  // namespace
}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/mutation/mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "models/config/diagnostics.h"
#include "tools/verify/process.h"

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
    EXPECT_EQ(error.diagnostics().size(), 5u);
    EXPECT_THAT(error.what(), HasSubstr("yosys"));
    EXPECT_THAT(error.what(), HasSubstr("/nowhere"));
  }
  ::setenv("PATH", path.c_str(), 1);
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

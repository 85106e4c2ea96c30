// SPDX-License-Identifier: Apache-2.0
// Every kind of wrong input: exit status 2, the place and the remedy on standard error, nothing on
// standard output, nothing written.
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/system/command.h"

namespace lutsim::test {
namespace {

using testing::HasSubstr;

class BadInput : public testing::Test {
 protected:
  const std::filesystem::path folder_ = scratch_folder();
  const std::filesystem::path out_ = folder_ / "out";

  std::string write(const std::string& name, const std::string& contents) const {
    std::ofstream(folder_ / name, std::ios::binary) << contents;
    return (folder_ / name).string();
  }
  std::string default_arch() const {
    return read_text(std::filesystem::path(LUTSIM_SOURCE_DIR) / "models/hardware/default.yaml");
  }
  std::string run_with(const std::string& options) const {
    return "run --generate-tokens 1 --out " + out_.string() + " " + options;
  }
  void expect_refused(const std::string& arguments, const std::vector<std::string>& words) const {
    const CommandResult r = lutsim(arguments);
    EXPECT_EQ(r.status, 2) << r.err;
    EXPECT_EQ(r.out, "");
    for (const auto& word : words) EXPECT_THAT(r.err, HasSubstr(word));
    EXPECT_FALSE(std::filesystem::exists(out_)) << "something was written";
  }
  /// The default architecture with one piece of text replaced.
  std::string changed_arch(const std::string& from, const std::string& to) const {
    std::string text = default_arch();
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << "the default architecture has no '" << from << "'";
    return write("arch.yaml", text.replace(at, from.size(), to));
  }
};

TEST_F(BadInput, AnUnknownKeyIsRefusedWithItsPlaceAndTheNearestName) {
  const auto arch = changed_arch("racs_per_lut:", "racs_per_lutt:");
  expect_refused(run_with("--model kjv-1m --arch " + arch),
                 {"arch.yaml:", "unknown key", "racs_per_lutt", "did you mean 'racs_per_lut'"});
}

TEST_F(BadInput, AMissingUnitIsRefusedWithTheUnitsThatThereAre) {
  const auto arch = changed_arch("clock: 500 MHz", "clock: 500000000");
  expect_refused(run_with("--model kjv-1m --arch " + arch), {"arch.yaml:", "clock", "MHz"});
}

TEST_F(BadInput, AWrongTypeIsRefused) {
  const auto arch = changed_arch("mu: 4", "mu: four");
  expect_refused(run_with("--model kjv-1m --arch " + arch), {"arch.yaml:", "mu", "four"});
}

TEST_F(BadInput, ANegativeSizeIsRefused) {
  const auto arch = changed_arch("lanes: 256", "lanes: -256");
  expect_refused(run_with("--model kjv-1m --arch " + arch), {"arch.yaml:", "lanes", "-256"});
}

TEST_F(BadInput, AWrongOverrideNamesTheOption) {
  expect_refused(run_with("--model kjv-1m --set matrix.muu=4"), {"--set #1", "mu"});
}

TEST_F(BadInput, ATruncatedCheckpointIsRefusedWithTheByte) {
  const auto whole =
      read_text(std::filesystem::path(LUTSIM_SOURCE_DIR) / "workloads/embedded/kjv-1m.gguf");
  const auto model = write("cut.gguf", whole.substr(0, whole.size() / 2));
  expect_refused(run_with("--model " + model), {"cut.gguf", "byte"});
}

TEST_F(BadInput, AWrongMagicIsRefused) {
  const auto model = write("wrong.gguf", std::string("NOPE") + std::string(4096, 'x'));
  expect_refused(run_with("--model " + model), {"wrong.gguf", "byte"});
}

TEST_F(BadInput, ATraceOfAnotherSchemaVersionIsRefusedNamingBoth) {
  const std::string trace = (folder_ / "trace.json").string();
  ASSERT_EQ(lutsim("trace capture --model llama-2-7b --out " + trace).status, 0);
  std::string text = read_text(trace);
  const std::string schema = "lutsim.trace/1";
  text.replace(text.find(schema), schema.size(), "lutsim.trace/9");
  write("trace.json", text);
  expect_refused("trace show " + trace,
                 {"trace.json", "lutsim.trace/9", "lutsim.trace/1", "lutsim.trace/3"});
}

TEST_F(BadInput, AGroupLargerThanKIsRefused) {
  expect_refused(run_with("--model kjv-1m --group-size 4096"), {"group_size", "4096"});
}

TEST_F(BadInput, AMissingFileIsRefused) {
  expect_refused(run_with("--model " + (folder_ / "nothing.gguf").string()), {"nothing.gguf"});
}

TEST_F(BadInput, AnUnknownModelGivesTheNearestName) {
  expect_refused(run_with("--model kjv-1n"), {"kjv-1n", "kjv-1m"});
}

TEST_F(BadInput, AnUnknownShapeGivesTheNearestName) {
  expect_refused(run_with("--model DeepSek-V3"), {"did you mean 'DeepSeek-V3'"});
  expect_refused("gpu --model OPT-6.7c", {"did you mean 'OPT-6.7b'"});
}

TEST_F(BadInput, FunctionalModeNamesWhatTheGoldenTransformerDoesNotCompute) {
  expect_refused(run_with("--functional --model OPT-6.7b"), {"LayerNorm", "relu", "biases"});
  expect_refused(run_with("--functional --model deepseek-v3"),
                 {"latent attention", "mixture of experts"});
}

TEST_F(BadInput, AHistogramOfExpertsIsCheckedAgainstTheModel) {
  const auto file = write("experts.csv", "1,2,3\n");
  expect_refused(run_with("--model Mixtral-8x7B-v0.1 --expert-histogram " + file), {"8 experts"});
  const auto broken = write("broken.csv", "1,x\n");
  expect_refused(run_with("--model Mixtral-8x7B-v0.1 --expert-histogram " + broken),
                 {"broken.csv:1:3"});
}

TEST_F(BadInput, AnUnwritableOutputIsRefusedBeforeTheRun) {
  const auto file = write("file", "in the way");
  const CommandResult r = lutsim("run --model kjv-1m --out " + file + "/below");
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.err, HasSubstr("cannot be written"));
  EXPECT_EQ(r.out, "");
}

TEST_F(BadInput, AWorkloadWithoutAModelIsRefused) { expect_refused(run_with(""), {"--model"}); }

TEST_F(BadInput, AnUnknownOptionIsRefused) { expect_refused(run_with("--modell x"), {"--modell"}); }

TEST_F(BadInput, AModelThatDoesNotFitSaysByHowMuch) {
  expect_refused(run_with("--model llama-2-70b --set memory.channels=1"), {"too little"});
}

TEST_F(BadInput, RtlWithoutABuiltConfigurationNamesThoseThatThereAre) {
  expect_refused(run_with("--model kjv-1m --functional --engine-impl rtl --group-size 36 "
                          "--set matrix.array_rows=5"),
                 {"default", "odd"});
}

TEST_F(BadInput, ATileThatFitsNoSlotIsRefusedWithTheSizes) {
  // Found only when the operator is lowered.
  expect_refused(run_with("--model kjv-1m --prompt And --set 'activation_buffer.capacity=2 KiB' "
                          "--set activation_buffer.tile_slots=2"),
                 {"activation_buffer.capacity", "tile_slots", "enlarge it"});
}

TEST_F(BadInput, ChipsThatCannotShareAModelAreRefused) {
  expect_refused(run_with("--model Llama-2-7b-hf --set system.chips=64"),
                 {"32 heads cannot be shared by 64 chips"});
  expect_refused(run_with("--model kjv-1m --functional --prompt And --set system.chips=2"),
                 {"system.chips = 2", "functional mode runs one chip"});
}

}  // namespace
}  // namespace lutsim::test

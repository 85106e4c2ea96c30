// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/workloads/checkpoint/checkpoint_files.h"
#include "workloads/checkpoint/documents.h"

namespace lutsim::workloads {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(FindModel, KnowsTheEmbeddedModelByName) {
  EXPECT_THAT(embedded_models(), Contains("kjv-1m"));
  EXPECT_TRUE(std::filesystem::exists(find_model("kjv-1m")));
}

TEST(FindModel, TakesThePathOfAFileAsItStands) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "x.bin", "x");
  EXPECT_EQ(find_model((folder / "x.bin").string()), folder / "x.bin");
}

TEST(FindModel, ANameThatIsNearlyRightIsPutRight) {
  EXPECT_THAT(test::input_error([] { find_model("kjv-2m"); }), HasSubstr("did you mean 'kjv-1m'?"));
}

TEST(LoadCheckpoint, FilesThatAreNoModelAreRefused) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(test::input_error([&] { load_checkpoint(folder / "absent"); }),
              HasSubstr("cannot open the file"));
  EXPECT_THAT(test::input_error([&] { load_checkpoint(folder / "."); }),
              HasSubstr("expected a file, found a directory"));
  test::write_file(folder / "empty", "");
  EXPECT_THAT(test::input_error([&] { load_checkpoint(folder / "empty"); }),
              HasSubstr("at byte 0: expected a checkpoint (8 bytes), found the end of the file"));
}

TEST(Documents, AreSplitAtTheSeparatorAndStripped) {
  EXPECT_THAT(split_documents("\n one two \n<|endoftext|>\n\t<|endoftext|>three<|endoftext|>"),
              ElementsAre("one two", "three"));
  EXPECT_THAT(split_documents(" \n"), ElementsAre());
}

TEST(Documents, FewerThanAskedForIsAnError) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "text", "a<|endoftext|>b");
  const Tokenizer tokenizer = test::small_tokenizer(268);
  EXPECT_EQ(load_documents(folder / "text", tokenizer).size(), 2u);
  EXPECT_EQ(load_documents(folder / "text", tokenizer, 1).size(), 1u);
  EXPECT_THAT(test::input_error([&] { load_documents(folder / "text", tokenizer, 3); }),
              HasSubstr("expected 3 documents or more, found 2"));
  EXPECT_THAT(test::input_error([&] { load_documents(folder / "text", tokenizer, 1, 2); }),
              HasSubstr("expected 3 documents or more, found 2"));
}

TEST(Documents, TheFirstMayBeLeftOut) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "text", "a<|endoftext|>b<|endoftext|>c");
  const Tokenizer tokenizer = test::small_tokenizer(268);
  const auto all = load_documents(folder / "text", tokenizer);
  EXPECT_EQ(load_documents(folder / "text", tokenizer, 1, 1), decltype(all)({all[1]}));
  EXPECT_EQ(load_documents(folder / "text", tokenizer, 0, 1), decltype(all)({all[1], all[2]}));
}

}  // namespace
}  // namespace lutsim::workloads

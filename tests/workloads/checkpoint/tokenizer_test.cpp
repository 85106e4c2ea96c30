// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/workloads/checkpoint/checkpoint_files.h"

namespace lutsim::workloads {
namespace {

using testing::ElementsAre;

// Pieces from 259 on: " ", "a", "b", "c", "ab", " a", "bc", "abc", " ab"; scores 0, -1, -2, ...
constexpr std::uint32_t kSpace = 259, kB = 261, kC = 262, kAb = 263, kAbc = 266, kSpaceAb = 267;

TEST(Tokenizer, MergesThePairOfTheHighestScoreFirst) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  // " abc": "ab" (-4) beats " a" (-5) and "bc" (-6); then "abc" (-7) beats " ab" (-8).
  EXPECT_THAT(tokenizer.encode("abc"), ElementsAre(1, kSpace, kAbc));
  EXPECT_THAT(tokenizer.encode("ab"), ElementsAre(1, kSpaceAb));
}

TEST(Tokenizer, EqualPairsMergeFromTheLeft) {
  std::vector<std::string> pieces = test::small_tokenizer(260).pieces();
  pieces.insert(pieces.end(), {"x", "xx"});
  const Tokenizer tokenizer(pieces, std::vector<float>(pieces.size(), 0.0f));
  EXPECT_THAT(tokenizer.encode("xxx"), ElementsAre(1, 259, 261, 260));
}

TEST(Tokenizer, ACharacterOutsideTheVocabularyBecomesItsBytes) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  EXPECT_THAT(tokenizer.encode("b\xc3\xa9"), ElementsAre(1, kSpace, kB, 3 + 0xc3, 3 + 0xa9));
  EXPECT_THAT(tokenizer.encode("\n"), ElementsAre(1, kSpace, 3 + '\n'));
  // The text of a byte token is text like any other.
  EXPECT_EQ(tokenizer.encode("<0x41>").size(), 2 + 6u);
}

TEST(Tokenizer, EmptyTextIsBosAlone) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  EXPECT_THAT(tokenizer.encode(""), ElementsAre(1));
  EXPECT_THAT(tokenizer.encode("", false), ElementsAre());
  EXPECT_THAT(tokenizer.encode("c", false), ElementsAre(kSpace, kC));
}

TEST(Tokenizer, DecodeLeavesOutThePrefixSpaceAndNoOther) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  EXPECT_EQ(tokenizer.decode({1, kSpaceAb, kSpaceAb, kC}), "ab abc");
  EXPECT_EQ(tokenizer.decode({kSpaceAb}), "ab");
  EXPECT_EQ(tokenizer.decode(kAb, kSpaceAb), " ab");
  EXPECT_EQ(tokenizer.decode(Tokenizer::kBos, kSpaceAb), "ab");
}

TEST(Tokenizer, DecodePrintsBytesAndNoControlTokens) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  EXPECT_EQ(tokenizer.decode({1, kC, 3 + 0xc3, 3 + 0xa9, 0, 2}), "c\xc3\xa9");
}

TEST(Tokenizer, AnyBytesComeBack) {
  const Tokenizer tokenizer = test::small_tokenizer(268);
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 37 + i / 256);
  text += "abcabab  bc ab";
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("  abc")), "  abc");
}

TEST(Tokenizer, VocabulariesWithoutByteFallbackAreRefused) {
  std::vector<std::string> pieces = test::small_tokenizer(268).pieces();
  std::vector<float> scores(pieces.size(), 0.0f);
  EXPECT_NO_THROW(Tokenizer(pieces, scores));
  std::swap(pieces[10], pieces[11]);
  EXPECT_THROW(Tokenizer(pieces, scores), std::invalid_argument);
  std::swap(pieces[10], pieces[11]);
  scores[260] = std::nanf("");
  EXPECT_THROW(Tokenizer(pieces, scores), std::invalid_argument);
  scores.pop_back();
  EXPECT_THROW(Tokenizer(pieces, scores), std::invalid_argument);
  EXPECT_THROW(Tokenizer({"a", "b"}, {0.0f, 0.0f}), std::invalid_argument);
}

}  // namespace
}  // namespace lutsim::workloads

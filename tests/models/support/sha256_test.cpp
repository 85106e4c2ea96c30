// SPDX-License-Identifier: Apache-2.0
#include "models/support/sha256.h"

#include <gtest/gtest.h>

namespace lutsim::models {
namespace {

TEST(Sha256, GivesTheDigestOfFips180) {
  // FIPS 180-4, the example with the message "abc".
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesGiveTheDigestOfTheWhole) {
  const std::string text(1000, 'x');
  Sha256 sum;
  sum.add(text.data(), 1);
  sum.add(text.data(), 0);
  sum.add(text.data(), 999);
  EXPECT_EQ(sum.digest(), sha256(text.data(), text.size()));
}

}  // namespace
}  // namespace lutsim::models

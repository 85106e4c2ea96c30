// SPDX-License-Identifier: Apache-2.0
#include "models/bcq/bcq_matrix.h"

#include <gtest/gtest.h>

#include <string>

#include "models/bcq/bcq_storage.h"
#include "models/spec/field.h"

namespace lutsim::models {
namespace {

TEST(BcqMatrix, WeightIsTheSignedSumOfItsGroupsScalesPlusTheOffset) {
  BcqMatrix m = make_bcq(70, 2, 2, 64, true);
  m.set_bit(1, 1, 66, true);
  m.alpha[m.alpha_index(1, 1, 0)] = 0x3c00;  // 1
  m.alpha[m.alpha_index(1, 1, 1)] = 0x4000;  // 2
  m.offset[3] = 0.25f;
  EXPECT_TRUE(m.bit(1, 1, 66));
  EXPECT_FALSE(m.bit(0, 1, 66));
  EXPECT_EQ(m.weight(1, 66), -1.0f + 2.0f + 0.25f);
  EXPECT_EQ(m.weight(1, 65), -1.0f - 2.0f + 0.25f);
  EXPECT_EQ(m.weight(1, 63), 0.0f);  // another group
  EXPECT_EQ(m.weight(0, 66), 0.0f);  // another row
  m.set_bit(1, 1, 66, false);
  EXPECT_EQ(m.weight(1, 66), -1.0f - 2.0f + 0.25f);
}

TEST(BcqMatrix, ValidateNamesWhatIsWrong) {
  const auto error_of = [](const BcqMatrix& m) -> std::string {
    try {
      validate(m);
    } catch (const spec::SpecError& error) {
      return error.what();
    }
    return "";
  };
  const BcqMatrix good = make_bcq(70, 2, 2, 64, true);
  EXPECT_EQ(error_of(good), "");
  BcqMatrix m = good;
  m.alpha.pop_back();
  EXPECT_EQ(error_of(m), "BCQ matrix: alpha holds 7 values, expected 8");
  m = good;
  m.plane_words.push_back(0);
  EXPECT_EQ(error_of(m), "BCQ matrix: plane_words holds 9 values, expected 8");
  m = good;
  m.offset.pop_back();
  EXPECT_EQ(error_of(m), "BCQ matrix: offset holds 3 values, expected 4");
  m = good;
  m.plane_words[7] = std::uint64_t{1} << 6;
  EXPECT_EQ(error_of(m), "BCQ matrix: row 1 of plane 1 has bits past K = 70");
  m = good;
  m.alpha[5] = 0x7c00;
  EXPECT_EQ(error_of(m), "BCQ matrix: alpha[5] is not finite");
  m = good;
  m.offset[2] = 1.0f / 0.0f;
  EXPECT_EQ(error_of(m), "BCQ matrix: offset[2] is not finite");
}

TEST(BcqStorage, CountsPackedPlanesAndOneEntryOfScalesPerRowAndGroup) {
  // 3 planes of 5 x 7 bits are 105 bits; groups of 4 along K = 7 are 2; 5 rows x 2 groups x (6 + 4)
  // B.
  const BcqStorage storage{7, 5, 3, 4, true};
  EXPECT_EQ(plane_bytes(storage), 14u);
  EXPECT_EQ(scale_bytes(storage), 100u);
  EXPECT_EQ(stored_bytes(storage), 114u);
  EXPECT_EQ(scale_bytes(7, 5, 3, 4, false), 60u);
  EXPECT_EQ(stored_bytes(make_bcq(7, 5, 3, 4, true).storage()), 114u);
  EXPECT_EQ(stored_bytes(make_bcq(7, 5, 3, 4, false).storage()), 74u);
}

TEST(BcqStorage, HoldsMatricesBeyondFourGigabytes) {
  EXPECT_EQ(plane_bytes(std::uint64_t{1} << 20, std::uint64_t{1} << 20, 8), std::uint64_t{1} << 40);
}

}  // namespace
}  // namespace lutsim::models

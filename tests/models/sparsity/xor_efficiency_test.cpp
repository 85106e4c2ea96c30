// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>

#include "models/sparsity/xor_encoder.h"
#include "tests/models/sparsity/random_bits.h"

/// What the code reaches on independent random bits and masks (docs/units/decoder.md, "Measured").
namespace lutsim::models {
namespace {

struct Case {
  double sparsity;
  spec::XorCodeSpec code;
  std::size_t blocks;
  double efficiency;  ///< of a reference encoder on the same distribution, in percent
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.code.n_in << "_" << c.code.n_out << "_" << c.code.n_stages;
}

class XorEfficiency : public testing::TestWithParam<Case> {};

/// Within what the choice of the matrix and the number of blocks (of the reference: 600 for two
/// stages, otherwise 3000) leave open: 1 % without history, otherwise 0.3 %.
TEST_P(XorEfficiency, IsThatOfTheReference) {
  const Case& c = GetParam();
  std::mt19937_64 random(11);
  const BitVector bits = test::random_bits(random, c.blocks * c.code.n_out);
  const BitVector mask = test::random_bits(random, bits.size(), 1 - c.sparsity);
  const XorEncoding encoding = xor_encode(c.code, bits, mask);
  const double open = c.code.n_stages == 0 ? 1.0 : 0.3;
  EXPECT_NEAR(100 * encoding.efficiency(), c.efficiency, open);
  RecordProperty("efficiency", std::to_string(encoding.efficiency()));
  RecordProperty("reduction", std::to_string(encoding.reduction(c.code)));
  RecordProperty("cycles_per_block", std::to_string(1 + static_cast<double>(encoding.mismatches) /
                                                            static_cast<double>(c.blocks)));
}

INSTANTIATE_TEST_SUITE_P(
    IndependentBits, XorEfficiency,
    testing::Values(Case{0.5, {8, 16, 0, 7}, 10000, 94.5}, Case{0.5, {8, 16, 1, 9}, 10000, 99.1},
                    Case{0.5, {8, 16, 2, 10}, 1000, 99.6}, Case{0.6, {8, 20, 0, 7}, 10000, 93.6},
                    Case{0.6, {8, 20, 1, 9}, 10000, 99}, Case{0.7, {8, 26, 0, 8}, 10000, 94},
                    Case{0.7, {8, 26, 1, 10}, 10000, 99.2}, Case{0.7, {8, 26, 2, 11}, 1000, 99.8},
                    Case{0.8, {8, 40, 0, 8}, 10000, 93.6}, Case{0.8, {8, 40, 1, 10}, 10000, 98.8},
                    Case{0.9, {8, 80, 0, 9}, 10000, 93.1}, Case{0.9, {8, 80, 1, 11}, 10000, 98.7},
                    Case{0.9, {8, 80, 2, 12}, 1000, 99.55}, Case{0.9, {4, 40, 0, 8}, 10000, 88.8},
                    Case{0.9, {4, 40, 1, 9}, 10000, 96.1}, Case{0.9, {4, 40, 2, 10}, 10000, 98.4},
                    Case{0.9, {6, 60, 2, 11}, 10000, 99.2}),
    [](const auto& info) { return testing::PrintToString(info.param); });

}  // namespace
}  // namespace lutsim::models

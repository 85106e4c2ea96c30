// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/port_bits.h"

#include <gtest/gtest.h>

namespace lutsim::rtl {
namespace {

TEST(PortBits, FieldsOfAWidePortKeepTheirNeighbours) {
  // Every place and width, across one and two word boundaries.
  for (std::size_t lsb = 0; lsb < 64; ++lsb) {
    for (std::uint32_t width = 1; width <= 64; ++width) {
      VlWide<4> port;
      for (std::size_t w = 0; w < 4; ++w) port.at(w) = 0xffffffffu;
      set_bits(port, lsb, width, 0);
      EXPECT_EQ(get_bits(port, lsb, width), 0u) << lsb << " " << width;
      // 1 below and 1 above the field.
      if (lsb > 0) {
        EXPECT_EQ(get_bits(port, lsb - 1, 1), 1u) << lsb << " " << width;
      }
      if (lsb + width < 128) {
        EXPECT_EQ(get_bits(port, lsb + width, 1), 1u) << lsb << " " << width;
      }
      set_bits(port, lsb, width, 0xa5a5a5a5a5a5a5a5u);
      const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
      EXPECT_EQ(get_bits(port, lsb, width), 0xa5a5a5a5a5a5a5a5u & mask) << lsb << " " << width;
    }
  }
}

TEST(PortBits, NarrowPortsHaveTheSameFields) {
  std::uint32_t port = 0xffffffffu;
  set_bits(port, 5, 10, 0x155u);
  EXPECT_EQ(get_bits(port, 5, 10), 0x155u);
  EXPECT_EQ(get_bits(port, 4, 1), 1u);
  EXPECT_EQ(get_bits(port, 15, 17), 0x1ffffu);
  std::uint64_t wide = 0;
  set_bits(wide, 0, 64, 0x0123456789abcdefu);
  EXPECT_EQ(get_bits(wide, 0, 64), 0x0123456789abcdefu);
}

TEST(PortBits, SignedFieldsExtendTheirSign) {
  VlWide<3> port;
  for (std::size_t w = 0; w < 3; ++w) port.at(w) = 0;
  set_bits(port, 30, 18, static_cast<std::uint64_t>(std::int64_t{-77}));
  EXPECT_EQ(get_signed_bits(port, 30, 18), -77);
  EXPECT_EQ(get_signed_bits(port, 48, 18), 0);
}

}  // namespace
}  // namespace lutsim::rtl

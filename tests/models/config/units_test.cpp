// SPDX-License-Identifier: Apache-2.0
#include "models/config/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace lutsim::config {
namespace {

using spec::Unit;

constexpr Unit kEveryUnit[] = {Unit::bit,    Unit::byte,           Unit::hertz,
                               Unit::second, Unit::bit_per_second, Unit::byte_per_second,
                               Unit::joule,  Unit::watt,           Unit::square_metre,
                               Unit::volt,   Unit::metre,          Unit::none};

const UnitName* find(Unit unit, const std::string& name) {
  for (const UnitName& u : unit_names(unit)) {
    if (name == u.name) return &u;
  }
  return nullptr;
}

double read(const std::string& text, Unit unit) {
  const auto parts = split_number(text);
  return to_double(parts.value().number, find(unit, parts->unit)).value();
}

TEST(Units, DecimalPrefixesRoundOnceLikeALiteral) {
  EXPECT_EQ(read("6.4 Gb/s", Unit::bit_per_second), 6.4e9);
  EXPECT_EQ(read("1.35 pJ", Unit::joule), 1.35e-12);
  EXPECT_EQ(read("28 nm", Unit::metre), 28e-9);
  EXPECT_EQ(read("0.7 V", Unit::volt), 0.7);
  EXPECT_EQ(read("3.9 ns", Unit::second), 3.9e-9);
  EXPECT_EQ(read("12.5 um2", Unit::square_metre), 12.5e-12);
}

TEST(Units, BinaryAndDecimalBytesDiffer) {
  EXPECT_EQ(read("1 KiB", Unit::byte), 1024);
  EXPECT_EQ(read("1 kB", Unit::byte), 1000);
  EXPECT_EQ(read("1.5 GiB", Unit::byte), 1610612736.0);
  EXPECT_EQ(find(Unit::byte, "KB"), nullptr);
}

TEST(Units, EveryFamilyHasExactlyOneBaseUnit) {
  for (const Unit unit : kEveryUnit) {
    int bases = 0;
    for (const UnitName& u : unit_names(unit)) {
      bases += u.binary_exponent == 0 && u.decimal_exponent == 0 ? 1 : 0;
    }
    EXPECT_EQ(bases, unit == Unit::none ? 0 : 1);
  }
}

TEST(SplitNumber, TakesDecimalsOnly) {
  EXPECT_EQ(split_number("-1.5e-3 mJ")->number, "-1.5e-3");
  EXPECT_EQ(split_number("800MHz")->unit, "MHz");
  EXPECT_EQ(split_number("0x10")->unit, "x10");
  for (const char* text :
       {"", "x", "010", ".5", "5.", "5.x", "+5", "inf", "nan", "1e", "1e99999", " 5", "-", "--5"}) {
    EXPECT_FALSE(split_number(text).has_value()) << text;
  }
}

TEST(ToInteger, IsExactUpToTheLastOf64Bits) {
  const auto expect = [](const char* number, const UnitName* unit, IntegerFit fit,
                         std::uint64_t value) {
    const IntegerResult r = to_integer(number, unit);
    EXPECT_EQ(r.fit, fit) << number;
    EXPECT_EQ(r.value, value) << number;
  };
  const UnitName* kib = find(Unit::byte, "KiB");
  const UnitName* gib = find(Unit::byte, "GiB");
  expect("18446744073709551615", nullptr, IntegerFit::exact, 18446744073709551615u);
  expect("18446744073709551616", nullptr, IntegerFit::too_large, 0);
  expect("9007199254740993", nullptr, IntegerFit::exact, 9007199254740993u);  // 2^53 + 1
  expect("17179869184", gib, IntegerFit::too_large, 0);                       // 2^64
  expect("17179869183", gib, IntegerFit::exact, 18446744072635809792u);
  expect("1.5", kib, IntegerFit::exact, 1536);
  expect("0.0009765625", kib, IntegerFit::exact, 1);
  expect("0.001", kib, IntegerFit::fraction, 0);
  expect("2.50", find(Unit::byte, "kB"), IntegerFit::exact, 2500);
  expect("1.5", nullptr, IntegerFit::fraction, 0);
  expect("4.0", nullptr, IntegerFit::exact, 4);
  expect("-4", nullptr, IntegerFit::negative, 0);
  expect("0", kib, IntegerFit::exact, 0);
}

TEST(QuantityText, ChoosesTheLargestUnitThatIsNotAboveTheValue) {
  EXPECT_EQ(quantity_text(800e6, Unit::hertz), "800 MHz");
  EXPECT_EQ(quantity_text(2.5e9, Unit::hertz), "2.5 GHz");
  EXPECT_EQ(quantity_text(1.35e-12, Unit::joule), "1.35 pJ");
  EXPECT_EQ(quantity_text(1e-21, Unit::joule), "0.000001 fJ");
  EXPECT_EQ(quantity_text(0.0, Unit::joule), "0 J");
  EXPECT_EQ(quantity_text(28e-9, Unit::metre), "28 nm");
  EXPECT_EQ(quantity_text(0.1, Unit::none), "0.1");
  EXPECT_EQ(quantity_text(1e300, Unit::none), "1e300");
  EXPECT_EQ(quantity_text(1536.0, Unit::byte), "1536 B");
  EXPECT_EQ(quantity_text(1536.5, Unit::byte), "1.5365 kB");
}

TEST(QuantityText, ChoosesTheLargestUnitThatDividesAnInteger) {
  EXPECT_EQ(quantity_text(std::uint64_t{1} << 20, Unit::byte), "1 MiB");
  EXPECT_EQ(quantity_text(std::uint64_t{1536} << 10, Unit::byte), "1536 KiB");
  EXPECT_EQ(quantity_text(std::uint64_t{1000}, Unit::byte), "1 kB");
  EXPECT_EQ(quantity_text(std::uint64_t{1001}, Unit::byte), "1001 B");
  EXPECT_EQ(quantity_text(std::uint64_t{10000000000}, Unit::byte), "10 GB");
  EXPECT_EQ(quantity_text(std::uint64_t{0}, Unit::byte), "0 B");
  EXPECT_EQ(quantity_text(std::uint64_t{16}, Unit::bit), "16 bit");
  EXPECT_EQ(quantity_text(std::uint64_t{400000000}, Unit::hertz), "400 MHz");
  EXPECT_EQ(quantity_text(std::uint64_t{7}, Unit::none), "7");
}

TEST(QuantityText, RefusesWhatNoFileCanSpell) {
  EXPECT_THROW(quantity_text(std::numeric_limits<double>::infinity(), Unit::hertz),
               spec::SpecError);
  EXPECT_THROW(quantity_text(std::nan(""), Unit::none), spec::SpecError);
}

TEST(QuantityText, EveryDoubleReadsBackToTheSameBits) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const Unit unit = kEveryUnit[random() % std::size(kEveryUnit)];
    const std::string text = quantity_text(value, unit);
    const double back = read(text, unit);
    ASSERT_EQ(back, value) << text;
    ASSERT_EQ(std::signbit(back), std::signbit(value)) << text;
  }
}

TEST(QuantityText, EveryIntegerReadsBack) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t value = random() >> (random() % 64) << (random() % 40);
    const Unit unit = kEveryUnit[random() % std::size(kEveryUnit)];
    const auto parts = split_number(quantity_text(value, unit));
    const IntegerResult back = to_integer(parts->number, find(unit, parts->unit));
    ASSERT_EQ(back.fit, IntegerFit::exact) << value;
    ASSERT_EQ(back.value, value);
  }
}

}  // namespace
}  // namespace lutsim::config

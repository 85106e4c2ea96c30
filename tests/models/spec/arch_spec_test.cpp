// SPDX-License-Identifier: Apache-2.0
#include "models/spec/arch_spec.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "models/spec/rtl_parameters.h"

namespace lutsim::spec {
namespace {

TEST(MatrixSpec, WidthsHoldTheLargestSums) {
  for (std::uint32_t mu = 2; mu <= 8; ++mu) {
    for (std::uint32_t cols : {1u, 3u, 5u, 16u, 255u}) {
      MatrixSpec m;
      m.mu = mu;
      m.array_cols = cols;
      // Magnitudes are below 2^(align_bits - 1); a two's complement number of b bits holds
      // +-(2^(b-1)-1).
      const std::uint64_t largest = (std::uint64_t{1} << (m.align_bits - 1)) - 1;
      EXPECT_GE((std::uint64_t{1} << (m.entry_bits() - 1)) - 1, mu * largest);
      EXPECT_GE((std::uint64_t{1} << (m.sum_bits() - 1)) - 1, m.lanes_k() * largest);
    }
  }
}

TEST(MatrixSpec, ReferenceChipHas16384OneBitLanes) {
  EXPECT_EQ(MatrixSpec{}.lanes_n(), 256u);
  EXPECT_EQ(MatrixSpec{}.lanes_k(), 64u);
  EXPECT_EQ(MatrixSpec{}.lut_entries(), 8u);
  EXPECT_EQ(MatrixSpec{}.one_bit_lanes(), 16384u);
}

TEST(ArchSpec, ReferenceValuesHaveNoProblem) {
  EXPECT_TRUE(problems(ArchSpec{}).empty());
  EXPECT_NO_THROW(validate(ArchSpec{}));
}

TEST(ArchSpec, EveryProblemIsNamed) {
  ArchSpec arch;
  arch.clock = 3e9;
  arch.matrix.act_format = NumberFormat::int8;
  arch.matrix.align_bits = 60;
  const auto found = problems(arch);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].path, "clock");
  EXPECT_EQ(found[1].path, "matrix.act_format");
  EXPECT_EQ(found[2].path, "matrix.align_bits");
  try {
    validate(arch);
    FAIL();
  } catch (const SpecError& error) {
    EXPECT_STREQ(error.what(),
                 "clock = 3000.000000 MHz has a period that is not a whole number of picoseconds; "
                 "matrix.act_format = int8 is not a floating-point format (fp16, bf16, fp32); "
                 "matrix.align_bits = 60 needs an integer sum of 66 bits, more than 63");
  }
}

TEST(ArchSpec, ClocksWithAWholePeriodInPicosecondsAreLegal) {
  for (const double clock : {400e6, 500e6, 800e6, 1e9, 1.25e9, 2e9}) {
    ArchSpec arch;
    arch.clock = clock;
    EXPECT_TRUE(problems(arch).empty()) << clock;
  }
}

/// Keys of a struct and of all structs below it, "matrix.mu".
template <class Spec>
void check_keys(const Spec& object, const std::string& path) {
  std::set<std::string> keys;
  for_each_field<Spec>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    const std::string here = path + f.key;
    EXPECT_TRUE(keys.insert(f.key).second) << here << " is listed twice";
    EXPECT_EQ(std::string(f.key).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string::npos)
        << here << " is not lower_snake_case";
    EXPECT_FALSE(std::string(f.doc).empty()) << here << " has no documentation";
    EXPECT_LE(f.min, f.max) << here;
    if constexpr (has_fields<Value>::value) check_keys(object.*(f.member), here + ".");
  });
}

TEST(FieldList, KeysAreUniqueSnakeCaseAndDocumented) { check_keys(ArchSpec{}, ""); }

/// Size of the members that a field list names.
template <class Spec>
std::size_t listed_bytes() {
  std::size_t bytes = 0;
  for_each_field<Spec>(
      [&](const auto& f) { bytes += sizeof(typename std::decay_t<decltype(f)>::Value); });
  return bytes;
}

TEST(FieldList, NoMemberOfAStructIsForgotten) {
  // A member that is not listed makes the struct larger than what is listed, by more than padding.
  EXPECT_LT(sizeof(MatrixSpec) - listed_bytes<MatrixSpec>(), sizeof(std::uint32_t));
  EXPECT_LT(sizeof(VectorSpec) - listed_bytes<VectorSpec>(), sizeof(std::uint32_t));
  EXPECT_LT(sizeof(CommandSpec) - listed_bytes<CommandSpec>(), sizeof(std::uint32_t));
}

TEST(RtlParameters, HoldTheFieldsAndWhatFollowsFromThem) {
  MatrixSpec m;
  m.racs_per_lut = 3;
  m.array_rows = 3;
  m.array_cols = 5;
  m.align_bits = 14;
  m.act_format = NumberFormat::bf16;
  std::map<std::string, std::uint64_t> values;
  for (const RtlParameter& p : rtl_parameters(m)) {
    EXPECT_TRUE(values.emplace(p.name, p.value).second) << p.name << " is given twice";
    EXPECT_FALSE(p.doc.empty()) << p.name;
  }
  const std::map<std::string, std::uint64_t> expected{
      {"Engine", 4},      {"Mu", 4},         {"RacsPerLut", 3},  {"ArrayRows", 3},
      {"ArrayCols", 5},   {"Planes", 1},     {"AlignBits", 14},  {"PsumDepth", 64},
      {"LutEntries", 8},  {"LanesN", 9},     {"LanesK", 20},     {"EntryBits", 16},
      {"SumBits", 19},    {"Slots", 1},      {"FrontStages", 2}, {"ReduceStages", 1},
      {"ScaleStages", 2}, {"SlotStages", 0}, {"ActExpBits", 8},  {"ActManBits", 7},
      {"AccExpBits", 8},  {"AccManBits", 23}};
  EXPECT_EQ(values, expected);
}

}  // namespace
}  // namespace lutsim::spec

// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/liberty.h"

#include <gmock/gmock.h>

#include "tests/tools/energy_flow/refusal.h"
#include "tests/tools/energy_flow/small_library.h"

namespace lutsim::gates {
namespace {

using test::refusal;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Liberty, FunctionsBecomeTruthTables) {
  const std::vector<std::string> ab{"A", "B"}, abs{"A", "B", "S"};
  EXPECT_EQ(truth_table("(!(A B))", ab), 0b0111u);
  EXPECT_EQ(truth_table("A*B'", ab), 0b0010u);
  EXPECT_EQ(truth_table("A^B", ab), 0b0110u);
  EXPECT_EQ(truth_table("A + B & !A", ab), 0b1110u);
  // The inverting multiplexer of the OSU library: A when S, else B.
  EXPECT_EQ(truth_table("(!((S A) + (!S B)))", abs), 0b01010011u);
  EXPECT_THAT(refusal([&] { truth_table("A C", ab); }), HasSubstr("'A C' is not understood"));
  EXPECT_THAT(refusal([&] { truth_table("(A", ab); }), HasSubstr("not understood at character 3"));
}

TEST(Liberty, TablesAreLinearBetweenTheirPointsAndConstantBeyond) {
  LoadSlewTable table;
  table.load = {0, 2};
  table.slew = {0, 4};
  table.values = {1, 3, 5, 7};
  EXPECT_DOUBLE_EQ(table.at(0, 0), 1);
  EXPECT_DOUBLE_EQ(table.at(1, 0), 3);
  EXPECT_DOUBLE_EQ(table.at(1, 1), 3.5);
  EXPECT_DOUBLE_EQ(table.at(9, 9), 7);
  EXPECT_DOUBLE_EQ(table.at(-1, 2), 2);
}

TEST(Liberty, CellsHavePinsTablesAndFunctions) {
  const CellLibrary library = read_library(test::small_library());
  EXPECT_EQ(library.name, "small");
  EXPECT_EQ(library.voltage, 2);
  // Cells with two outputs are no gates of ours.
  EXPECT_EQ(library.cells.count("HALF_ADDER"), 0u);
  const LibraryCell& inverter = library.at("INV");
  EXPECT_EQ(inverter.truth, 0b01u);
  EXPECT_THAT(inverter.input_pf, ElementsAre(0.5));
  // Slew 0.12 lies in the middle of its axis, load 1 in the middle of the other.
  EXPECT_DOUBLE_EQ(inverter.energy(1, 0.12).rise, 3);
  EXPECT_DOUBLE_EQ(inverter.energy(1, 0.12).fall, 0.25);
  EXPECT_DOUBLE_EQ(inverter.delay(1, 0.12).rise, 0.3);
  const LibraryCell& flop = library.at("DFFPOSX1");
  EXPECT_TRUE(flop.is_register);
  EXPECT_DOUBLE_EQ(flop.input_energy("CLK", 0.12).rise, 0.2);
  EXPECT_DOUBLE_EQ(flop.input_energy("D", 0.12).fall, 0.04);
  EXPECT_EQ(flop.energy(0, 0.12).fall, 0.7);
}

TEST(Liberty, OtherUnitsAreRefused) {
  const auto with_unit = [](const std::string& unit) {
    return refusal([&] { read_library("library(x) { " + unit + " }"); });
  };
  EXPECT_EQ(with_unit("time_unit : \"1ns\"; capacitive_load_unit (1,pf);"), "accepted");
  EXPECT_THAT(with_unit("time_unit : \"1ps\";"), HasSubstr("time_unit of x is not that"));
  EXPECT_THAT(with_unit("capacitive_load_unit (1,ff);"), HasSubstr("capacitive_load_unit"));
}

TEST(Liberty, ErrorsNameTheLine) {
  EXPECT_THAT(refusal([] { parse_liberty("library(x) {\n  cell (A) {\n"); }), HasSubstr("line 3"));
  EXPECT_THAT(refusal([] { parse_liberty("library(x) {\n /* no end"); }), HasSubstr("comment"));
  EXPECT_THAT(refusal([] { read_library(test::small_library()).at("XOR2"); }),
              HasSubstr("no usable cell XOR2"));
}

}  // namespace
}  // namespace lutsim::gates

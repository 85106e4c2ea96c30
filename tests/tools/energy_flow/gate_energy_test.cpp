// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_energy.h"

#include <gmock/gmock.h>

#include "tests/tools/energy_flow/refusal.h"
#include "tests/tools/energy_flow/small_library.h"

namespace lutsim::gates {
namespace {

using test::refusal;
using testing::HasSubstr;

class PulseTest : public testing::Test {
 protected:
  std::uint32_t net(const char* port) const { return netlist_.port(port).nets[0]; }

  /// a = 0 1 0 1 1 with the register enabled in cycles 1 and 2.
  void run(GateSimulator* simulator) {
    const bool a[] = {false, true, false, true, true};
    for (int cycle = 0; cycle < 5; ++cycle) {
      simulator->set_input(net("a"), a[cycle]);
      simulator->set_input(net("e"), cycle == 1 || cycle == 2);
      simulator->settle();
      EXPECT_TRUE(simulator->value(net("y")));
      EXPECT_EQ(simulator->value(net("q_o")), cycle >= 2);
      simulator->clock();
    }
  }

  std::uint64_t transitions(const GateSimulator& simulator, const char* port) const {
    return simulator.rises()[net(port)] + simulator.falls()[net(port)];
  }

  const CellLibrary library_ = read_library(test::small_library());
  const Netlist netlist_ = read_netlist(test::pulse_netlist(), "top", library_, "DFFPOSX1");
};

TEST_F(PulseTest, NetlistIsFlatAndKeepsInstancesAndNames) {
  ASSERT_EQ(netlist_.gates.size(), 2u);
  ASSERT_EQ(netlist_.registers.size(), 1u);
  EXPECT_EQ(netlist_.registers[0].name, "q");
  EXPECT_EQ(netlist_.paths, (std::vector<std::string>{"", "u_inv"}));
  const std::vector<double> load = pin_loads_pf(netlist_);
  EXPECT_DOUBLE_EQ(load[net("a")], 0.5 + 1);
  EXPECT_DOUBLE_EQ(load[net("y")], 3);
}

TEST_F(PulseTest, WithoutDelaysANetChangesOnceACycle) {
  GateSimulator simulator(netlist_, GateSimulator::Delays::zero);
  run(&simulator);
  EXPECT_EQ(transitions(simulator, "a"), 3u);
  EXPECT_EQ(transitions(simulator, "y"), 0u);
  EXPECT_EQ(transitions(simulator, "q_o"), 1u);
  EXPECT_EQ(simulator.edges()[0], 2u);
  EXPECT_EQ(simulator.cycles(), 5u);
}

TEST_F(PulseTest, WithDelaysThePulseOfTheInverterIsSeen) {
  GateSimulator simulator(netlist_, GateSimulator::Delays::liberty);
  run(&simulator);
  // Two rising a: y falls 0.1 ns later and rises 0.1 ns after the inverter, whose 0.3 ns are
  // longer.
  EXPECT_EQ(transitions(simulator, "y"), 4u);
  EXPECT_EQ(transitions(simulator, "q_o"), 1u);
}

TEST_F(PulseTest, APulseShorterThanTheGateIsSwallowed) {
  CellLibrary slow = library_;
  for (auto& arc : slow.cells.at("NAND2").delay_ns) arc.first.values = arc.second.values = {0.5};
  // Something else is still on its way when the pulse would have come.
  LibraryCell last = slow.at("INV");
  last.name = "LAST";
  for (auto& arc : last.delay_ns) arc.first.values = arc.second.values = {1, 1};
  slow.cells.emplace("LAST", last);
  std::string text = test::pulse_netlist();
  const std::string before = "\"r\": {";
  text.replace(text.find(before), before.size(),
               R"("l": {"type": "LAST", "connections": {"A": [2], "Y": [7]}}, )" + before);
  const Netlist netlist = read_netlist(text, "top", slow, "DFFPOSX1");
  GateSimulator simulator(netlist, GateSimulator::Delays::liberty);
  run(&simulator);
  EXPECT_EQ(transitions(simulator, "y"), 0u);
  EXPECT_EQ(transitions(simulator, "a"), 3u);
}

TEST_F(PulseTest, EnergyByPartIsWhatAHandComputes) {
  GateSimulator simulator(netlist_, GateSimulator::Delays::zero);
  run(&simulator);
  const PartMap parts = map_parts(netlist_, [](const Place& place) -> std::string {
    if (!place.signal.empty()) return place.signal;
    return place.path.empty() ? "nand, feeds " + place.feeds : "inverter";
  });
  const EnergyByPart energy = energy_by_part(netlist_, simulator, parts, library_);

  // The inverter's output falls, rises and falls: 2 pF of the NAND at 2 pJ each, and at the load of
  // 2 pF, the end of the table, 4 pJ for a rise and 0.25 pJ for a fall. Its input pin: 3
  // transitions.
  const PartEnergy& inverter = energy.at("inverter");
  EXPECT_DOUBLE_EQ(inverter.load_pj, 3 * 2 * 2 + 3 * 0.5 * 2);
  EXPECT_DOUBLE_EQ(inverter.internal_pj, 1 * 4 + 2 * 0.25);
  EXPECT_DOUBLE_EQ(inverter.area_um2, 10);
  // The NAND feeds the register alone; its output never moves, its input pin A does.
  const PartEnergy& nand = energy.at("nand, feeds q");
  EXPECT_DOUBLE_EQ(nand.load_pj, 3 * 1 * 2);
  EXPECT_DOUBLE_EQ(nand.internal_pj, 0);
  // The register: Q rises once. Two edges of 0.2 + 0.4 pJ and 0.25 pF, up and down.
  const PartEnergy& q = energy.at("q");
  const double edge = 0.2 + 0.4 + 2 * 0.25 * 2;
  EXPECT_DOUBLE_EQ(q.internal_pj, 0.5);
  EXPECT_DOUBLE_EQ(q.clock_pj, 2 * edge);
  EXPECT_DOUBLE_EQ(q.ungated_clock_pj, 5 * edge);
  // Its clock gate sees every cycle: the clock pin of the latch, an input of the AND (1 pF).
  EXPECT_DOUBLE_EQ(q.idle_clock_pj, 5 * (2 * (0.25 + 1) * 2 + 0.6));
  EXPECT_DOUBLE_EQ(q.area_um2, 40 + 40 + 30);
  EXPECT_DOUBLE_EQ(q.leakage_nw, 2 + 2 + 1);
}

TEST(NetlistRefusals, NameWhatIsWrong) {
  const CellLibrary library = read_library(test::small_library());
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text = test::pulse_netlist();
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const auto read = [&](const std::string& text) {
    return refusal([&] {
      GateSimulator(read_netlist(text, "top", library, "DFFPOSX1"), GateSimulator::Delays::zero);
    });
  };
  EXPECT_EQ(read(test::pulse_netlist()), "accepted");
  EXPECT_THAT(read(with("NAND2", "NAND9")), HasSubstr("no usable cell NAND9"));
  EXPECT_THAT(read(with("\"Y\": [5]", "\"Y\": [4]")), HasSubstr("two drivers"));
  EXPECT_THAT(read(with("\"B\": [4]", "\"B\": [7]")), HasSubstr("no driver"));
  EXPECT_THAT(read(with("\"B\": [4]", "\"B\": [5]")), HasSubstr("a loop of gates"));
}

}  // namespace
}  // namespace lutsim::gates

// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/accelerator_server.h"

#include <gtest/gtest.h>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::workloads {
namespace {

AcceleratorOptions options(const std::string& model, std::uint32_t chips = 1) {
  AcceleratorOptions o;
  o.arch = config::load_arch("default");
  o.arch.system.chips = chips;
  o.memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, o.arch.memory.standard, "memory").string());
  o.models = {{find_shape(model), {}}};
  return o;
}

models::EnergyTable table() {
  return models::read_energy_table(
      config::find_named(config::kEnergyFolder, "literature-28nm", "energy table").string());
}

/// 1 s a row of a prompt, 10 s a decode pass, 1e9 DRAM bits each.
class FakePoints : public PointSource {
 public:
  PointCost cost(const OperatingPoint& p) override {
    asked.push_back(p);
    PointCost cost;
    cost.seconds = p.is_prefill ? p.rows : 10;
    cost.events[static_cast<std::size_t>(models::Event::dram_read_bit)] = 1e9;
    return cost;
  }
  std::vector<OperatingPoint> asked;
};

TEST(AcceleratorServer, AnIterationIsItsChunksAndOneDecodePassAtTheMeanContext) {
  auto points = std::make_shared<FakePoints>();
  AcceleratorServer server(options("llama-3.1-8b"), table(), {points}, {{}});
  Batch batch;
  batch.slices = {
      {0, 100, 1, true, 0}, {1, 301, 1, true, 0}, {2, 64, 32, false, 0}, {3, 0, 1, true, 0}};
  const IterationCost cost = server.execute(batch);
  ASSERT_EQ(points->asked.size(), 3u);
  EXPECT_TRUE(points->asked[0].is_prefill);
  EXPECT_EQ(points->asked[0].context, 64u);
  EXPECT_TRUE(points->asked[1].is_prefill);  // the first row of a prompt is no decode
  EXPECT_EQ(points->asked[2].rows, 2u);
  EXPECT_EQ(points->asked[2].context, 201u);
  EXPECT_DOUBLE_EQ(cost.seconds, 32 + 1 + 10);
  EXPECT_EQ(server.events()[models::Event::dram_read_bit], 3000000000u);
  // Joules of the iterations are those of their events and of the time.
  const auto report = models::account(options("llama-3.1-8b").arch, table(), server.events(), 43);
  EXPECT_NEAR(cost.joules, report.total, 1e-9 * report.total);
}

TEST(AcceleratorServer, AnotherAdapterMovesItsScales) {
  auto points = std::make_shared<FakePoints>();
  const AcceleratorOptions o = options("llama-3.1-8b");
  PointCost task_switch;
  task_switch.seconds = 0.25;
  task_switch.events[static_cast<std::size_t>(models::Event::dram_write_bit)] = 5e8;
  AcceleratorServer server(o, table(), {points}, {task_switch});
  Batch batch;
  batch.slices = {{0, 100, 1, true, 3}};
  EXPECT_DOUBLE_EQ(server.execute(batch).seconds, 10);
  EXPECT_EQ(server.events()[models::Event::dram_write_bit], 0u);
  batch.slices.push_back({1, 100, 1, true, 4});
  const double bytes = scale_bytes(o.models[0], 1);
  // 4 alphas of 2 B and an offset of 4 B for 128 weights.
  EXPECT_NEAR(bytes / (6.98e9 / 128 * 12), 1, 0.01);
  EXPECT_DOUBLE_EQ(server.execute(batch).seconds, 10 + 0.25);
  EXPECT_EQ(server.adapter_moves(), 1u);
  EXPECT_EQ(server.events()[models::Event::dram_write_bit], 500000000u);
  batch.slices.push_back({2, 100, 1, true, 5});
  EXPECT_DOUBLE_EQ(server.execute(batch).seconds, 10 + 2 * 0.25);  // 4 is in place
}

TEST(AcceleratorMemory, HoldsTheWeightsOfAllChipsAndTheirAdapters) {
  const DeviceMemory one = accelerator_memory(options("llama-3.1-8b"));
  EXPECT_DOUBLE_EQ(one.capacity_bytes, 32.0 * (1ull << 30));
  // 6.98e9 decoder weights of 4.75 bits, 1.05e9 of 16 bits.
  EXPECT_NEAR(one.weight_bytes / (6.98e9 * 4.75 / 8 + 1.05e9 * 2), 1, 0.01);
  AcceleratorOptions adapters = options("llama-3.1-8b");
  adapters.adapters = 3;
  // Each is stored, and the one in use lies where the matrices have their scales.
  EXPECT_NEAR(accelerator_memory(adapters).weight_bytes - one.weight_bytes,
              3 * scale_bytes(adapters.models[0], 1), 1);
  EXPECT_THROW(accelerator_memory(options("llama-2-70b")), spec::SpecError);
  EXPECT_GT(accelerator_memory(options("llama-2-70b", 2)).pages, 1000u);
}

TEST(AcceleratorMemory, AQuantisedCacheHoldsItsScalesAndZeroPoints) {
  AcceleratorOptions o = options("llama-3.1-8b");
  const auto pages = static_cast<double>(accelerator_memory(o).pages);
  o.models[0].formats.kv_bits = 8;
  // A head of 128 elements: 256 B in FP16; 128 B of codes, 4 B of scale and zero point.
  EXPECT_NEAR(static_cast<double>(accelerator_memory(o).pages) / pages, 256.0 / 132, 1e-3);
}
}  // namespace
}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/lowering.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/lowering/dram_regions.h"
#include "tests/sim/lowering/lowered.h"
#include "tests/workloads/trace/variant_shapes.h"

namespace lutsim::sim {
namespace {

/// Large buffers keep everything on chip; small ones spill every activation.
class LoweringBuffers
    : public testing::TestWithParam<std::tuple<models::ModelShape, std::uint64_t>> {
 protected:
  const models::ModelShape shape_ = std::get<0>(GetParam());
  const spec::ArchSpec arch_ = arch_with_buffers(16384, std::get<1>(GetParam()));
};

TEST_P(LoweringBuffers, CommandsWaitOnlyForEarlierOnes) {
  const auto trace = trace_of(shape_, 20, 3, 2);
  const Lowered lowered(arch_, trace);
  ASSERT_FALSE(lowered.commands.empty());
  for (std::size_t i = 0; i < lowered.commands.size(); ++i) {
    EXPECT_EQ(lowered.commands[i]->id, i);
    for (const CommandId wait : lowered.commands[i]->waits) ASSERT_LT(wait, i);
  }
}

TEST_P(LoweringBuffers, EveryOutputOfEveryMatmulIsComputedOnce) {
  const auto trace = trace_of(shape_, 20, 2);
  const Lowered lowered(arch_, trace);
  std::map<workloads::OperatorId, std::map<std::pair<std::uint64_t, std::uint64_t>, int>> outputs;
  for (const auto& command : lowered.commands) {
    const auto& op = trace.operators[command->op];
    if (op.kind != workloads::OperatorKind::matmul) continue;
    const auto add = [&](std::uint64_t m0, std::uint64_t m, std::uint64_t n0, std::uint64_t n) {
      for (std::uint64_t r = m0; r < m0 + m; ++r) {
        // A grouped matmul counts columns over all groups.
        for (std::uint64_t c = n0; c < n0 + n; ++c) ++outputs[command->op][{r, c % op.n}];
      }
    };
    if (const auto* work = std::get_if<MatrixWork>(&command->work)) {
      if (work->last) add(work->m_begin, work->m_count, work->n_begin, work->n_count);
    } else if (const auto* vector = std::get_if<VectorWork>(&command->work)) {
      add(vector->row_begin, vector->row_count, vector->n_begin, vector->n_count);
    }
  }
  for (workloads::OperatorId id = 0; id < trace.operators.size(); ++id) {
    const auto& op = trace.operators[id];
    if (op.kind != workloads::OperatorKind::matmul) continue;
    ASSERT_EQ(outputs[id].size(), op.m * op.n) << op.name;
    for (const auto& [at, count] : outputs[id]) ASSERT_EQ(count, 1) << op.name;
  }
}

TEST_P(LoweringBuffers, AReaderWaitsDirectlyOrNotForWhatItReads) {
  // A command of an operator must come after the unit commands of the operators it depends on:
  // there is a path of waits from it to each of them.
  const auto trace = trace_of(shape_, 6, 1);
  const Lowered lowered(arch_, trace);
  std::vector<CommandId> last_of(trace.operators.size(), 0);
  for (const auto& command : lowered.commands) {
    if (!std::holds_alternative<DmaTransfer>(command->work)) last_of[command->op] = command->id;
  }
  for (workloads::OperatorId id = 0; id < trace.operators.size(); ++id) {
    for (const workloads::OperatorId needed : trace.operators[id].depends_on) {
      EXPECT_TRUE(lowered.waits_for(last_of[id], last_of[needed]))
          << trace.operators[id].name << " does not wait for " << trace.operators[needed].name;
    }
  }
}

TEST_P(LoweringBuffers, AStoreWaitsForTheLoadsOfWhatItOverwrites) {
  const auto trace = trace_of(shape_, 20, 2);
  const Lowered lowered(arch_, trace);
  for (const auto& command : lowered.commands) {
    const auto* store = std::get_if<DmaTransfer>(&command->work);
    if (!store || !store->write) continue;
    for (CommandId earlier = 0; earlier < command->id; ++earlier) {
      const auto* load = std::get_if<DmaTransfer>(&lowered.commands[earlier]->work);
      if (!load || load->write || end_of(*load) <= store->address ||
          end_of(*store) <= load->address) {
        continue;
      }
      EXPECT_TRUE(lowered.waits_for(command->id, earlier))
          << trace.operators[command->op].name << " overwrites what "
          << trace.operators[lowered.commands[earlier]->op].name << " reads";
    }
  }
}

std::vector<models::ModelShape> all_shapes() {
  std::vector<models::ModelShape> shapes = test::variant_shapes();
  shapes.push_back(tiny_shape());
  shapes.back().name = "larger";
  return shapes;
}

std::string name_of(const testing::TestParamInfo<LoweringBuffers::ParamType>& info) {
  return std::get<0>(info.param).name + (std::get<1>(info.param) > 8192 ? "Resident" : "Spilled");
}

INSTANTIATE_TEST_SUITE_P(Shapes, LoweringBuffers,
                         testing::Combine(testing::ValuesIn(all_shapes()),
                                          testing::Values(1 << 20, 8192)),
                         name_of);

TEST(Lowering, PartsOfASpilledActivationCoverItOnce) {
  // 6 rows of 4 blocks of 8 bytes, written a block at a time and read three rows at a time.
  Program::Placement place;
  place.address = 4096;
  place.rows = 6;
  place.row_bytes = 32;
  place.block_bytes = 8;
  place.bytes = 192;
  const auto touch = [](const DmaTransfer& t, std::map<std::uint64_t, int>& bytes) {
    for (std::uint32_t piece = 0; piece < t.pieces; ++piece) {
      for (std::uint64_t b = 0; b < t.piece_bytes; ++b) ++bytes[t.address + piece * t.stride + b];
    }
  };
  std::map<std::uint64_t, int> blocks, rows, halves;
  for (std::uint64_t byte = 0; byte < 32; byte += 8) {
    const auto t = Program::spilled_rows(place, 0, 6, byte, 8, true);
    EXPECT_EQ(t.pieces, 1u) << "a block is one run";
    touch(t, blocks);
  }
  for (std::uint64_t row = 0; row < 6; row += 3) {
    touch(Program::spilled_rows(place, row, 3, false), rows);
  }
  for (std::uint64_t byte = 0; byte < 32; byte += 4) {
    touch(Program::spilled_rows(place, 0, 6, byte, 4, true), halves);
  }
  EXPECT_EQ(blocks.size(), 192u);
  EXPECT_EQ(blocks.begin()->first, 4096u);
  EXPECT_EQ(rows, blocks);
  EXPECT_EQ(halves, blocks);
  EXPECT_EQ(Program::spilled_rows(place, 0, 6, false).pieces, 1u) << "all of it is one run";
}

TEST(Lowering, ARopeMovesAllOfWhatIsSpilledOnce) {
  // Latent attention's takes its columns out of a wider tensor; the others see heads side by side.
  auto arch = arch_with_buffers(16384, 16384);
  arch.matrix.array_rows = 2;
  arch.matrix.racs_per_lut = 1;
  int spilled = 0;
  for (const models::ModelShape& shape : all_shapes()) {
    const auto trace = trace_of(shape, 24, 1, 40);
    std::map<workloads::OperatorId, std::uint64_t> loads, stores;
    const Lowered lowered(arch, trace);
    for (const auto& command : lowered.commands) {
      const auto* transfer = std::get_if<DmaTransfer>(&command->work);
      if (!transfer) continue;
      (transfer->write ? stores : loads)[command->op] += transfer->bytes();
    }
    for (workloads::OperatorId id = 0; id < trace.operators.size(); ++id) {
      const auto& op = trace.operators[id];
      if (op.kind != workloads::OperatorKind::rope || stores.count(id) == 0) continue;
      ++spilled;
      EXPECT_EQ(stores[id], workloads::stored_bytes(trace.tensors[op.outputs[0]])) << shape.name;
      if (loads.count(id) == 0) continue;
      EXPECT_EQ(loads[id], workloads::stored_bytes(trace.tensors[op.inputs[0]])) << shape.name;
    }
  }
  EXPECT_GT(spilled, 10);
}

TEST(Lowering, ADecodeStepReadsEveryWeightOnce) {
  const auto trace = trace_of(tiny_shape(), 1, 1);
  const auto arch = arch_with_buffers(16384, 1 << 20);
  const Lowered lowered(arch, trace);
  std::uint64_t loaded = 0;
  for (const auto& command : lowered.commands) {
    const auto& op = trace.operators[command->op];
    const auto* transfer = std::get_if<DmaTransfer>(&command->work);
    if (transfer && op.kind == workloads::OperatorKind::matmul) loaded += transfer->bytes();
  }
  std::uint64_t stored = 0;
  for (const auto& tensor : trace.tensors) {
    if (tensor.role == workloads::TensorRole::weight && tensor.shape.size() == 2 &&
        tensor.name != "embedding.weight") {
      stored += workloads::stored_bytes(tensor);
    }
  }
  EXPECT_EQ(loaded, stored);
}

TEST(Lowering, ElementsOfLessThanAByteArePacked) {
  auto trace = trace_of(tiny_shape(), 1, 1);
  for (auto& tensor : trace.tensors) {
    if (tensor.role == workloads::TensorRole::weight && !tensor.weight.is_bcq() &&
        tensor.shape.size() == 2) {
      tensor.format = spec::NumberFormat::int4;
      tensor.weight.weight_bits = 4;
    }
  }
  const Lowered lowered(arch_with_buffers(16384, 1 << 20), trace);
  std::map<std::string, std::uint64_t> loaded;
  for (const auto& command : lowered.commands) {
    const auto* transfer = std::get_if<DmaTransfer>(&command->work);
    if (transfer) loaded[trace.operators[command->op].name] += transfer->bytes();
  }
  const auto shape = tiny_shape();
  EXPECT_EQ(loaded.at("embedding"), shape.hidden / 2);
  EXPECT_EQ(loaded.at("lm_head"), shape.vocab * shape.hidden / 2);
}

TEST(DramRegions, ARegionComesWithTheReadersOfWhatLayThere) {
  DramRegions regions(kGib);
  std::vector<CommandId> waits;
  const std::uint64_t first = regions.borrow(100, waits);
  const std::uint64_t second = regions.borrow(100, waits);
  EXPECT_NE(first, second);
  EXPECT_TRUE(waits.empty());
  regions.release(second, 100, {3, 5});
  regions.release(first, 100, {7});
  EXPECT_NE(regions.borrow(200, waits), second) << "of another size";
  EXPECT_TRUE(waits.empty());
  EXPECT_EQ(regions.borrow(100, waits), second) << "freed first";
  EXPECT_EQ(waits, (std::vector<CommandId>{3, 5}));
}

TEST(Lowering, AModelThatDoesNotFitSaysByHowMuch) {
  const auto trace = trace_of(tiny_shape(), 1, 1);
  const auto arch = arch_with_buffers(16384, 1 << 20);
  try {
    Lowering lowering(arch, trace, 1000);
    FAIL() << "accepted";
  } catch (const spec::SpecError& error) {
    EXPECT_NE(std::string(error.what()).find("too little"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lutsim::sim

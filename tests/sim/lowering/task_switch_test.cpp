// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/task_switch.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/sim/lowering/lowered.h"

namespace lutsim::sim {
namespace {

using workloads::TaskSwitch;

class LoweredSwitch : public testing::TestWithParam<TaskSwitch> {};

TEST_P(LoweredSwitch, CopiesEveryByteOnceToWhereTheMatrixReadsIt) {
  // Small buffers: many copies for a matrix.
  const spec::ArchSpec arch = arch_with_buffers(16384, 4096);
  const auto plain = trace_of(tiny_shape(), 2, 1);
  const auto trace = workloads::with_task_switch(plain, GetParam());
  const Lowered lowered(arch, trace);

  std::set<std::uint64_t> written, read;
  std::uint64_t loaded = 0, stored = 0;
  for (const auto& command : lowered.commands) {
    const auto* run = std::get_if<DmaTransfer>(&command->work);
    if (run == nullptr) continue;
    const bool is_update =
        trace.operators[command->op].kind == workloads::OperatorKind::weight_update;
    if (!is_update) {
      // What a tile reads of planes and scales, if it was overwritten, it reads afterwards.
      for (std::uint32_t piece = 0; piece < run->pieces; ++piece) {
        const std::uint64_t begin = run->address + piece * run->stride;
        for (std::uint64_t at = begin; at < begin + run->piece_bytes && !run->write; ++at) {
          if (written.count(at) > 0) read.insert(at);
        }
      }
      continue;
    }
    EXPECT_EQ(run->buffer, Buffer::activation);
    (run->write ? stored : loaded) += run->bytes();
    if (!run->write) continue;
    for (std::uint64_t at = run->address; at < run->address + run->bytes(); ++at) {
      EXPECT_TRUE(written.insert(at).second) << "twice: " << at;
    }
  }
  EXPECT_EQ(stored, workloads::switched_bytes(trace));
  EXPECT_EQ(loaded, stored);
  EXPECT_EQ(read, written);
}

TEST_P(LoweredSwitch, NoTileIsReadBeforeItIsThere) {
  const spec::ArchSpec arch = arch_with_buffers(16384, 4096);
  const auto trace = workloads::with_task_switch(trace_of(tiny_shape(), 2, 1), GetParam());
  const Lowered lowered(arch, trace);
  std::map<workloads::TensorId, std::vector<CommandId>> stores;
  std::size_t checked = 0;
  for (const auto& command : lowered.commands) {
    const auto& op = trace.operators[command->op];
    const auto* run = std::get_if<DmaTransfer>(&command->work);
    if (run == nullptr) continue;
    if (op.kind == workloads::OperatorKind::weight_update) {
      if (run->write) stores[op.outputs.at(0)].push_back(command->id);
    } else if (!run->write && run->buffer == Buffer::weight && op.inputs.size() > 1) {
      for (const CommandId store : stores[op.inputs[1]]) {
        ASSERT_TRUE(lowered.waits_for(command->id, store)) << op.name;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 100u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LoweredSwitch,
                         testing::Values(TaskSwitch::scales, TaskSwitch::weights),
                         [](const auto& info) { return spec::to_string_of(info.param); });

}  // namespace
}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include "sim/lowering/lowering.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::sim {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

inline models::ModelShape tiny_shape() {
  models::ModelShape s;
  s.name = "tiny";
  s.layers = 2;
  s.hidden = 48;
  s.heads = 4;
  s.kv_heads = 2;
  s.head_dim = 12;
  s.ffn = 100;
  s.vocab = 64;
  s.max_context = 256;
  return s;
}

inline spec::ArchSpec arch_with_buffers(std::uint64_t weight_bytes,
                                        std::uint64_t activation_bytes) {
  spec::ArchSpec arch;
  arch.matrix.racs_per_lut = 4;
  arch.matrix.array_rows = 4;
  arch.matrix.array_cols = 8;
  arch.matrix.psum_depth = 8;
  arch.weight_buffer = {weight_bytes, 4, 32, 4};
  arch.activation_buffer = {activation_bytes, 4, 32, 4};
  return arch;
}

inline workloads::OperatorTrace trace_of(const models::ModelShape& shape, std::uint32_t prompt,
                                         std::uint32_t generated, std::uint32_t batch = 1) {
  workloads::TraceRequest request;
  request.batch = batch;
  request.prompt_tokens = prompt;
  request.generated_tokens = generated;
  request.group_size = 32;
  return workloads::build_trace(shape, request);
}

struct Lowered {
  std::vector<CommandPtr> commands;
  Lowered(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace) {
    Lowering lowering(arch, trace, kGib);
    while (CommandPtr command = lowering.next()) commands.push_back(command);
  }

  /// Whether there is a path of waits from one command to an earlier one.
  bool waits_for(CommandId from, CommandId target) const {
    std::vector<CommandId> open{from};
    std::vector<bool> seen(commands.size(), false);
    const auto visit = [&](CommandId id) {
      if (!seen[id]) open.push_back(id);
      seen[id] = true;
    };
    while (!open.empty()) {
      const CommandId id = open.back();
      open.pop_back();
      if (id == target) return true;
      for (const CommandId wait : commands[id]->waits) visit(wait);
      if (std::holds_alternative<DmaTransfer>(commands[id]->work)) continue;
      // Units execute in order: an earlier command of the same unit is done too.
      for (CommandId earlier = id; earlier-- > 0;) {
        if (commands[earlier]->work.index() != commands[id]->work.index()) continue;
        visit(earlier);
        break;
      }
    }
    return false;
  }
};

/// First byte after the last one that a transfer touches in DRAM.
inline std::uint64_t end_of(const DmaTransfer& t) {
  return t.address + (t.pieces - 1) * t.stride + t.piece_bytes;
}

}  // namespace lutsim::sim

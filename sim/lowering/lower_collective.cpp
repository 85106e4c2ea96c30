// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using workloads::OperatorKind;

/// Some rows of the tensor on their way round the chips. Tiles do not depend on each other, so that
/// the latency of one tile's message is hidden behind those of the others.
struct Tile {
  std::uint64_t row_begin = 0, row_count = 0;
  SlotRing::Lease lease;  ///< of its staged rows
  bool is_staged = false;
  std::vector<CommandId> ready;  ///< what its next message, or its reader, waits for
};

/// Emits the messages and additions of a collective operator over tiles that travel together.
class Exchange {
 public:
  Exchange(Program& program, workloads::OperatorId id, std::vector<Tile>& tiles)
      : program_(program), id_(id), tiles_(tiles), system_(program.arch().system) {
    const auto& tensor = program.trace().tensors[program.trace().operators[id].outputs.at(0)];
    row_elements_ = tensor.shape.back();
    row_bytes_ = program.bytes_of(program.trace().operators[id].outputs.at(0), row_elements_);
  }

  /// Every chip ends with the sums of its part of each tile.
  void reduce_scatter() { each_step(/*adds=*/true); }
  /// Every chip ends with the parts of all.
  void gather() { each_step(/*adds=*/false); }

 private:
  /// A ring passes one part on at a time; through a switch a chip sends one part to each of the
  /// others, all at once.
  void each_step(bool adds) {
    std::vector<std::vector<CommandId>> before;
    for (const Tile& tile : tiles_) before.push_back(tile.ready);
    for (std::uint32_t step = 1; step < system_.chips; ++step) {
      const bool is_ring = system_.topology == spec::Topology::ring;
      for (std::size_t i = 0; i < tiles_.size(); ++i) {
        Tile& tile = tiles_[i];
        const std::vector<CommandId> waits = is_ring ? tile.ready : before[i];
        LinkTransfer message;
        message.distance = is_ring ? 1 : step;
        message.bytes = spec::ceil_div(tile.row_count * row_bytes_, system_.chips);
        message.send = true;
        const CommandId sent = program_.emit(id_, message, waits);
        message.send = false;
        CommandId last = program_.emit(id_, message, waits);
        if (adds) {
          VectorWork add;
          add.row_begin = tile.row_begin;
          add.row_count = tile.row_count;
          add.n_count = static_cast<std::uint32_t>(
              spec::ceil_div(tile.row_count * row_elements_, system_.chips));
          last = program_.emit(id_, add, {last});
        }
        // The part that was sent is overwritten by the next one that arrives.
        tile.ready = {last, sent};
        if (!is_ring) tile.ready.insert(tile.ready.end(), before[i].begin(), before[i].end());
      }
    }
  }

  Program& program_;
  workloads::OperatorId id_;
  std::vector<Tile>& tiles_;
  const spec::SystemSpec& system_;
  std::uint64_t row_elements_ = 0, row_bytes_ = 0;
};

}  // namespace

void lower_collective(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const workloads::TensorId x = op.inputs.at(0), y = op.outputs.at(0);
  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  const Program::Placement& input = program.placement(x);

  // Tiles are cut alike on every chip, whatever lies where: messages must pair up.
  auto& slots = program.activation_slots;
  const std::uint64_t tile_rows =
      std::clamp<std::uint64_t>(slots.slot_bytes() / output.row_bytes, 1, op.m);
  const std::uint64_t slots_of_tile =
      spec::ceil_div(tile_rows * output.row_bytes, slots.slot_bytes());
  const std::uint64_t together = std::max<std::uint64_t>(1, slots.slots() / 2 / slots_of_tile);

  std::vector<CommandId> last_commands;
  for (std::uint64_t row = 0; row < op.m;) {
    std::vector<Tile> tiles;
    for (; row < op.m && tiles.size() < together; row += tiles.back().row_count) {
      Tile tile;
      tile.row_begin = row;
      tile.row_count = std::min(tile_rows, op.m - row);
      tile.ready = output_waits;
      tile.ready.insert(tile.ready.end(), input.ready.begin(), input.ready.end());
      tile.is_staged = !input.resident || !output.resident;
      if (tile.is_staged) tile.lease = slots.take(tile.row_count * output.row_bytes, tile.ready);
      if (!input.resident) {
        const CommandId load =
            program.emit(id, Program::spilled_rows(input, row, tile.row_count, false), tile.ready);
        tile.ready = {load};
      }
      tiles.push_back(std::move(tile));
    }
    Exchange exchange(program, id, tiles);
    if (op.kind == OperatorKind::all_reduce) exchange.reduce_scatter();
    exchange.gather();
    for (const Tile& tile : tiles) {
      last_commands = tile.ready;
      if (!output.resident) {
        last_commands = {program.emit(
            id, Program::spilled_rows(output, tile.row_begin, tile.row_count, true), tile.ready)};
      }
      output.ready.insert(output.ready.end(), last_commands.begin(), last_commands.end());
      if (tile.is_staged) slots.release(tile.lease, last_commands);
    }
  }
  // Every unit works in order: when its last command has finished, all have.
  program.retire_inputs(op, last_commands);
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "models/engine/engine.h"
#include "sim/lowering/lowering.h"
#include "sim/lowering/matmul_plan.h"
#include "sim/lowering/output_block.h"
#include "sim/lowering/plain_weights.h"

namespace lutsim::sim {

namespace {

/// Rows of a matmul's input, on chip: all of it lives there, or loads bring it group by group.
class StagedInput {
 public:
  StagedInput(Program& program, workloads::OperatorId id)
      : program_(program),
        id_(id),
        place_(program.placement(program.trace().operators[id].inputs.at(0))),
        rows_(program.trace().operators[id].m) {
    if (place_.resident) {
      ready_ = place_.ready;
      return;
    }
    const std::uint64_t free = program.residency.available();
    rows_ = std::min(rows_, program.room.staged_rows(place_.row_bytes, free));
    takes_residency_ =
        free / place_.row_bytes > program.activation_slots.capacity() / 2 / place_.row_bytes;
  }

  /// Rows that are on chip at a time.
  std::uint64_t rows() const { return rows_; }
  /// Brings rows on chip, if they are not.
  void load(std::uint64_t row_begin, std::uint64_t row_count) {
    if (place_.resident) return;
    std::vector<CommandId> waits = place_.ready;
    bytes_ = row_count * place_.row_bytes;
    if (takes_residency_) {
      program_.residency.allocate(bytes_, waits);
    } else {
      lease_ = program_.activation_slots.take(bytes_, waits);
    }
    ready_ = {program_.emit(id_, Program::spilled_rows(place_, row_begin, row_count, false),
                            std::move(waits))};
  }
  /// What a reader of the rows waits for.
  const std::vector<CommandId>& ready() const { return ready_; }
  /// `last` was the last reader of the rows that load() brought.
  void release(CommandId last) {
    if (place_.resident) return;
    if (takes_residency_) {
      program_.residency.free(bytes_, {last});
    } else {
      program_.activation_slots.release(lease_, last);
    }
  }

 private:
  Program& program_;
  workloads::OperatorId id_;
  const Program::Placement& place_;
  std::uint64_t rows_;
  bool takes_residency_ = false;
  std::uint64_t bytes_ = 0;
  SlotRing::Lease lease_;
  std::vector<CommandId> ready_;
};

/// Tiles of one block of features: chunks of K, whose weights come from DRAM once, or are still
/// there.
class WeightTiles {
 public:
  WeightTiles(Program& program, workloads::OperatorId id, std::uint32_t n_begin,
              std::uint32_t n_count)
      : program_(program),
        id_(id),
        weight_(program.trace().operators[id].inputs.at(1)),
        layout_(program.weight_layout(weight_)),
        n_begin_(n_begin),
        n_count_(n_count),
        chunks_(layout_.chunks(n_count)),
        tiles_(chunks_.size()) {}

  std::size_t count() const { return chunks_.size(); }
  const WeightLayout::Chunk& chunk(std::size_t c) const { return chunks_[c]; }
  /// Weights on chip; appends to `waits` what the matrix unit waits for.
  void load(std::size_t c, std::vector<CommandId>& waits) {
    Tile& tile = tiles_[c];
    if (!tile.on_chip) {
      std::vector<CommandId> slot_waits;
      program_.wait_for_update(weight_, slot_waits);
      const auto transfers = layout_.tile_transfers(n_begin_, n_count_, chunks_[c]);
      std::uint64_t bytes = 0;
      for (const auto& transfer : transfers) bytes += transfer.on_chip_bytes();
      tile.lease = program_.weight_slots.take(bytes, slot_waits);
      tile.loads.clear();
      for (const auto& transfer : transfers) {
        tile.loads.push_back(program_.emit(id_, transfer, slot_waits));
      }
      tile.on_chip = true;
    }
    waits.insert(waits.end(), tile.loads.begin(), tile.loads.end());
  }
  void release(std::size_t c, CommandId last_user) {
    program_.weight_slots.release(tiles_[c].lease, last_user);
    tiles_[c].on_chip = false;
  }

 private:
  struct Tile {
    bool on_chip = false;
    SlotRing::Lease lease;
    std::vector<CommandId> loads;
  };
  Program& program_;
  workloads::OperatorId id_;
  workloads::TensorId weight_;
  const WeightLayout& layout_;
  std::uint32_t n_begin_, n_count_;
  std::vector<WeightLayout::Chunk> chunks_;
  std::vector<Tile> tiles_;
};

/// The `index`-th of `parts` nearly equal parts of [0, total): where it begins.
std::uint64_t part_begin(std::uint64_t total, std::uint64_t parts, std::uint64_t index) {
  return total / parts * index + std::min(index, total % parts);
}

/// Everything of a tile's command but which rows, features and segments.
MatrixWork work_of(const workloads::Operator& op, const workloads::WeightFormat& format,
                   bool lut_broadcast) {
  MatrixWork work;
  work.lut_broadcast = lut_broadcast;
  work.k = static_cast<std::uint32_t>(op.k);
  work.group_size = format.group_size;
  work.planes = format.weight_bits;
  work.has_offset = format.has_offset;
  return work;
}

}  // namespace

void lower_bcq_matmul(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const auto& matrix = program.arch().matrix;
  const workloads::TensorId w = op.inputs.at(1), y = op.outputs.at(0);
  const auto& format = program.trace().tensors[w].weight;
  models::require_weights(matrix, format.weight_bits, format.has_offset,
                          program.trace().tensors[w].name);
  const WeightLayout& layout = program.weight_layout(w);

  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  StagedInput input(program, id);
  const bool lut_broadcast = op.m == 1 && spec::is_lut(matrix.engine);
  // GEMV: the whole part shares the LUTs of a segment. GEMM: one block of the array at a time.
  const std::uint32_t block = lut_broadcast ? layout.parts().front().n_count : matrix.lanes_n();

  MatmulRoom room;
  room.m = op.m;
  room.input_rows = input.rows();
  room.max_tile_rows = std::min<std::uint64_t>(
      matrix.psum_depth, rows_of_output_block(program, output, program.bytes_of(y, block)));
  room.block_slots = layout.chunks(block).size();
  room.weight_slots = program.weight_slots.slots();
  const MatmulPlan plan = plan_matmul(room);

  CommandId last_command = 0;
  MatrixWork work = work_of(op, format, lut_broadcast);
  for (std::uint64_t group = 0; group < plan.groups; ++group) {
    const std::uint64_t group_begin = part_begin(op.m, plan.groups, group);
    const std::uint64_t group_rows = part_begin(op.m, plan.groups, group + 1) - group_begin;
    const std::uint64_t tiles = std::min(plan.group_tiles, group_rows);
    input.load(group_begin, group_rows);
    for (const auto& part : layout.parts()) {
      for (std::uint32_t n = part.n_begin; n < part.n_begin + part.n_count; n += work.n_count) {
        work.n_begin = n;
        work.n_count = std::min(block, part.n_begin + part.n_count - n);
        WeightTiles weights(program, id, work.n_begin, work.n_count);
        for (std::uint64_t tile = 0; tile < tiles; ++tile) {
          work.m_begin = group_begin + part_begin(group_rows, tiles, tile);
          work.m_count = group_begin + part_begin(group_rows, tiles, tile + 1) - work.m_begin;
          std::optional<OutputBlock> block_out;
          for (std::size_t c = 0; c < weights.count(); ++c) {
            std::vector<CommandId> waits = input.ready();
            weights.load(c, waits);
            work.segment_begin = weights.chunk(c).segment_begin;
            work.segment_count = weights.chunk(c).segment_count;
            work.first = c == 0;
            work.last = c + 1 == weights.count();
            if (work.last) {
              waits.insert(waits.end(), output_waits.begin(), output_waits.end());
              block_out.emplace(program, id, work.n_begin, work.n_count, work.m_begin, work.m_count,
                                waits);
            }
            last_command = program.emit(id, work, std::move(waits));
            if (!plan.holds_weights || tile + 1 == tiles) weights.release(c, last_command);
          }
          block_out->written_by(last_command);
        }
      }
    }
    input.release(last_command);
  }
  // The matrix unit works in order: its last command finishes last.
  if (output.resident) output.ready = {last_command};
  program.retire_inputs(op, last_command);
}

void lower_plain_matmul(Program& program, workloads::OperatorId id) {
  const auto& op = program.trace().operators[id];
  const workloads::TensorId y = op.outputs.at(0);
  const PlainWeights weights(program, id);

  std::vector<CommandId> output_waits;
  Program::Placement& output = program.place_output(y, output_waits);
  StagedInput input(program, id);
  const std::uint64_t block = weights.block();

  MatmulRoom room;
  room.m = op.m;
  room.input_rows = input.rows();
  room.max_tile_rows = rows_of_output_block(program, output, program.bytes_of(y, block));
  room.block_slots = 1;
  room.weight_slots = program.weight_slots.slots();
  const MatmulPlan plan = plan_matmul(room);

  CommandId last_command = 0;
  for (std::uint64_t group = 0; group < plan.groups; ++group) {
    const std::uint64_t group_begin = part_begin(op.m, plan.groups, group);
    const std::uint64_t group_rows = part_begin(op.m, plan.groups, group + 1) - group_begin;
    const std::uint64_t tiles = std::min(plan.group_tiles, group_rows);
    input.load(group_begin, group_rows);
    for (std::uint64_t n = 0; n < op.n; n += block) {
      const std::uint64_t n_count = std::min(block, op.n - n);
      const PlainWeights::Loaded loaded = weights.load(n, n_count, {});
      for (std::uint64_t tile = 0; tile < tiles; ++tile) {
        VectorWork work;
        work.row_begin = group_begin + part_begin(group_rows, tiles, tile);
        work.row_count = group_begin + part_begin(group_rows, tiles, tile + 1) - work.row_begin;
        work.n_begin = static_cast<std::uint32_t>(n);
        work.n_count = static_cast<std::uint32_t>(n_count);
        std::vector<CommandId> waits = input.ready();
        waits.push_back(loaded.command);
        waits.insert(waits.end(), output_waits.begin(), output_waits.end());
        OutputBlock block_out(program, id, n, n_count, work.row_begin, work.row_count, waits);
        last_command = program.emit(id, work, std::move(waits));
        block_out.written_by(last_command);
      }
      program.weight_slots.release(loaded.lease, last_command);
    }
    input.release(last_command);
  }
  if (output.resident) output.ready = {last_command};
  program.retire_inputs(op, last_command);
}

}  // namespace lutsim::sim

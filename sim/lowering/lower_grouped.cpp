// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "models/engine/engine.h"
#include "sim/lowering/lowering.h"
#include "sim/lowering/output_block.h"
#include "sim/lowering/plain_weights.h"

namespace lutsim::sim {

namespace {

using workloads::TensorId;

/// One group of a grouped matmul: its rows of input and output, its columns of the weights.
struct Group {
  std::uint64_t row_begin = 0, rows = 0;
  std::uint64_t n_begin = 0;
};

/// What all groups share.
class GroupedMatmul {
 public:
  GroupedMatmul(Program& program, workloads::OperatorId id)
      : program_(program),
        id_(id),
        op_(program.trace().operators[id]),
        x_(op_.inputs.at(0)),
        w_(op_.inputs.at(1)),
        y_(op_.outputs.at(0)),
        x_row_bytes_(program.bytes_of(x_, op_.k)) {
    program_.place_output(y_, output_waits_);
    // Which groups there are is known when the router has chosen; no weight moves before.
    if (op_.inputs.size() > 2) {
      routed_ = program_.placement(op_.inputs[2]).ready;
      output_waits_.insert(output_waits_.end(), routed_.begin(), routed_.end());
    }
  }

  void lower() {
    std::uint64_t row = 0;
    for (const workloads::GroupRows& run : op_.groups) {
      for (std::uint32_t i = 0; i < run.count; ++i) {
        lower({row, run.rows, (std::uint64_t{run.first} + i) * op_.n});
        row += run.rows;
      }
    }
    Program::Placement& output = program_.placement(y_);
    if (output.resident) output.ready = {last_command_};
    program_.retire_inputs(op_, last_command_);
  }

 private:
  void lower(const Group& group) {
    const auto& weight = program_.trace().tensors[w_].weight;
    const auto& matrix = program_.arch().matrix;
    const bool is_bcq = weight.is_bcq();
    const std::uint64_t block = is_bcq ? matrix.lanes_n() : PlainWeights(program_, id_).block();
    std::uint64_t tile = std::min(group.rows, rows_of_output_block(program_, program_.placement(y_),
                                                                   program_.bytes_of(y_, block)));
    if (is_bcq) tile = std::min<std::uint64_t>(tile, matrix.psum_depth);
    if (!program_.placement(x_).resident) {
      // Two row tiles are staged at a time, as for other matmuls.
      tile = std::clamp<std::uint64_t>(program_.activation_slots.capacity() / 2 / x_row_bytes_, 1,
                                       tile);
    }
    for (std::uint64_t row = 0; row < group.rows; row += tile) {
      const Group part{group.row_begin + row, std::min(tile, group.rows - row), group.n_begin};
      stage_rows(part);
      is_bcq ? lower_bcq(part, weight, group.rows) : lower_plain(part);
      if (is_staged_) program_.activation_slots.release(x_lease_, last_command_);
    }
  }

  /// Rows of the input: where they live, or loads of one row each (tokens lie scattered).
  void stage_rows(const Group& group) {
    const Program::Placement& place = program_.placement(x_);
    x_ready_ = place.ready;
    is_staged_ = !place.resident;
    if (!is_staged_) return;
    // A run for each block of each row. Which tokens they are is not known: they lie spread over
    // the tensor.
    DmaTransfer load;
    load.piece_bytes = place.block_bytes;
    load.pieces = static_cast<std::uint32_t>(group.rows * (place.row_bytes / place.block_bytes));
    const std::uint64_t room = std::max<std::uint64_t>(1, place.bytes / load.bytes());
    load.stride = room * load.piece_bytes;
    load.address = place.address;
    load.buffer = Buffer::activation;
    x_lease_ = program_.activation_slots.take(load.bytes(), x_ready_);
    x_ready_ = {program_.emit(id_, load, std::move(x_ready_))};
  }

  void lower_bcq(const Group& group, const workloads::WeightFormat& format,
                 std::uint64_t rows_of_group) {
    const auto& matrix = program_.arch().matrix;
    models::require_weights(matrix, format.weight_bits, format.has_offset,
                            program_.trace().tensors[w_].name);
    const WeightLayout& layout = program_.weight_layout(w_);
    const bool lut_broadcast = rows_of_group == 1 && spec::is_lut(matrix.engine);
    for (const auto& part : layout.parts()) {
      // Columns of the group that lie in this part of the weights.
      const std::uint64_t begin = std::max<std::uint64_t>(part.n_begin, group.n_begin);
      const std::uint64_t end =
          std::min<std::uint64_t>(part.n_begin + part.n_count, group.n_begin + op_.n);
      if (begin >= end) continue;
      const std::uint64_t tile = lut_broadcast ? end - begin : matrix.lanes_n();
      for (std::uint64_t n = begin; n < end; n += tile) {
        const auto n_count = static_cast<std::uint32_t>(std::min(tile, end - n));
        lower_block(group, layout, format, static_cast<std::uint32_t>(n), n_count, lut_broadcast);
      }
    }
  }

  void lower_block(const Group& group, const WeightLayout& layout,
                   const workloads::WeightFormat& format, std::uint32_t n, std::uint32_t n_count,
                   bool lut_broadcast) {
    const auto chunks = layout.chunks(n_count);
    std::optional<OutputBlock> output;
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      std::vector<CommandId> slot_waits = routed_;
      program_.wait_for_update(w_, slot_waits);
      std::vector<CommandId> waits = x_ready_;
      const auto transfers = layout.tile_transfers(n, n_count, chunks[c]);
      std::uint64_t tile_bytes = 0;
      for (const auto& transfer : transfers) tile_bytes += transfer.on_chip_bytes();
      const auto lease = program_.weight_slots.take(tile_bytes, slot_waits);
      for (const auto& transfer : transfers)
        waits.push_back(program_.emit(id_, transfer, slot_waits));
      MatrixWork work;
      work.lut_broadcast = lut_broadcast;
      work.m_begin = group.row_begin;
      work.m_count = group.rows;
      work.n_begin = n;
      work.n_count = n_count;
      work.segment_begin = chunks[c].segment_begin;
      work.segment_count = chunks[c].segment_count;
      work.k = static_cast<std::uint32_t>(op_.k);
      work.group_size = format.group_size;
      work.planes = format.weight_bits;
      work.has_offset = format.has_offset;
      work.first = c == 0;
      work.last = c + 1 == chunks.size();
      if (work.last) {
        waits.insert(waits.end(), output_waits_.begin(), output_waits_.end());
        output.emplace(program_, id_, n - group.n_begin, n_count, group.row_begin, group.rows,
                       waits);
      }
      last_command_ = program_.emit(id_, work, std::move(waits));
      program_.weight_slots.release(lease, last_command_);
    }
    output->written_by(last_command_);
  }

  void lower_plain(const Group& group) {
    const PlainWeights weights(program_, id_);
    const std::uint64_t tile = weights.block();
    for (std::uint64_t n = 0; n < op_.n; n += tile) {
      const std::uint64_t n_count = std::min(tile, op_.n - n);
      const PlainWeights::Loaded loaded = weights.load(group.n_begin + n, n_count, routed_);
      std::vector<CommandId> waits = x_ready_;
      waits.push_back(loaded.command);
      VectorWork work;
      work.row_begin = group.row_begin;
      work.row_count = group.rows;
      work.n_begin = static_cast<std::uint32_t>(group.n_begin + n);
      work.n_count = static_cast<std::uint32_t>(n_count);
      waits.insert(waits.end(), output_waits_.begin(), output_waits_.end());
      OutputBlock output(program_, id_, n, n_count, group.row_begin, group.rows, waits);
      last_command_ = program_.emit(id_, work, std::move(waits));
      program_.weight_slots.release(loaded.lease, last_command_);
      output.written_by(last_command_);
    }
  }

  Program& program_;
  const workloads::OperatorId id_;
  const workloads::Operator& op_;
  const TensorId x_, w_, y_;
  const std::uint64_t x_row_bytes_;
  std::vector<CommandId> output_waits_, routed_, x_ready_;
  SlotRing::Lease x_lease_;
  bool is_staged_ = false;
  CommandId last_command_ = 0;
};

}  // namespace

void lower_grouped_matmul(Program& program, workloads::OperatorId id) {
  GroupedMatmul(program, id).lower();
}

}  // namespace lutsim::sim

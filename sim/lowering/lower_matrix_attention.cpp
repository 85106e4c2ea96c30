// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "models/transformer/matrix_attention.h"
#include "sim/lowering/attention_chain.h"
#include "sim/lowering/attention_parts.h"
#include "sim/lowering/lowering.h"

namespace lutsim::sim {

namespace {

using spec::ceil_div;
using workloads::OperatorId;

/// Products on the matrix unit. Scores, probabilities and the sums of the values share slots of the
/// activation buffer; cached rows pass the weight buffer, those of the current step by way of DRAM.
class MatrixAttention : public ChainLowering {
 public:
  MatrixAttention(Program& program, const AttentionChain& chain)
      : ChainLowering(program, chain),
        matrix_(program.arch().matrix),
        kv_bits_(spec::width_bits(program.trace().tensors[score_.inputs.at(1)].format)) {}

 private:
  std::uint64_t fitting_rows() const override {
    const std::uint64_t row_bytes = group_ * (score_.context + score_.head_dim) * kScoreBytes;
    const std::uint64_t rows = std::min(score_room(program_) / row_bytes, score_.rows());
    if (rows > 0) return rows;
    throw spec::SpecError(
        "attention = matrix: a row of scores of " + score_.name + " takes " +
        std::to_string(row_bytes) + " B, half of the staging slots of activation_buffer are " +
        std::to_string(score_room(program_)) + " B: enlarge activation_buffer.capacity");
  }
  std::uint64_t scratch_bytes(const AttentionTile& tile, std::uint64_t positions) const override {
    return group_ * tile.rows * (positions + score_.head_dim) * kScoreBytes;
  }
  bool joins_heads(const AttentionTile& tile) const override { return tile.rows == score_.rows(); }

  /// Keys as many at a time as fit a slot, whole blocks of the array if they fill one.
  CommandId lower_scores(AttentionTile tile, std::uint64_t begin, std::uint64_t end,
                         const std::vector<CommandId>& waits) override {
    std::uint64_t fit =
        std::clamp<std::uint64_t>(program_.weight_slots.slot_bytes() / keys_.row_bytes, 1,
                                  std::uint64_t{matrix_.psum_depth} * matrix_.lanes_n());
    if (fit > matrix_.lanes_n()) fit -= fit % matrix_.lanes_n();
    MatrixWork work = work_of(tile, score_.head_dim, score_.head_dim);
    work.lut_broadcast = prefers_lut_broadcast(tile, std::min(score_.head_dim, matrix_.lanes_k()));
    work.segment_count = ceil_div(score_.head_dim, matrix_.lanes_k());
    CommandId last = 0;
    const std::uint64_t block = work.lut_broadcast ? fit : matrix_.lanes_n();
    for (tile.position = begin; tile.position < end; tile.position += fit) {
      tile.positions = std::min(fit, end - tile.position);
      std::vector<CommandId> loads;
      const auto lease = load(chain_.score, keys_, key_state_, tile, loads);
      std::vector<CommandId> product_waits = waits;
      product_waits.insert(product_waits.end(), loads.begin(), loads.end());
      for (std::uint64_t at = 0; at < tile.positions; at += block) {
        work.position = tile.position + at;
        work.n_count = static_cast<std::uint32_t>(std::min(block, tile.positions - at));
        each_row_tile(tile, work.lut_broadcast, [&](std::uint64_t row, std::uint64_t count) {
          work.m_begin = row;
          work.m_count = count;
          last = program_.emit(chain_.score, work, product_waits);
        });
      }
      loads.push_back(last);
      last = emit_step(chain_.score, tile, AttentionStep::finish_scores, std::move(loads));
      program_.weight_slots.release(lease, last);
    }
    return last;
  }

  /// Values in chunks of whole K segments. A chunk's probabilities are scaled when it comes on chip
  /// first; chunks stay for all rows and features if there are slots for all of them.
  CommandId lower_values(AttentionTile tile, std::uint64_t begin, std::uint64_t end,
                         CommandId probabilities, const std::vector<CommandId>& waits) override {
    const std::uint64_t k = end - begin;
    const std::uint64_t chunk = std::max<std::uint64_t>(
        1, program_.weight_slots.slot_bytes() / values_.row_bytes / matrix_.lanes_k());
    const std::uint64_t segments = ceil_div(k, matrix_.lanes_k());
    std::vector<Chunk> chunks(ceil_div(segments, chunk));
    const std::uint64_t chunk_slots =
        ceil_div(chunk * matrix_.lanes_k() * values_.row_bytes, program_.weight_slots.slot_bytes());
    const bool holds = chunks.size() * chunk_slots <= program_.weight_slots.slots();

    MatrixWork work = work_of(tile, k, k);
    work.position = begin;
    // Without room for all chunks, rows that share a pass read them once.
    work.lut_broadcast =
        prefers_lut_broadcast(tile, std::min<std::uint64_t>(k, matrix_.lanes_k())) &&
        (holds || tile.rows * group_ == 1);
    const std::uint64_t block =
        std::uint64_t{matrix_.lanes_n()} * (work.lut_broadcast ? matrix_.psum_depth : 1);
    const std::uint64_t row_end = (tile.row + tile.rows) * group_;
    CommandId last = 0;
    for (std::uint64_t n = 0; n < value_.head_dim; n += block) {
      work.n_begin = static_cast<std::uint32_t>(n);
      work.n_count = static_cast<std::uint32_t>(std::min(block, value_.head_dim - n));
      each_row_tile(tile, work.lut_broadcast, [&](std::uint64_t row, std::uint64_t count) {
        work.m_begin = row;
        work.m_count = count;
        const bool is_last_use = row + count == row_end && n + block >= value_.head_dim;
        for (std::size_t c = 0; c < chunks.size(); ++c) {
          work.segment_begin = static_cast<std::uint32_t>(c * chunk);
          work.segment_count = static_cast<std::uint32_t>(std::min(chunk, segments - c * chunk));
          tile.position = begin + c * chunk * matrix_.lanes_k();
          tile.positions = std::min(chunk * matrix_.lanes_k(), end - tile.position);
          bring(chunks[c], tile, probabilities);
          work.first = c == 0;
          work.last = c + 1 == chunks.size();
          last = program_.emit(chain_.value, work, chunks[c].ready);
          if (!holds || is_last_use) {
            program_.weight_slots.release(chunks[c].lease, last);
            chunks[c].on_chip = false;
          }
        }
      });
    }
    tile.position = begin;
    tile.positions = k;
    std::vector<CommandId> finish_waits = waits;
    finish_waits.push_back(last);
    return emit_step(chain_.value, tile, AttentionStep::finish_values, std::move(finish_waits));
  }

  /// Cached values that travel together.
  struct Chunk {
    bool on_chip = false;
    bool is_scaled = false;  ///< its positions' probabilities
    SlotRing::Lease lease;
    std::vector<CommandId> ready;
  };

  void bring(Chunk& chunk, const AttentionTile& tile, CommandId probabilities) {
    if (chunk.on_chip) return;
    std::vector<CommandId> loads;
    chunk.lease = load(chain_.value, values_, value_state_, tile, loads);
    chunk.on_chip = true;
    if (chunk.is_scaled) {
      chunk.ready = std::move(loads);
      return;
    }
    loads.push_back(probabilities);
    chunk.ready = {
        emit_step(chain_.value, tile, AttentionStep::scale_probabilities, std::move(loads))};
    chunk.is_scaled = true;
  }

  /// Brings cached rows into the weight buffer: those of the steps before, and those of this step
  /// when they have been stored.
  SlotRing::Lease load(OperatorId id, const CacheLayout& layout, const Program::CacheState& state,
                       const AttentionTile& tile, std::vector<CommandId>& loads) {
    std::vector<CommandId> slot_waits;
    const auto lease = program_.weight_slots.take(layout.bytes(1, tile.positions), slot_waits);
    const auto part = [&](std::uint64_t begin, std::uint64_t end,
                          const std::vector<CommandId>& stores) {
      if (begin >= end) return;
      std::vector<CommandId> waits = slot_waits;
      waits.insert(waits.end(), stores.begin(), stores.end());
      DmaTransfer transfer =
          layout.transfer(tile.sequence, tile.head, 1, begin, end - begin, false);
      transfer.buffer = Buffer::weight;
      loads.push_back(program_.emit(id, transfer, std::move(waits)));
    };
    const std::uint64_t end = tile.position + tile.positions;
    part(tile.position, std::min(end, score_.position), state.stores);
    part(std::max(tile.position, score_.position), end, state.fresh_stores);
    return lease;
  }

  MatrixWork work_of(const AttentionTile& tile, std::uint64_t k, std::uint64_t group_size) const {
    MatrixWork work;
    work.sequence = tile.sequence;
    work.kv_head = static_cast<std::uint32_t>(tile.head);
    work.k = static_cast<std::uint32_t>(k);
    work.group_size = static_cast<std::uint32_t>(group_size);
    work.planes = kv_bits_;
    work.has_offset = !spec::is_bit_serial(matrix_.engine);
    return work;
  }

  /// A weight-stationary pass takes as long as loading its columns, however few rows there are.
  bool prefers_lut_broadcast(const AttentionTile& tile, std::uint64_t segment) const {
    return spec::is_lut(matrix_.engine) && tile.rows * group_ <= ceil_div(segment, matrix_.mu);
  }

  /// visit(first row, rows) for what the matrix unit takes at once of the tile's rows.
  template <class Visit>
  void each_row_tile(const AttentionTile& tile, bool lut_broadcast, const Visit& visit) const {
    const std::uint64_t most = lut_broadcast ? 1 : matrix_.psum_depth;
    const std::uint64_t end = (tile.row + tile.rows) * group_;
    for (std::uint64_t row = tile.row * group_; row < end; row += most) {
      visit(row, std::min(most, end - row));
    }
  }

  CommandId emit_step(OperatorId id, const AttentionTile& tile, AttentionStep step,
                      std::vector<CommandId> waits) {
    VectorWork work = tile.work();
    work.step = step;
    return program_.emit(id, work, std::move(waits));
  }

  const spec::MatrixSpec& matrix_;
  const std::uint32_t kv_bits_;
};

}  // namespace

OperatorId lower_matrix_attention(Program& program, OperatorId id) {
  const auto& score = program.trace().operators[id];
  models::require_matrix_attention(program.arch().matrix,
                                   program.trace().tensors[score.inputs.back()].format);
  const auto chain = attention_chain(program, id);
  if (!chain) {
    throw spec::SpecError("attention = matrix: " + score.name +
                          " has a latent cache or attention sinks, which only the lanes attend to; "
                          "set attention = lanes");
  }
  MatrixAttention(program, *chain).lower();
  return chain->value;
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/weight_layout.h"

#include <algorithm>
#include <string>

#include "models/bcq/bcq_storage.h"

namespace lutsim::sim {

using spec::ceil_div;

namespace {

/// Adds a run to the last transfer where they touch or share a byte (a whole part, for example), or
/// where it is one more piece of equal length and distance; else it is a transfer of its own.
void append_run(const DmaTransfer& run, std::vector<DmaTransfer>& transfers) {
  if (transfers.empty()) {
    transfers.push_back(run);
    return;
  }
  DmaTransfer& previous = transfers.back();
  const std::uint64_t distance = run.address - previous.address;
  const auto add_counts = [&] {
    previous.coded_blocks += run.coded_blocks;
    previous.flips += run.flips;
    previous.decoded_bytes += run.decoded_bytes;
  };
  if (previous.pieces == 1 && distance <= previous.piece_bytes) {
    previous.piece_bytes = distance + run.piece_bytes;
    previous.stride = previous.piece_bytes;
    add_counts();
  } else if (run.piece_bytes == previous.piece_bytes && distance >= run.piece_bytes &&
             (previous.pieces == 1 || distance == previous.stride * previous.pieces)) {
    if (previous.pieces == 1) previous.stride = distance;
    ++previous.pieces;
    add_counts();
  } else {
    transfers.push_back(run);
  }
}

}  // namespace

WeightLayout::WeightLayout(const spec::ArchSpec& arch, std::uint32_t k, std::uint32_t n,
                           const workloads::WeightFormat& format)
    : k_(k),
      block_(arch.matrix.lanes_n()),
      slot_bytes_(arch.weight_buffer.capacity / arch.weight_buffer.tile_slots),
      format_(format),
      segments_(models::k_segments(k, format.group_size, arch.matrix.lanes_k())) {
  // The first group is the longest one, its segments come first.
  std::uint32_t group_segments = 0;
  while (group_segments < segments_.size() && segments_[group_segments].group == 0)
    ++group_segments;

  const auto blocks_that_fit = [&](std::uint32_t segment_count) {
    const std::uint64_t block_bytes = chunk_bytes(block_, {0, segment_count});
    return slot_bytes_ / block_bytes;
  };
  std::uint64_t fit = blocks_that_fit(group_segments);
  const bool by_group = fit > 0;
  if (!by_group) fit = blocks_that_fit(1);
  for (std::uint32_t s = 0; s < segments_.size(); ++s) {
    const auto& segment = segments_[s];
    if (by_group && s > 0 && segments_[s - 1].group == segment.group) {
      units_.back().length += segment.length;
      ++units_.back().segment_count;
    } else {
      units_.push_back({segment.k_begin, segment.length, s, 1});
    }
  }
  if (fit == 0) {
    throw spec::SpecError(
        "weight_buffer.capacity = " + std::to_string(arch.weight_buffer.capacity) + " B in " +
        std::to_string(arch.weight_buffer.tile_slots) + " tile_slots cannot hold " +
        std::to_string(block_) + " features of one K segment (" +
        std::to_string(chunk_bytes(block_, {0, 1})) + " B): enlarge it or use fewer slots");
  }
  const std::uint64_t blocks = ceil_div(n, block_);
  const std::uint64_t part_count =
      ceil_div(blocks, std::min<std::uint64_t>(fit, arch.matrix.psum_depth));
  // Equal parts: the blocks that do not divide evenly go to the first parts.
  std::uint32_t n_begin = 0;
  for (std::uint64_t part = 0; part < part_count; ++part) {
    const std::uint64_t part_blocks = blocks / part_count + (part < blocks % part_count ? 1 : 0);
    const auto n_count =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(part_blocks * block_, n - n_begin));
    parts_.push_back({n_begin, n_count});
    n_begin += n_count;
  }
  if (!format_.code.is_coded()) return;
  rest_ = n % block_;
  whole_before_.assign(1, 0);
  rest_before_.assign(1, 0);
  for (const Unit& unit : units_) {
    const auto bytes = [&](std::uint64_t features) {
      return features == 0 ? 0
                           : format_.code.block_bytes(unit_bits(unit, features)) +
                                 format_.code.mask_bytes(features * unit.length);
    };
    whole_before_.push_back(whole_before_.back() + bytes(block_));
    rest_before_.push_back(rest_before_.back() + bytes(rest_));
  }
}

std::uint64_t WeightLayout::coded_bytes(std::uint64_t features, std::size_t units) const {
  const bool has_rest = features % block_ != 0;
  return features / block_ * whole_before_[units] + (has_rest ? rest_before_[units] : 0);
}

std::uint64_t WeightLayout::coded_blocks(const Unit& unit, std::uint64_t begin,
                                         std::uint64_t end) const {
  std::uint64_t blocks = 0;
  for (std::uint64_t n = begin; n < end; n += block_) {
    blocks += format_.code.blocks(unit_bits(unit, std::min<std::uint64_t>(block_, end - n)));
  }
  return blocks;
}

std::uint64_t WeightLayout::planes_bytes() const {
  if (!format_.code.is_coded()) {
    std::uint64_t features = 0;
    for (const Part& part : parts_) features += part.n_count;
    return models::plane_bytes(k_, features, format_.weight_bits);
  }
  std::uint64_t bytes = 0;
  for (const Part& part : parts_) bytes += coded_bytes(part.n_count, units_.size());
  return bytes;
}

std::uint64_t WeightLayout::tokens_bytes() const {
  if (!format_.code.is_coded()) return 0;
  std::uint64_t blocks = 0;
  for (const Part& part : parts_) {
    for (const Unit& unit : units_) {
      blocks += coded_blocks(unit, 0, part.n_count);
    }
  }
  return format_.code.token_bytes(blocks + 1);
}

std::uint64_t WeightLayout::scales_bytes() const {
  std::uint64_t features = 0;
  for (const Part& part : parts_) features += part.n_count;
  return models::scale_bytes(k_, features, format_.weight_bits, format_.group_size,
                             format_.has_offset);
}

std::uint64_t WeightLayout::scale_entry_bytes() const {
  return models::scale_bytes(1, 1, format_.weight_bits, 1, format_.has_offset);
}

std::uint64_t WeightLayout::chunk_bytes(std::uint32_t n_count, const Chunk& chunk) const {
  const auto& first = segments_[chunk.segment_begin];
  const auto& last = segments_[chunk.segment_begin + chunk.segment_count - 1];
  const std::uint32_t length = last.k_begin + last.length - first.k_begin;
  // A run that begins inside a byte may touch one byte more.
  const std::uint64_t unaligned = block_ * format_.weight_bits % 8 == 0 ? 0 : chunk.segment_count;
  return models::plane_bytes(length, n_count, format_.weight_bits) + unaligned +
         std::uint64_t{last.group - first.group + 1} * n_count * scale_entry_bytes();
}

const WeightLayout::Part& WeightLayout::part_of(std::uint32_t n_begin) const {
  const auto after =
      std::upper_bound(parts_.begin(), parts_.end(), n_begin,
                       [](std::uint32_t n, const Part& part) { return n < part.n_begin; });
  return *(after - 1);
}

std::vector<WeightLayout::Chunk> WeightLayout::chunks(std::uint32_t n_count) const {
  std::vector<Chunk> result;
  std::uint32_t begin = 0;
  const auto total = static_cast<std::uint32_t>(segments_.size());
  while (begin < total) {
    // Grow by whole groups; inside a group that is too long, by segments.
    Chunk best{begin, 1};
    std::uint32_t end = begin;
    while (end < total) {
      std::uint32_t group_end = end;
      while (group_end < total && segments_[group_end].group == segments_[end].group) ++group_end;
      if (chunk_bytes(n_count, {begin, group_end - begin}) > slot_bytes_) break;
      end = group_end;
      best.segment_count = end - begin;
    }
    if (end == begin) {
      const std::uint32_t group = segments_[begin].group;
      end = begin + 1;
      while (end < total && segments_[end].group == group &&
             chunk_bytes(n_count, {begin, end + 1 - begin}) <= slot_bytes_) {
        ++end;
      }
      best.segment_count = end - begin;
    }
    result.push_back(best);
    begin += best.segment_count;
  }
  return result;
}

std::pair<std::size_t, std::size_t> WeightLayout::units_of(const Chunk& chunk) const {
  const auto number = [&](std::uint32_t segment) {
    return static_cast<std::size_t>(
        std::lower_bound(units_.begin(), units_.end(), segment,
                         [](const Unit& unit, std::uint32_t s) { return unit.segment_begin < s; }) -
        units_.begin());
  };
  return {number(chunk.segment_begin), number(chunk.segment_begin + chunk.segment_count)};
}

void WeightLayout::add_plain_planes(std::uint32_t n_begin, std::uint32_t n_count,
                                    const Chunk& chunk, std::vector<DmaTransfer>& transfers) const {
  const Part& part = part_of(n_begin);
  const std::uint32_t q = format_.weight_bits;
  const std::uint64_t part_planes = planes_address_ * 8 + std::uint64_t{part.n_begin} * q * k_;
  const auto [first, end] = units_of(chunk);
  for (std::size_t u = first; u < end; ++u) {
    const Unit& unit = units_[u];
    const std::uint64_t bit = part_planes + std::uint64_t{part.n_count} * q * unit.k_begin +
                              unit_bits(unit, n_begin - part.n_begin);
    DmaTransfer run;
    run.address = bit / 8;
    run.piece_bytes = ceil_div(bit % 8 + unit_bits(unit, n_count), 8);
    run.stride = run.piece_bytes;
    run.buffer = Buffer::weight;
    append_run(run, transfers);
  }
}

void WeightLayout::add_coded_planes(std::uint32_t n_begin, std::uint32_t n_count,
                                    const Chunk& chunk, std::vector<DmaTransfer>& transfers) const {
  const Part& part = part_of(n_begin);
  const workloads::PlaneCode& code = format_.code;
  std::uint64_t part_planes = 0;
  for (const Part& before : parts_) {
    if (before.n_begin == part.n_begin) break;
    part_planes += coded_bytes(before.n_count, units_.size());
  }
  // Whole streams only: from the block that n_begin lies in to the end of that of the last feature.
  const std::uint64_t begin = std::uint64_t{(n_begin - part.n_begin) / block_} * block_;
  const std::uint64_t end = std::min<std::uint64_t>(
      ceil_div(std::uint64_t{n_begin} + n_count - part.n_begin, block_) * block_, part.n_count);
  std::uint64_t blocks = 0, first_byte = 0;
  const auto [first, last] = units_of(chunk);
  for (std::size_t u = first; u < last; ++u) {
    const auto up_to = [&](std::uint64_t features) {
      return coded_bytes(features, u + 1) - coded_bytes(features, u);
    };
    const std::uint64_t offset = part_planes + coded_bytes(part.n_count, u) + up_to(begin);
    if (u == first) first_byte = offset;
    DmaTransfer run;
    run.address = planes_address_ + offset;
    run.piece_bytes = run.stride = up_to(end) - up_to(begin);
    run.buffer = Buffer::weight;
    run.is_coded = true;
    run.coded_blocks = coded_blocks(units_[u], begin, end);
    blocks += run.coded_blocks;
    run.flips = code.flips(run.coded_blocks);
    run.decoded_bytes = ceil_div(unit_bits(units_[u], n_count), 8);
    append_run(run, transfers);
  }
  // Tokens lie in the order of the blocks; how many a tile has is known on average.
  DmaTransfer tokens;
  tokens.piece_bytes = tokens.stride = code.token_bytes(blocks);
  if (tokens.piece_bytes == 0) return;
  const std::uint64_t all = tokens_bytes();
  const std::uint64_t at = all * first_byte / std::max<std::uint64_t>(1, planes_bytes());
  tokens.address = tokens_address_ + std::min(at, all - std::min(all, tokens.piece_bytes));
  tokens.buffer = Buffer::weight;
  tokens.is_coded = true;
  transfers.push_back(tokens);
}

std::vector<DmaTransfer> WeightLayout::tile_transfers(std::uint32_t n_begin, std::uint32_t n_count,
                                                      const Chunk& chunk) const {
  const Part& part = part_of(n_begin);
  std::vector<DmaTransfer> transfers;
  if (format_.code.is_coded()) {
    add_coded_planes(n_begin, n_count, chunk, transfers);
  } else {
    add_plain_planes(n_begin, n_count, chunk, transfers);
  }

  const std::uint32_t group_begin = segments_[chunk.segment_begin].group;
  const std::uint32_t group_end =
      segments_[chunk.segment_begin + chunk.segment_count - 1].group + 1;
  const auto groups = static_cast<std::uint64_t>(ceil_div(k_, format_.group_size));
  DmaTransfer scales;
  scales.address =
      scales_address_ +
      scale_entry_bytes() * (part.n_begin * groups + std::uint64_t{group_begin} * part.n_count +
                             (n_begin - part.n_begin));
  scales.piece_bytes = n_count * scale_entry_bytes();
  scales.stride = part.n_count * scale_entry_bytes();
  scales.pieces = group_end - group_begin;
  if (scales.piece_bytes == scales.stride) {
    scales.piece_bytes *= scales.pieces;
    scales.stride = scales.piece_bytes;
    scales.pieces = 1;
  }
  scales.buffer = Buffer::weight;
  transfers.push_back(scales);
  return transfers;
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/program.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/bcq/bcq_storage.h"

namespace lutsim::sim {

using workloads::TensorId;
using workloads::TensorRole;

namespace {

/// Columns that the matrix unit writes together, those of a head, which are rotated together, and
/// those of the heads that share a KV head, which attention reads together: whole numbers of all.
std::uint64_t block_elements(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace) {
  std::uint64_t elements = arch.matrix.lanes_n();
  for (const auto& op : trace.operators) {
    switch (op.kind) {
      case workloads::OperatorKind::rope:
        elements = std::lcm(elements, std::uint64_t{op.head_dim});
        break;
      case workloads::OperatorKind::attention_score:
      case workloads::OperatorKind::attention_value:
        if (op.kv_heads == 1) break;  // all heads together are the whole row
        elements = std::lcm(elements, std::uint64_t{op.heads / op.kv_heads} * op.head_dim);
        break;
      default:
        break;
    }
  }
  return elements;
}

/// Throws spec::SpecError when the planes are coded and the chip has not the decoders for them.
void require_decoders(const spec::ArchSpec& arch, const workloads::Tensor& tensor) {
  const workloads::PlaneCode& code = tensor.weight.code;
  if (!code.is_coded()) return;
  const spec::XorCodeSpec& built = arch.decoder.code;
  if (arch.decoder.decoders == 0) {
    throw spec::SpecError("decoder.decoders = 0: " + tensor.name +
                          " is pruned and stored through an XOR code");
  }
  if (code.n_in != built.n_in || code.n_out != built.n_out || code.patch_bits != built.patch_bits) {
    throw spec::SpecError(tensor.name + " is stored in a code " + std::to_string(code.n_in) + "/" +
                          std::to_string(code.n_out) + ", the decoders are built for " +
                          std::to_string(built.n_in) + "/" + std::to_string(built.n_out));
  }
}

}  // namespace

Program::Program(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                 std::uint64_t dram_capacity)
    : weight_slots("weight_buffer", arch.weight_buffer.capacity / arch.weight_buffer.tile_slots,
                   arch.weight_buffer.tile_slots),
      activation_slots(
          "activation_buffer",
          arch.activation_buffer.capacity / kStagingShare / arch.activation_buffer.tile_slots,
          arch.activation_buffer.tile_slots),
      residency(arch.activation_buffer.capacity - arch.activation_buffer.capacity / kStagingShare),
      room(trace, residency.available(), activation_slots.capacity()),
      arch_(arch),
      trace_(trace),
      block_elements_(block_elements(arch, trace)),
      regions_of_dram_(dram_capacity),
      placements_(trace.tensors.size()),
      regions_(trace.tensors.size(), 0) {
  for (TensorId id = 0; id < trace.tensors.size(); ++id) {
    const auto& tensor = trace.tensors[id];
    if (tensor.role == TensorRole::weight && tensor.weight.is_bcq()) {
      const auto k = static_cast<std::uint32_t>(tensor.shape.at(0));
      const auto n = static_cast<std::uint32_t>(tensor.shape.at(1));
      require_decoders(arch, tensor);
      WeightLayout layout(arch, k, n, tensor.weight);
      const std::uint64_t planes = regions_of_dram_.reserve(layout.planes_bytes());
      const std::uint64_t tokens = regions_of_dram_.reserve(layout.tokens_bytes());
      layout.place(planes, tokens, regions_of_dram_.reserve(layout.scales_bytes()));
      layouts_.emplace(id, std::move(layout));
    } else if (tensor.role == TensorRole::weight || tensor.role == TensorRole::kv_cache) {
      regions_[id] = regions_of_dram_.reserve(workloads::stored_bytes(tensor));
    }
  }
  regions_of_dram_.check_fits();
  for (const auto& op : trace.operators) {
    for (const TensorId input : op.inputs) ++placements_[input].uses_left;
  }
}

bool Program::is_activation(TensorId tensor) const {
  return trace_.tensors[tensor].role == TensorRole::activation;
}

std::uint64_t Program::bytes_of(TensorId tensor, std::uint64_t elements) const {
  return spec::ceil_div(elements * spec::width_bits(trace_.tensors[tensor].format), 8);
}

template <class Work>
CommandId Program::emit_work(workloads::OperatorId op, Work work, std::vector<CommandId> waits) {
  std::sort(waits.begin(), waits.end());
  waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
  auto command = std::make_shared<MacroCommand>();
  command->id = next_id_++;
  command->op = op;
  command->waits = std::move(waits);
  command->work = work;
  pending_.push_back(std::move(command));
  return pending_.back()->id;
}

CommandId Program::emit(workloads::OperatorId op, DmaTransfer work, std::vector<CommandId> waits) {
  return emit_work(op, work, std::move(waits));
}
CommandId Program::emit(workloads::OperatorId op, MatrixWork work, std::vector<CommandId> waits) {
  return emit_work(op, work, std::move(waits));
}
CommandId Program::emit(workloads::OperatorId op, VectorWork work, std::vector<CommandId> waits) {
  return emit_work(op, work, std::move(waits));
}

Program::Placement& Program::place_output(TensorId tensor, std::vector<CommandId>& waits) {
  Placement& place = placements_[tensor];
  const auto& shape = trace_.tensors[tensor].shape;
  place.bytes = workloads::stored_bytes(trace_.tensors[tensor]);
  place.row_bytes = bytes_of(tensor, shape.back());
  place.rows = spec::ceil_div(place.bytes, place.row_bytes);
  const bool in_blocks = shape.size() == 2 && shape.back() % block_elements_ == 0;
  place.block_bytes = in_blocks ? bytes_of(tensor, block_elements_) : place.row_bytes;
  const auto& inputs = trace_.operators[room.writer(tensor)].inputs;
  const bool writer_reads_spilled =
      !inputs.empty() && is_activation(inputs[0]) && !placements_[inputs[0]].resident;
  place.resident =
      room.is_worth(tensor, place.bytes, residency.available(), writer_reads_spilled) &&
      residency.allocate(place.bytes, waits);
  place.ready.clear();
  place.readers.clear();
  if (!place.resident) {
    place.address = regions_of_dram_.borrow(place.bytes, waits);
    regions_of_dram_.check_fits();
  }
  return place;
}

CommandId Program::emit(workloads::OperatorId op, LinkTransfer work, std::vector<CommandId> waits) {
  return emit_work(op, work, std::move(waits));
}

DmaTransfer Program::spilled_rows(const Placement& place, std::uint64_t row_begin,
                                  std::uint64_t row_count, std::uint64_t byte_begin,
                                  std::uint64_t byte_count, bool write) {
  const std::uint64_t block = byte_begin / place.block_bytes;
  const std::uint64_t block_stride = place.rows * place.block_bytes;
  DmaTransfer transfer;
  transfer.write = write;
  transfer.buffer = Buffer::activation;
  transfer.address = place.address + block * block_stride + row_begin * place.block_bytes +
                     byte_begin % place.block_bytes;
  if (byte_count % place.block_bytes != 0) {
    transfer.piece_bytes = byte_count;
    transfer.stride = place.block_bytes;
    transfer.pieces = static_cast<std::uint32_t>(row_count);
  } else {
    transfer.piece_bytes = row_count * place.block_bytes;
    transfer.stride = block_stride;
    transfer.pieces = static_cast<std::uint32_t>(byte_count / place.block_bytes);
  }
  if (transfer.piece_bytes == transfer.stride) {
    transfer.piece_bytes *= transfer.pieces;
    transfer.pieces = 1;
  }
  if (transfer.pieces == 1) transfer.stride = transfer.piece_bytes;
  return transfer;
}

std::vector<DmaTransfer> Program::spilled_columns(const Placement& place, std::uint64_t row_begin,
                                                  std::uint64_t row_count, std::uint64_t byte_begin,
                                                  std::uint64_t byte_count, bool write) {
  std::vector<DmaTransfer> transfers;
  const std::uint64_t block = place.block_bytes;
  const std::uint64_t end = byte_begin + byte_count;
  for (std::uint64_t begin = byte_begin; begin < end;) {
    const bool at_block = begin % block == 0;
    const std::uint64_t whole = at_block ? (end - begin) / block * block : 0;
    const std::uint64_t next =
        whole > 0 ? begin + whole : std::min(end, (begin / block + 1) * block);
    transfers.push_back(spilled_rows(place, row_begin, row_count, begin, next - begin, write));
    begin = next;
  }
  return transfers;
}

DmaTransfer Program::spilled_share(const Placement& place, std::uint64_t rows,
                                   std::uint64_t row_begin, std::uint64_t row_count, bool write) {
  if (place.rows == rows) return spilled_rows(place, row_begin, row_count, write);
  const std::uint64_t row_bytes = place.bytes / rows;
  DmaTransfer transfer;
  transfer.write = write;
  transfer.buffer = Buffer::activation;
  transfer.address = place.address + row_begin * row_bytes;
  transfer.piece_bytes = transfer.stride = row_count * row_bytes;
  return transfer;
}

void Program::retire_inputs(const workloads::Operator& op, const std::vector<CommandId>& last) {
  for (const TensorId input : op.inputs) {
    if (!is_activation(input)) continue;
    Placement& place = placements_[input];
    place.readers.insert(place.readers.end(), last.begin(), last.end());
    if (--place.uses_left > 0) continue;
    if (place.resident) {
      residency.free(place.bytes, std::move(place.readers));
    } else {
      regions_of_dram_.release(place.address, place.bytes, std::move(place.readers));
    }
    place.readers.clear();
  }
}

Program::CacheState& Program::cache(TensorId tensor, std::uint32_t step) {
  CacheState& state = caches_[tensor];
  if (state.step != step) {
    state.stores = std::move(state.fresh_stores);
    state.fresh_stores.clear();
    state.appended.clear();
    state.fresh_on_chip = true;
    state.append.reset();
    state.step = step;
  }
  return state;
}

}  // namespace lutsim::sim

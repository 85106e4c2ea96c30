// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/program.h"

#include <algorithm>
#include <utility>

#include "models/bcq/bcq_storage.h"

namespace lutsim::sim {

using workloads::TensorId;
using workloads::TensorRole;

Program::Program(const spec::ArchSpec& arch, const workloads::OperatorTrace& trace,
                 std::uint64_t dram_capacity)
    : weight_slots("weight_buffer", arch.weight_buffer.capacity / arch.weight_buffer.tile_slots,
                   arch.weight_buffer.tile_slots),
      activation_slots(
          "activation_buffer",
          arch.activation_buffer.capacity / kStagingShare / arch.activation_buffer.tile_slots,
          arch.activation_buffer.tile_slots),
      arch_(arch),
      trace_(trace),
      regions_of_dram_(dram_capacity),
      residency_(arch.activation_buffer.capacity - arch.activation_buffer.capacity / kStagingShare),
      placements_(trace.tensors.size()),
      regions_(trace.tensors.size(), 0) {
  for (TensorId id = 0; id < trace.tensors.size(); ++id) {
    const auto& tensor = trace.tensors[id];
    if (tensor.role == TensorRole::weight && tensor.weight.is_bcq()) {
      const auto k = static_cast<std::uint32_t>(tensor.shape.at(0));
      const auto n = static_cast<std::uint32_t>(tensor.shape.at(1));
      const auto& format = tensor.weight;
      const std::uint64_t planes =
          regions_of_dram_.reserve(models::plane_bytes(k, n, format.weight_bits));
      const std::uint64_t scales = regions_of_dram_.reserve(
          models::scale_bytes(k, n, format.weight_bits, format.group_size, format.has_offset));
      layouts_.emplace(id, WeightLayout(arch, k, n, format, planes, scales));
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
  place.bytes = workloads::stored_bytes(trace_.tensors[tensor]);
  place.resident = residency_.allocate(place.bytes, waits);
  place.ready.clear();
  place.readers.clear();
  if (!place.resident) {
    place.address = regions_of_dram_.borrow(place.bytes, waits);
    regions_of_dram_.check_fits();
  }
  return place;
}

void Program::retire_inputs(const workloads::Operator& op, CommandId last) {
  for (const TensorId input : op.inputs) {
    if (!is_activation(input)) continue;
    Placement& place = placements_[input];
    place.readers.push_back(last);
    if (--place.uses_left > 0) continue;
    if (place.resident) {
      residency_.free(place.bytes, std::move(place.readers));
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

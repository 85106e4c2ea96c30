// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/activation_pool.h"

#include <algorithm>

namespace lutsim::workloads {

using K = OperatorKind;

void ActivationPool::begin_item(const SourceTrace& source, const WorkItem& item) {
  in_order_ = source.format == "scalesim";
  read_storages_.clear();
  written_storages_.clear();
  item_needs_.clear();
  item_ops_.clear();
  for (const std::size_t id : item.sources) {
    for (const SourceArgument& a : source.operators[id].inputs) {
      if (a.storage > 0) read_storages_.push_back(a.storage);
    }
    for (const SourceArgument& a : source.operators[id].outputs) {
      if (a.storage > 0) written_storages_.push_back(a.storage);
    }
  }
  for (const std::uint64_t storage : read_storages_) {
    const auto found = writers_.find(storage);
    if (found != writers_.end()) item_needs_.insert(found->second.begin(), found->second.end());
  }
}

void ActivationPool::end_item() {
  // What has no counterpart passes on what it read; else the last operator wrote the outputs.
  for (const std::uint64_t storage : written_storages_) {
    writers_[storage] = item_ops_.empty() ? item_needs_ : std::set<OperatorId>{item_ops_.back()};
  }
}

bool ActivationPool::fits(const Activation& a, std::uint64_t elements) const {
  if (a.elements != elements) return false;
  if (read_storages_.empty() || item_needs_.count(a.writer) > 0) return true;
  return std::find(item_ops_.begin(), item_ops_.end(), a.writer) != item_ops_.end();
}

ActivationPool::Activation* ActivationPool::find_latest(std::uint64_t elements,
                                                        bool only_residual) {
  for (auto a = activations_.rbegin(); a != activations_.rend(); ++a) {
    if (fits(*a, elements) && (!only_residual || a->is_residual)) return &*a;
  }
  return nullptr;
}

TensorId ActivationPool::outside(std::uint64_t elements) {
  // Not written by anything: an input of the trace.
  return assembler_.tensor({"input." + std::to_string(++outside_),
                            {elements},
                            TensorRole::activation,
                            spec::NumberFormat::fp16,
                            {}});
}

TensorId ActivationPool::read(Activation* found, std::uint64_t elements) {
  if (found == nullptr) return outside(elements);
  found->is_read = true;
  return found->id;
}

TensorId ActivationPool::latest(std::uint64_t elements) {
  return read(find_latest(elements, false), elements);
}

TensorId ActivationPool::residual(std::uint64_t elements) {
  return read(find_latest(elements, true), elements);
}

TensorId ActivationPool::oldest_unread(std::uint64_t elements) {
  for (Activation& a : activations_) {
    if (fits(a, elements) && !a.is_read) return read(&a, elements);
  }
  return latest(elements);
}

TensorId ActivationPool::matmul_input(std::uint64_t m, std::uint64_t k) {
  if (read_storages_.empty() && m == matmul_m_ && k == matmul_k_) return matmul_x_;
  matmul_m_ = m;
  matmul_k_ = k;
  return matmul_x_ = in_order_ ? outside(m * k) : latest(m * k);
}

TensorId ActivationPool::query(std::uint64_t elements) {
  for (Activation& a : activations_) {
    if (fits(a, elements) && a.kind == K::rope && !a.is_read) return read(&a, elements);
  }
  return oldest_unread(elements);
}

std::pair<TensorId, TensorId> ActivationPool::key_and_value(std::uint64_t elements) {
  for (auto a = activations_.rbegin(); a != activations_.rend(); ++a) {
    if (fits(*a, elements) && a->kind == K::rope && !a->is_read) {
      const TensorId key = read(&*a, elements);
      return {key, oldest_unread(elements)};
    }
  }
  const TensorId key = oldest_unread(elements);
  return {key, oldest_unread(elements)};
}

void ActivationPool::wrote(OperatorId op, TensorId tensor, bool starts_residual) {
  const Operator& o = assembler_.trace().operators[op];
  const auto& shape = assembler_.trace().tensors[tensor].shape;
  std::uint64_t elements = 1;
  for (const std::uint64_t d : shape) elements *= d;
  // What nobody read within the last operators is not read any more: an unused output.
  constexpr std::size_t kMemory = 64;
  if (activations_.size() > kMemory) activations_.erase(activations_.begin());
  activations_.push_back({tensor, elements, o.kind, false, starts_residual, op});
  if (o.kind != K::matmul && o.kind != K::bias_add) matmul_m_ = 0;
  if (!item_ops_.empty()) needs_[op].insert(item_ops_.back());
  needs_[op].insert(item_needs_.begin(), item_needs_.end());
  if (in_order_ && op > 0) needs_[op].insert(op - 1);
  item_ops_.push_back(op);
}

void ActivationPool::wrote_cache(OperatorId op, TensorId) {
  needs_[op].insert(item_needs_.begin(), item_needs_.end());
  item_ops_.push_back(op);
}

void ActivationPool::add_dependencies(OperatorTrace& trace) const {
  for (const auto& [op, needs] : needs_) {
    std::set<OperatorId> all = needs;
    auto& depends_on = trace.operators[op].depends_on;
    all.insert(depends_on.begin(), depends_on.end());
    depends_on.assign(all.begin(), all.end());
  }
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/work_item.h"

namespace lutsim::workloads {

namespace {

class Flattener {
 public:
  Flattener(const SourceTrace& trace, const MappingOptions& options)
      : trace_(trace), options_(options), children_(trace.operators.size()) {
    for (std::size_t i = 0; i < trace.operators.size(); ++i) {
      const std::size_t parent = trace.operators[i].parent;
      if (parent != SourceOperator::kNone) children_[parent].push_back(i);
    }
  }

  WorkList flatten() {
    for (std::size_t i = 0; i < trace_.operators.size(); ++i) {
      if (trace_.operators[i].parent == SourceOperator::kNone) collect(i);
    }
    return std::move(list_);
  }

 private:
  /// Adds the items of an operator and of what it calls; false when there are none.
  bool collect(std::size_t id) {
    const SourceOperator& op = trace_.operators[id];
    WorkItem item;
    item.sources = {id};
    item.pass = op.pass;
    item.mapped = map_operator(op, options_);
    if (item.mapped) {
      add_kernels(id, item);
      list_.items.push_back(std::move(item));
      return true;
    }
    bool has_items = false;
    for (const std::size_t child : children_[id]) has_items = collect(child) || has_items;
    item.seconds = op.kernel_s;
    item.kernels = op.kernels;
    item.is_movement = is_movement(op.name);
    const bool launches = op.kernels > 0 || op.captured_kernels > 0;
    // An operator that launched nothing did nothing on the GPU.
    const bool counts = launches || (!has_items && !trace_.knows_launches && !is_view(op.name));
    if (counts) {
      list_.items.push_back(std::move(item));
    } else {
      ++list_.views;
    }
    return has_items || counts;
  }

  void add_kernels(std::size_t id, WorkItem& item) {
    item.seconds += trace_.operators[id].kernel_s;
    item.kernels += trace_.operators[id].kernels;
    for (const std::size_t child : children_[id]) {
      ++list_.views;
      add_kernels(child, item);
    }
  }

  const SourceTrace& trace_;
  const MappingOptions& options_;
  std::vector<std::vector<std::size_t>> children_;
  WorkList list_;
};

}  // namespace

WorkList flatten(const SourceTrace& trace, const MappingOptions& options) {
  return Flattener(trace, options).flatten();
}

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "workloads/trace/import/trace_import.h"
#include "workloads/trace/import/work_item.h"

namespace lutsim::workloads {

/// Writes the items of the forward pass as operators. `notes` gets what the trace says differently
/// from the file. Throws spec::SpecError for weight_bits or a group_size that no matrix can have.
///
/// Dependencies are those of the file where it names the memory of tensors; a profile does not, and
/// inputs are inferred from shapes and order. Layers are counted by their attention.
OperatorTrace emit_trace(const SourceTrace& source, const std::vector<WorkItem>& items,
                         const ImportRequest& request, std::vector<std::string>& notes);

/// Place of an item: forward pass and decoder layer, or outside the layers.
struct ItemPlace {
  std::uint32_t step = 0;
  int layer = -1;
};

/// Places of all items; those without a mapping get that of their neighbours.
std::vector<ItemPlace> places_of(const std::vector<const WorkItem*>& items);

/// What the operators reveal of the model's shape; sizes that they do not reveal are the smallest.
models::ModelShape infer_shape(const std::vector<const WorkItem*>& items,
                               const std::vector<ItemPlace>& places, const std::string& name);

}  // namespace lutsim::workloads

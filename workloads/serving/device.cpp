// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/device.h"

#include <algorithm>

#include "models/spec/field.h"

namespace lutsim::workloads {

DeviceMemory divide_memory(double capacity_bytes, double weight_bytes, double reserved_bytes,
                           const std::vector<double>& cache_bytes_per_token,
                           const std::vector<std::uint32_t>& max_context, std::uint32_t page_tokens,
                           const std::string& name) {
  DeviceMemory memory;
  memory.capacity_bytes = capacity_bytes;
  memory.weight_bytes = weight_bytes;
  memory.reserved_bytes = reserved_bytes;
  const double widest =
      *std::max_element(cache_bytes_per_token.begin(), cache_bytes_per_token.end());
  memory.page_bytes = widest * page_tokens;
  const double left = capacity_bytes - weight_bytes - reserved_bytes;
  if (left < memory.page_bytes) {
    throw spec::SpecError(name + ": the weights take " + std::to_string(weight_bytes / 1e9) +
                          " GB, " + std::to_string((capacity_bytes - reserved_bytes) / 1e9) +
                          " GB are there, nothing is left for the cache");
  }
  memory.pages = static_cast<std::uint32_t>(left / memory.page_bytes);
  for (std::size_t i = 0; i < cache_bytes_per_token.size(); ++i) {
    const auto tokens = static_cast<std::uint32_t>(memory.page_bytes / cache_bytes_per_token[i]);
    memory.models.push_back({max_context[i], std::max(1u, tokens)});
  }
  return memory;
}

std::uint32_t AdapterSwitch::moves(const Batch& batch) {
  std::vector<std::uint32_t> adapters;
  for (const Slice& slice : batch.slices) {
    if (std::find(adapters.begin(), adapters.end(), slice.adapter) == adapters.end())
      adapters.push_back(slice.adapter);
  }
  const auto key = [&](std::uint32_t adapter) {
    return (std::uint64_t{batch.model} << 32) + adapter + 1;
  };
  auto moves = static_cast<std::uint32_t>(adapters.size());
  const auto in_place = std::find_if(adapters.begin(), adapters.end(), [&](std::uint32_t adapter) {
    return key(adapter) == resident_;
  });
  // What is in place comes first, the last one stays.
  if (in_place != adapters.end() || resident_ == 0) --moves;
  if (in_place != adapters.end()) std::rotate(adapters.begin(), in_place, in_place + 1);
  if (!adapters.empty()) resident_ = key(adapters.back());
  return moves;
}

}  // namespace lutsim::workloads

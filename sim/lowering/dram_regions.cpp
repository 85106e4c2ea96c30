// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/dram_regions.h"

#include <fmt/core.h>

#include <utility>

#include "models/spec/field.h"

namespace lutsim::sim {

std::uint64_t DramRegions::reserve(std::uint64_t bytes) {
  const std::uint64_t address = used_;
  used_ += spec::ceil_div(bytes, kAlignment) * kAlignment;
  return address;
}

std::uint64_t DramRegions::borrow(std::uint64_t bytes, std::vector<CommandId>& waits) {
  auto& list = free_[bytes];
  if (list.empty()) return reserve(bytes);
  const Freed region = std::move(list.front());
  list.pop_front();
  waits.insert(waits.end(), region.readers.begin(), region.readers.end());
  return region.address;
}

void DramRegions::release(std::uint64_t address, std::uint64_t bytes,
                          std::vector<CommandId> readers) {
  free_[bytes].push_back({address, std::move(readers)});
}

void DramRegions::check_fits() const {
  if (used_ <= capacity_) return;
  constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
  throw spec::SpecError(
      fmt::format("the workload needs {:.2f} GiB of DRAM on a chip, its memory holds {:.2f} GiB: "
                  "{:.2f} GiB too "
                  "little (more memory.channels or system.chips, fewer weight bits, a smaller "
                  "batch or a shorter "
                  "context would fit)",
                  static_cast<double>(used_) / kGib, static_cast<double>(capacity_) / kGib,
                  static_cast<double>(used_ - capacity_) / kGib));
}

}  // namespace lutsim::sim

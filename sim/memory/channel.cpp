// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/channel.h"

#include "sim/memory/burst_channel.h"
#include "sim/memory/row_channel.h"

namespace lutsim::sim {

std::unique_ptr<Channel> make_channel(const spec::MemoryStandard& standard,
                                      spec::AddressMapping mapping, spec::Refresh refresh,
                                      DramPath path) {
  if (path == DramPath::burst) return std::make_unique<BurstChannel>(standard, mapping, refresh);
  return std::make_unique<RowChannel>(standard, mapping, refresh);
}

}  // namespace lutsim::sim

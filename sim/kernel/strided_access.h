// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tlm>

namespace lutsim::sim {

/// TLM extension of a transaction with DRAM or a scratchpad: its data are `pieces` runs of equal
/// length, `stride` bytes from the start of one to the start of the next, the first at the address
/// of the payload. All are in flight together. The data length of the payload is that of all runs.
struct StridedAccess : tlm::tlm_extension<StridedAccess> {
  std::uint64_t stride = 0;
  std::uint32_t pieces = 1;

  tlm_extension_base* clone() const override { return new StridedAccess(*this); }
  void copy_from(const tlm_extension_base& other) override {
    *this = static_cast<const StridedAccess&>(other);
  }
};

}  // namespace lutsim::sim

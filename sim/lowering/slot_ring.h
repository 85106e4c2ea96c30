// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec/field.h"
#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Staging slots of a scratchpad, reused round robin. A new tenant waits for the last users of the
/// slot: with two slots this is double buffering. Slots that are held are passed over.
class SlotRing {
 public:
  struct Lease {
    std::uint32_t first = 0, count = 0;
  };

  SlotRing(std::string buffer_name, std::uint64_t slot_bytes, std::uint32_t slots)
      : buffer_name_(std::move(buffer_name)), slot_bytes_(slot_bytes), slots_(slots) {}

  /// Neighbouring slots for `bytes` that nobody holds; the commands to wait for are appended to
  /// `waits`. Throws spec::SpecError when the ring is too small.
  Lease take(std::uint64_t bytes, std::vector<CommandId>& waits) {
    const auto count =
        static_cast<std::uint32_t>(std::max<std::uint64_t>(1, spec::ceil_div(bytes, slot_bytes_)));
    const Lease lease{first_of(count, bytes), count};
    next_ = lease.first + count;
    for (std::uint32_t slot = lease.first; slot < lease.first + lease.count; ++slot) {
      const auto& users = slots_[slot].last_users;
      waits.insert(waits.end(), users.begin(), users.end());
      slots_[slot].taken = true;
    }
    return lease;
  }
  /// Names the last commands that touch the slots: they may be taken again.
  void release(const Lease& lease, const std::vector<CommandId>& last_users) {
    for (std::uint32_t slot = lease.first; slot < lease.first + lease.count; ++slot) {
      slots_[slot] = {false, last_users};
    }
  }
  void release(const Lease& lease, CommandId last_user) {
    release(lease, std::vector<CommandId>{last_user});
  }

  std::uint64_t slot_bytes() const { return slot_bytes_; }
  std::uint64_t slots() const { return slots_.size(); }
  std::uint64_t capacity() const { return slot_bytes_ * slots_.size(); }

 private:
  struct Slot {
    bool taken = false;  ///< somebody holds it
    std::vector<CommandId> last_users;
  };

  bool is_free(std::uint32_t first, std::uint32_t count) const {
    for (std::uint32_t slot = first; slot < first + count; ++slot) {
      if (slots_[slot].taken) return false;
    }
    return true;
  }
  /// The next run of `count` free slots, round robin.
  std::uint32_t first_of(std::uint32_t count, std::uint64_t bytes) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const auto first = static_cast<std::uint32_t>((next_ + i) % slots_.size());
      if (first + count <= slots_.size() && is_free(first, count)) return first;
    }
    std::uint64_t taken = 0;
    for (const Slot& slot : slots_) taken += slot.taken ? 1 : 0;
    throw spec::SpecError(buffer_name_ + ".capacity: a tile of " + std::to_string(bytes) +
                          " B does not fit the " + std::to_string(slots_.size()) +
                          " tile_slots of " + std::to_string(slot_bytes_) + " B, of which " +
                          std::to_string(taken) +
                          " are in use by the same command: enlarge it or use more slots");
  }

  std::string buffer_name_;
  std::uint64_t slot_bytes_;
  std::vector<Slot> slots_;
  std::uint32_t next_ = 0;
};

}  // namespace lutsim::sim

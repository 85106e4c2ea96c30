// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec/field.h"
#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Staging slots of a scratchpad, reused round robin. A new tenant waits for the last user of the
/// slot: with two slots this is double buffering.
class SlotRing {
 public:
  struct Lease {
    std::uint32_t first = 0, count = 0;
  };

  SlotRing(std::string buffer_name, std::uint64_t slot_bytes, std::uint32_t slots)
      : buffer_name_(std::move(buffer_name)), slot_bytes_(slot_bytes), last_user_(slots) {}

  /// Neighbouring slots for `bytes`; the commands to wait for are appended to `waits`. Throws
  /// spec::SpecError when the ring is too small.
  Lease take(std::uint64_t bytes, std::vector<CommandId>& waits) {
    const auto count =
        static_cast<std::uint32_t>(std::max<std::uint64_t>(1, spec::ceil_div(bytes, slot_bytes_)));
    if (count > last_user_.size()) {
      throw spec::SpecError(buffer_name_ + ".capacity: a tile of " + std::to_string(bytes) +
                            " B does not fit the " + std::to_string(capacity()) +
                            " B that stage tiles");
    }
    if (next_ + count > last_user_.size()) next_ = 0;
    const Lease lease{next_, count};
    next_ += count;
    for (std::uint32_t slot = lease.first; slot < lease.first + lease.count; ++slot) {
      if (last_user_[slot].used) waits.push_back(last_user_[slot].id);
    }
    return lease;
  }
  /// Declares `user` the last command that touches the slots.
  void release(const Lease& lease, CommandId user) {
    for (std::uint32_t slot = lease.first; slot < lease.first + lease.count; ++slot) {
      last_user_[slot] = {true, user};
    }
  }

  std::uint64_t slot_bytes() const { return slot_bytes_; }
  std::uint64_t capacity() const { return slot_bytes_ * last_user_.size(); }

 private:
  struct User {
    bool used = false;
    CommandId id = 0;
  };
  std::string buffer_name_;
  std::uint64_t slot_bytes_;
  std::vector<User> last_user_;
  std::uint32_t next_ = 0;
};

}  // namespace lutsim::sim

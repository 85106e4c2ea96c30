// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Room for activations that stay on chip between operators. Freed room is handed out again in the
/// order in which it was freed; whoever gets it waits for its last readers.
class Residency {
 public:
  explicit Residency(std::uint64_t capacity) : never_used_(capacity) {}

  /// True and `waits` extended when `bytes` fit; false leaves everything as it was.
  bool allocate(std::uint64_t bytes, std::vector<CommandId>& waits) {
    if (bytes > available()) return false;
    std::uint64_t needed = bytes;
    const std::uint64_t fresh = std::min(needed, never_used_);
    never_used_ -= fresh;
    needed -= fresh;
    while (needed > 0) {
      Freed& block = freed_.front();
      waits.insert(waits.end(), block.readers.begin(), block.readers.end());
      const std::uint64_t taken = std::min(needed, block.bytes);
      block.bytes -= taken;
      needed -= taken;
      if (block.bytes == 0) freed_.pop_front();
    }
    return true;
  }
  /// Bytes that nobody holds.
  std::uint64_t available() const {
    std::uint64_t bytes = never_used_;
    for (const Freed& block : freed_) bytes += block.bytes;
    return bytes;
  }
  void free(std::uint64_t bytes, std::vector<CommandId> readers) {
    freed_.push_back({bytes, std::move(readers)});
  }

 private:
  struct Freed {
    std::uint64_t bytes;
    std::vector<CommandId> readers;
  };
  std::uint64_t never_used_;
  std::deque<Freed> freed_;
};

}  // namespace lutsim::sim

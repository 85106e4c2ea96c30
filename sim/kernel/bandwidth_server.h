// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <systemc>

namespace lutsim::sim {

/// A shared port that serves transfers one after another, never idle while work waits.
///
/// A transfer whose data stream in (or are used) over the window [begin, end] and that occupies the
/// port for `occupancy` leaves at max(end, when the port has served it): an idle port adds nothing
/// to a transfer slower than itself, a busy one delays it by the work ahead of it.
class BandwidthServer {
 public:
  /// Returns the time at which the transfer is through.
  sc_core::sc_time serve(const sc_core::sc_time& begin, const sc_core::sc_time& end,
                         const sc_core::sc_time& occupancy) {
    free_at_ = std::max(free_at_, begin) + occupancy;
    busy_ += occupancy;
    return std::max(end, free_at_);
  }
  const sc_core::sc_time& busy() const { return busy_; }

 private:
  sc_core::sc_time free_at_;
  sc_core::sc_time busy_;
};

}  // namespace lutsim::sim

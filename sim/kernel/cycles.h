// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <systemc>

namespace lutsim::sim {

/// A count of clock cycles. Becomes time only through a clock period (sim/kernel/clock.h).
class Cycles {
 public:
  constexpr explicit Cycles(std::uint64_t count = 0) : count_(count) {}
  constexpr std::uint64_t count() const { return count_; }
  constexpr Cycles& operator+=(Cycles other) {
    count_ += other.count_;
    return *this;
  }
  friend constexpr Cycles operator+(Cycles a, Cycles b) { return Cycles(a.count_ + b.count_); }
  friend constexpr bool operator==(Cycles a, Cycles b) { return a.count_ == b.count_; }
  friend constexpr bool operator<(Cycles a, Cycles b) { return a.count_ < b.count_; }
  friend sc_core::sc_time operator*(Cycles n, const sc_core::sc_time& period) {
    return sc_core::sc_time::from_value(n.count_ * period.value());
  }

 private:
  std::uint64_t count_;
};

}  // namespace lutsim::sim

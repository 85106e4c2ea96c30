// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/kernel/unit_front.h"
#include "sim/platform/platform.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::sim {

/// Remembers when every command ran and what let it begin.
class RunRecord {
 public:
  explicit RunRecord(const workloads::OperatorTrace& trace) : trace_(trace) {}

  void add(UnitKind unit, const FinishedCommand& finished);

  /// The chain of commands that ends with the last of the run, each the cause of the next: the
  /// run takes as long as this chain. Longest share first. The parts add up to the run.
  std::vector<PathShare> critical_path() const;
  /// By begin.
  std::vector<TimelineSlice> timeline() const;

 private:
  struct Entry {
    std::uint64_t began = 0;  ///< in units of the kernel's resolution, as all times here
    std::uint64_t ended = 0;
    CommandId cause = kNone;
    workloads::OperatorId op = 0;
    UnitKind unit = UnitKind::matrix;
  };
  static constexpr CommandId kNone = ~CommandId{0};

  const workloads::OperatorTrace& trace_;
  std::vector<Entry> entries_;  ///< by command
};

}  // namespace lutsim::sim

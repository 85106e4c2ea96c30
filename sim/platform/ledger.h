// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <systemc>
#include <vector>

#include "sim/platform/platform.h"
#include "sim/platform/run_record.h"

namespace lutsim::sim {

/// Books the work of the finished commands of one chip by operator kind and by forward pass.
class Ledger {
 public:
  /// `events` returns the counts of the whole chip at this moment.
  Ledger(const workloads::OperatorTrace& trace, std::function<models::EventCounts()> events);

  /// What a unit calls when a command has finished.
  UnitFront::Observer observer(UnitKind unit);

  std::vector<KindTime> kinds() const;
  const std::vector<StepRecord>& steps() const { return steps_; }
  const RunRecord& record() const { return record_; }
  /// When the last command of the program finished.
  const sc_core::sc_time& last() const { return last_; }

 private:
  void book(UnitKind unit, const FinishedCommand& finished);

  const workloads::OperatorTrace& trace_;
  std::function<models::EventCounts()> events_;
  std::map<workloads::OperatorKind, KindTime> kinds_;
  std::vector<StepRecord> steps_;
  RunRecord record_;
  sc_core::sc_time last_;
};

}  // namespace lutsim::sim

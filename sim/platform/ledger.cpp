// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/ledger.h"

#include <utility>
#include <variant>

namespace lutsim::sim {

Ledger::Ledger(const workloads::OperatorTrace& trace, std::function<models::EventCounts()> events)
    : trace_(trace), events_(std::move(events)), record_(trace) {}

UnitFront::Observer Ledger::observer(UnitKind unit) {
  return [this, unit](const FinishedCommand& finished) { book(unit, finished); };
}

void Ledger::book(UnitKind unit, const FinishedCommand& finished) {
  record_.add(unit, finished);
  const auto& op = trace_.operators[finished.command.op];
  KindTime& kind = kinds_[op.kind];
  kind.kind = op.kind;
  const double seconds = (sc_core::sc_time_stamp() - finished.began).to_seconds();
  switch (unit) {
    case UnitKind::matrix:
      kind.matrix_s += seconds;
      break;
    case UnitKind::vector:
      kind.vector_s += seconds;
      break;
    case UnitKind::dma_read:
    case UnitKind::dma_write:
      kind.dma_s += seconds;
      kind.dram_bytes += std::get<DmaTransfer>(finished.command.work).bytes();
      break;
    case UnitKind::link_send:
    case UnitKind::link_receive:
      kind.link_s += seconds;
      break;
  }
  if (unit == UnitKind::matrix || unit == UnitKind::vector) {
    kind.wait_memory_s += finished.waited_memory.to_seconds();
    kind.wait_dependency_s += finished.waited_dependency.to_seconds();
  }
  if (op.kind == workloads::OperatorKind::sample) {
    if (steps_.empty() || steps_.back().step != op.step) steps_.push_back({op.step, 0, {}});
    steps_.back().end_s = sc_core::sc_time_stamp().to_seconds();
    steps_.back().events = events_();
  }
  last_ = sc_core::sc_time_stamp();
}

std::vector<KindTime> Ledger::kinds() const {
  std::vector<KindTime> result;
  result.reserve(kinds_.size());
  for (const auto& [kind, time] : kinds_) result.push_back(time);
  return result;
}

}  // namespace lutsim::sim

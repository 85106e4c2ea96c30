// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram.h"

#include <algorithm>
#include <cmath>

#include "sim/kernel/strided_access.h"

namespace lutsim::sim {
namespace {

/// Slots that are not a whole number of picoseconds are rounded; this much is rounding.
constexpr double kSlotEpsilon = 1e-6;

}  // namespace

Dram::Dram(const sc_core::sc_module_name& name, const spec::MemorySpec& memory,
           const spec::MemoryStandard& standard, Agenda& agenda, DramPath path)
    : sc_core::sc_module(name),
      standard_(standard),
      memory_(memory),
      slot_ps_(standard.slot_ps()),
      channels_(memory, standard, path),
      agenda_(agenda),
      wake_(agenda) {
  target.register_b_transport(this, &Dram::b_transport);
  target.register_transport_dbg(this, &Dram::transport_dbg);
  SC_HAS_PROCESS(Dram);
  SC_METHOD(play);
  sensitive << wake_.event();
  dont_initialize();
}

std::uint64_t Dram::capacity_bytes() const {
  return spec::capacity_bytes(standard_, memory_.channels);
}

double Dram::peak_bytes_per_second() const {
  return spec::peak_bytes_per_second(standard_, memory_.channels);
}

void Dram::b_transport(int /*id*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_response_status(check(payload));
  if (payload.is_response_error()) return;
  if (delay > sc_core::SC_ZERO_TIME) {
    wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  // Data move when the transaction is complete; initiators order accesses that depend on each
  // other.
  wait_for_data(payload);
  if (payload.get_data_ptr() != nullptr) move_data(payload);
}

unsigned int Dram::transport_dbg(int /*id*/, tlm::tlm_generic_payload& payload) {
  payload.set_response_status(check(payload));
  if (payload.is_response_error() || payload.get_data_ptr() == nullptr) return 0;
  move_data(payload);
  return payload.get_data_length();
}

Dram::Shape Dram::shape_of(const tlm::tlm_generic_payload& payload) {
  const auto* strided = payload.get_extension<StridedAccess>();
  const std::uint64_t length = payload.get_data_length();
  if (strided == nullptr) return {payload.get_address(), length, length, 1};
  return {payload.get_address(), length / strided->pieces, strided->stride, strided->pieces};
}

tlm::tlm_response_status Dram::check(const tlm::tlm_generic_payload& payload) const {
  const std::uint64_t length = payload.get_data_length();
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (length == 0 || payload.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  const Shape shape = shape_of(payload);
  if (shape.bytes * shape.pieces != length || shape.stride < shape.bytes) {
    return tlm::TLM_BURST_ERROR_RESPONSE;
  }
  const std::uint64_t reach = (shape.pieces - 1) * shape.stride + shape.bytes;
  if (reach > capacity_bytes() || shape.address > capacity_bytes() - reach) {
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  return tlm::TLM_OK_RESPONSE;
}

void Dram::wait_for_data(const tlm::tlm_generic_payload& payload) {
  const std::uint64_t burst = standard_.burst_bytes();
  const Shape shape = shape_of(payload);

  Transaction transaction{0, 0, 0, nullptr};
  if (free_ports_.empty()) {
    transaction.port = static_cast<std::uint32_t>(ports_.size());
    ports_.emplace_back(agenda_);
  } else {
    transaction.port = free_ports_.back();
    free_ports_.pop_back();
  }
  transaction.done = &ports_[transaction.port];
  const std::uint64_t id = next_id_++;
  transactions_.emplace(id, &transaction);
  BurstRequest request{id, payload.is_write(), {}};
  request.ranges.reserve(shape.pieces);
  for (std::uint32_t piece = 0; piece < shape.pieces; ++piece) {
    const std::uint64_t address = shape.address + piece * shape.stride;
    const std::uint64_t first = address / burst;
    const std::uint64_t last = (address + shape.bytes - 1) / burst;
    request.ranges.push_back({first, last - first + 1});
  }
  transaction.channels_left =
      channels_.submit(transaction.port, request, slot_at_or_after(sc_core::sc_time_stamp()));
  tell_completions();
  if (const Slot wake = channels_.next_wake(); wake != kNever) wake_at(wake);
  wait(transaction.done->event());
  transactions_.erase(id);
  free_ports_.push_back(transaction.port);
}

void Dram::play() {
  channels_.advance(slot_at_or_before(sc_core::sc_time_stamp()));
  tell_completions();
  // As long as nothing else is due, nobody can ask for anything: the channels are played on without
  // going through the kernel.
  for (Slot wake = channels_.next_wake(); wake != kNever; wake = channels_.next_wake()) {
    if (!is_alone_until(time_of(wake))) {
      wake_at(wake);
      return;
    }
    channels_.advance(slot_at_or_before(time_of(wake)));
    tell_completions();
  }
}

bool Dram::is_alone_until(const sc_core::sc_time& time) {
  return !sc_core::sc_pending_activity_at_current_time() &&
         time < sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
}

void Dram::tell_completions() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  for (const ChannelSet::Done& done : channels_.take_completions()) {
    Transaction& transaction = *transactions_.at(done.completion.id);
    transaction.data_end = std::max(transaction.data_end, done.completion.slot);
    transaction.channels_left -= done.channels;
    if (transaction.channels_left > 0) continue;
    const sc_core::sc_time end = time_of(transaction.data_end);
    transaction.done->set(end > now ? end - now : sc_core::SC_ZERO_TIME);
  }
}

void Dram::wake_at(Slot slot) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const sc_core::sc_time at = time_of(slot);
  wake_.set(at > now ? at - now : sc_core::SC_ZERO_TIME);
}

Slot Dram::slot_at_or_after(const sc_core::sc_time& time) const {
  return static_cast<Slot>(std::ceil(static_cast<double>(time.value()) / slot_ps_ - kSlotEpsilon));
}

Slot Dram::slot_at_or_before(const sc_core::sc_time& time) const {
  return static_cast<Slot>(std::floor(static_cast<double>(time.value()) / slot_ps_ + kSlotEpsilon));
}

sc_core::sc_time Dram::time_of(Slot slot) const {
  const double ps = std::ceil(static_cast<double>(slot) * slot_ps_ - kSlotEpsilon);
  return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(ps));
}

void Dram::move_data(tlm::tlm_generic_payload& payload) {
  const Shape shape = shape_of(payload);
  for (std::uint32_t piece = 0; piece < shape.pieces; ++piece) {
    move_bytes(payload.get_data_ptr() + piece * shape.bytes, shape.address + piece * shape.stride,
               shape.bytes, payload.is_write());
  }
}

void Dram::move_bytes(unsigned char* data, std::uint64_t address, std::uint64_t bytes, bool write) {
  while (bytes > 0) {
    const std::uint64_t offset = address % kPageBytes;
    const std::uint64_t part = std::min(bytes, kPageBytes - offset);
    auto page = pages_.find(address / kPageBytes);
    if (write) {
      if (page == pages_.end()) {
        page = pages_.emplace(address / kPageBytes, std::vector<unsigned char>(kPageBytes)).first;
      }
      std::copy_n(data, part, page->second.begin() + static_cast<std::ptrdiff_t>(offset));
    } else if (page == pages_.end()) {
      std::fill_n(data, part, static_cast<unsigned char>(0));
    } else {
      std::copy_n(page->second.begin() + static_cast<std::ptrdiff_t>(offset), part, data);
    }
    data += part;
    address += part;
    bytes -= part;
  }
}

std::uint64_t Dram::refreshes_by(const sc_core::sc_time& until) const {
  if (memory_.refresh == spec::Refresh::off) return 0;
  const double interval_ps = standard_.refi * slot_ps_ * standard_.slots_per_clock;
  return static_cast<std::uint64_t>(static_cast<double>(until.value()) / interval_ps);
}

DramStatistics Dram::statistics(std::uint32_t channel) const {
  const ChannelStatistics s = channels_.statistics(channel);
  DramStatistics out;
  out.read_bytes = s.reads * standard_.burst_bytes();
  out.write_bytes = s.writes * standard_.burst_bytes();
  out.row_hits = s.row_hits;
  out.row_misses = s.row_misses;
  out.row_conflicts = s.row_conflicts;
  out.activates = s.activates;
  out.refreshes = refreshes_by(sc_core::sc_time_stamp());
  out.reads = s.reads;
  out.read_latency_sum_s = static_cast<double>(s.read_latency_slots) * slot_ps_ * 1e-12;
  return out;
}

DramStatistics Dram::statistics() const {
  DramStatistics sum;
  for (std::uint32_t c = 0; c < memory_.channels; ++c) sum += statistics(c);
  return sum;
}

models::EventCounts Dram::events(const sc_core::sc_time& until) const {
  constexpr std::uint64_t kBitsPerByte = 8;
  const DramStatistics s = statistics();
  models::EventCounts counts;
  counts.add(models::Event::dram_activate, s.activates);
  counts.add(models::Event::dram_read_bit, s.read_bytes * kBitsPerByte);
  counts.add(models::Event::dram_write_bit, s.write_bytes * kBitsPerByte);
  counts.add(models::Event::dram_phy_bit, (s.read_bytes + s.write_bytes) * kBitsPerByte);
  counts.add(models::Event::dram_refresh, memory_.channels * refreshes_by(until));
  return counts;
}

DramStatistics& DramStatistics::operator+=(const DramStatistics& other) {
  read_bytes += other.read_bytes;
  write_bytes += other.write_bytes;
  row_hits += other.row_hits;
  row_misses += other.row_misses;
  row_conflicts += other.row_conflicts;
  activates += other.activates;
  refreshes += other.refreshes;
  reads += other.reads;
  read_latency_sum_s += other.read_latency_sum_s;
  return *this;
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/constraint_table.h"

namespace lutsim::sim {

ConstraintTable::ConstraintTable(const spec::MemoryStandard& s)
    : slots_per_clock_(s.slots_per_clock) {
  s.validate();
  length_.fill(1);
  length_[static_cast<std::size_t>(Command::activate)] = s.activate_slots;
  length_[static_cast<std::size_t>(Command::read)] = s.column_slots;
  length_[static_cast<std::size_t>(Command::write)] = s.column_slots;

  // A command that takes two clocks is complete one clock after its first slot; latencies start
  // there.
  const Slot column_shift = static_cast<Slot>(s.column_slots) - s.slots_per_clock;
  burst_ = Slot{s.bl} * slots_per_clock_;
  read_data_end_ = Slot{s.cl} * slots_per_clock_ + burst_ + column_shift;
  write_data_end_ = Slot{s.cwl} * slots_per_clock_ + burst_ + column_shift;
  four_activates_ = Slot{s.faw} * slots_per_clock_;

  const auto activate = Command::activate;
  const auto precharge = Command::precharge;
  const auto precharge_all = Command::precharge_all;
  const auto read = Command::read;
  const auto write = Command::write;
  const auto refresh_all = Command::refresh_all;
  const auto refresh_bank = Command::refresh_bank;
  const std::uint32_t write_to_precharge = s.cwl + s.bl + s.wr;

  add(read, read, Scope::pseudo_channel, s.bl);
  add(write, write, Scope::pseudo_channel, s.bl);
  add(read, read, Scope::rank, s.ccd_s);
  add(write, write, Scope::rank, s.ccd_s_wr);
  add(read, read, Scope::other_rank, s.ccd_r);
  add(write, write, Scope::other_rank, s.ccd_r);
  add(read, read, Scope::bank_group, s.ccd_l);
  add(write, write, Scope::bank_group, s.ccd_l_wr);
  add(read, write, Scope::pseudo_channel, s.rtw);
  add(write, read, Scope::pseudo_channel, s.cwl + s.bl + s.wtr_s);
  add(write, read, Scope::bank_group, s.cwl + s.bl_max + s.wtr_l);

  add(activate, activate, Scope::pseudo_channel, s.rrd_s);
  add(activate, activate, Scope::bank_group, s.rrd_l);
  add(activate, activate, Scope::bank, s.rc);
  add(activate, read, Scope::bank, s.rcd_rd);
  add(activate, write, Scope::bank, s.rcd_wr);

  add(activate, precharge, Scope::bank, s.ras);
  add(read, precharge, Scope::bank, s.rtp);
  add(write, precharge, Scope::bank, write_to_precharge);
  add(precharge, activate, Scope::bank, s.rp);
  add(activate, precharge_all, Scope::pseudo_channel, s.ras);
  add(read, precharge_all, Scope::pseudo_channel, s.rtp);
  add(write, precharge_all, Scope::pseudo_channel, write_to_precharge);
  add(precharge_all, activate, Scope::pseudo_channel, s.rp_ab);
  if (s.ppd > 0) {
    for (const Command first : {precharge, precharge_all}) {
      add(first, precharge, Scope::pseudo_channel, s.ppd);
      add(first, precharge_all, Scope::pseudo_channel, s.ppd);
    }
  }

  add(activate, refresh_all, Scope::pseudo_channel, s.rc);
  add(precharge, refresh_all, Scope::pseudo_channel, s.rp);
  add(precharge_all, refresh_all, Scope::pseudo_channel, s.rp_ab);
  for (const Command next : {activate, precharge_all, refresh_all}) {
    add(refresh_all, next, Scope::pseudo_channel, s.rfc_ab);
  }
  if (s.refi_pb > 0) {
    add(activate, refresh_bank, Scope::bank, s.rc);
    add(activate, refresh_bank, Scope::pseudo_channel, s.rrd_s);
    add(precharge, refresh_bank, Scope::bank, s.rp);
    add(refresh_bank, activate, Scope::bank, s.rfc_pb);
    add(refresh_bank, refresh_bank, Scope::bank, s.rfc_pb);
    add(refresh_bank, activate, Scope::pseudo_channel, s.rrefd);
  }
}

void ConstraintTable::add(Command previous, Command next, Scope scope, std::uint32_t clocks) {
  const Slot slots = clocks * slots_per_clock_ + (length(previous) - 1) - (length(next) - 1);
  if (slots > 0)
    after_[static_cast<std::size_t>(previous)].push_back({previous, next, scope, slots});
}

}  // namespace lutsim::sim

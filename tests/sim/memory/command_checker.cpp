// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/memory/command_checker.h"

#include <algorithm>
#include <optional>

namespace lutsim::test {
namespace {

using sim::Command;
using sim::IssuedCommand;
using sim::Slot;

const char* name_of(Command c) {
  constexpr const char* kNames[] = {"ACT",   "PRE",   "PREab", "RD", "WR",
                                    "REFab", "REFpb", "ACT2",  "CAS"};
  return kNames[static_cast<std::size_t>(c)];
}

class Checker {
 public:
  Checker(const spec::MemoryStandard& standard, const std::vector<IssuedCommand>& commands,
          std::size_t most)
      : s_(standard), commands_(commands), most_(most), banks_(standard.banks_per_channel()) {}

  std::vector<std::string> run() {
    // No distance reaches further than the longest refresh.
    const Slot horizon = Slot{std::max({s_.rfc_ab, s_.rfc_pb, s_.rc, s_.faw})} * s_.slots_per_clock;
    std::size_t oldest = 0;
    for (std::size_t j = 0; j < commands_.size() && found_.size() < most_; ++j) {
      while (commands_[j].slot - commands_[oldest].slot > horizon + 16) ++oldest;
      for (std::size_t i = oldest; i < j; ++i) check_pair(commands_[i], commands_[j]);
      check_window(j, oldest);
      check_state(commands_[j]);
    }
    return found_;
  }

 private:
  struct BankState {
    bool open = false;
    bool half_open = false;  ///< between the halves of a split activate
    std::uint32_t row = 0;
    Slot activated = 0;
  };

  std::uint32_t rank_of(std::uint32_t bank) const { return bank / (s_.bank_groups * s_.banks); }
  std::uint32_t pins_of(std::uint32_t bank) const { return rank_of(bank) / s_.ranks; }
  std::uint32_t group_of(std::uint32_t bank) const { return bank / s_.banks; }
  Slot length(Command c) const {
    if (c == Command::activate) return s_.activate_slots;
    return sim::is_column(c) ? s_.column_slots : 1;
  }
  /// The slot in which the device has the whole command.
  Slot complete(const IssuedCommand& c) const { return c.slot + length(c.command) - 1; }

  void say(const IssuedCommand& c, const std::string& text) {
    found_.push_back("slot " + std::to_string(c.slot) + " " + name_of(c.command) + " bank " +
                     std::to_string(c.bank) + ": " + text);
  }

  void need(const IssuedCommand& a, const IssuedCommand& b, std::uint32_t clocks,
            const char* what) {
    const Slot distance = complete(b) - complete(a);
    if (distance < Slot{clocks} * s_.slots_per_clock) {
      say(b, std::string(what) + " = " + std::to_string(clocks) + " clocks after " +
                 name_of(a.command) + " bank " + std::to_string(a.bank) + " at slot " +
                 std::to_string(a.slot) + " violated by a distance of " + std::to_string(distance) +
                 " slots");
    }
  }

  void check_pair(const IssuedCommand& a, const IssuedCommand& b) {
    const Command x = a.command;
    const Command y = b.command;
    const bool same_bus = !s_.split_command_bus || sim::is_column(x) == sim::is_column(y);
    const bool one_command = x == y && x == Command::refresh_bank;  // of several banks at once
    if (same_bus && !one_command && b.slot < a.slot + length(x)) say(b, "command bus is taken");
    if (pins_of(a.bank) != pins_of(b.bank)) return;

    const bool bank = a.bank == b.bank;
    const bool group = group_of(a.bank) == group_of(b.bank);
    const bool rank = rank_of(a.bank) == rank_of(b.bank);
    const std::uint32_t write_end = s_.cwl + s_.bl;
    const auto is = [&](Command first, Command second) { return x == first && y == second; };
    const auto act = Command::activate;
    const auto pre = Command::precharge;
    const auto pre_all = Command::precharge_all;
    const auto rd = Command::read;
    const auto wr = Command::write;
    const auto ref = Command::refresh_all;
    const auto ref_bank = Command::refresh_bank;

    if (is(rd, rd)) {
      need(a, b, s_.bl, "burst on the pins");
      need(a, b, !rank ? s_.ccd_r : group ? s_.ccd_l : s_.ccd_s, "tCCD");
    }
    if (is(wr, wr)) {
      need(a, b, s_.bl, "burst on the pins");
      need(a, b, !rank ? s_.ccd_r : group ? s_.ccd_l_wr : s_.ccd_s_wr, "tCCD of writes");
    }
    if (is(rd, wr)) need(a, b, s_.rtw, "read to write");
    if (is(wr, rd)) {
      need(a, b, group ? s_.cwl + s_.bl_max + s_.wtr_l : write_end + s_.wtr_s, "tWTR");
    }
    if (is(act, act)) need(a, b, bank ? s_.rc : group ? s_.rrd_l : s_.rrd_s, "tRRD or tRC");
    if (is(act, rd) && bank) need(a, b, s_.rcd_rd, "tRCD");
    if (is(act, wr) && bank) need(a, b, s_.rcd_wr, "tRCD of writes");
    if (y == pre_all || (y == pre && bank)) {
      if (x == act) need(a, b, s_.ras, "tRAS");
      if (x == rd) need(a, b, s_.rtp, "tRTP");
      if (x == wr) need(a, b, write_end + s_.wr, "tWR");
    }
    if ((x == pre || x == pre_all) && (y == pre || y == pre_all)) need(a, b, s_.ppd, "tPPD");
    if (is(pre, act) && bank) need(a, b, s_.rp, "tRP");
    if (is(pre_all, act)) need(a, b, s_.rp_ab, "tRPab");
    if (y == ref || (y == ref_bank && bank)) {
      if (x == act) need(a, b, s_.rc, "tRC before refresh");
      if (x == pre) need(a, b, s_.rp, "tRP before refresh");
    }
    if (y == ref && x == pre_all) need(a, b, s_.rp_ab, "tRPab before refresh");
    if (x == ref) need(a, b, s_.rfc_ab, "tRFCab");
    if (is(ref_bank, act)) need(a, b, bank ? s_.rfc_pb : s_.rrefd, "tRFCpb or tRREFD");
    if (is(act, ref_bank)) need(a, b, bank ? s_.rc : s_.rrd_s, "tRRD before refresh");
    if (is(ref_bank, ref_bank) && bank) need(a, b, s_.rfc_pb, "tRFCpb");
  }

  void check_window(std::size_t j, std::size_t oldest) {
    if (commands_[j].command != Command::activate) return;
    int in_window = 0;
    for (std::size_t i = oldest; i < j; ++i) {
      const bool counts = commands_[i].command == Command::activate &&
                          pins_of(commands_[i].bank) == pins_of(commands_[j].bank) &&
                          commands_[j].slot - commands_[i].slot < Slot{s_.faw} * s_.slots_per_clock;
      in_window += counts ? 1 : 0;
    }
    if (in_window > 3) say(commands_[j], "the fifth activate within tFAW");
  }

  void check_state(const IssuedCommand& c) {
    BankState& bank = banks_[c.bank];
    const bool off_edge = s_.slots_per_clock == 2 && c.slot % 2 != 0;
    if (off_edge && c.command != Command::precharge && c.command != Command::precharge_all) {
      say(c, "between two clock edges");
    }
    switch (c.command) {
      case Command::activate:
        if (bank.open || bank.half_open) say(c, "the bank is open");
        bank.open = s_.aad == 0;
        bank.half_open = s_.aad > 0;
        bank.row = c.row;
        bank.activated = c.slot;
        break;
      case Command::activate_2:
        if (!bank.half_open) say(c, "without a first half");
        if (c.slot - bank.activated > Slot{s_.aad} * s_.slots_per_clock) say(c, "later than tAAD");
        bank.open = true;
        bank.half_open = false;
        break;
      case Command::precharge:
        if (bank.half_open) say(c, "between the halves of an activate");
        bank.open = false;
        break;
      case Command::read:
      case Command::write:
        if (!bank.open || bank.row != c.row) say(c, "the row is not open");
        break;
      case Command::precharge_all:
      case Command::refresh_all:
        for (std::uint32_t b = 0; b < banks_.size(); ++b) {
          if (pins_of(b) != pins_of(c.bank)) continue;
          if (banks_[b].half_open) say(c, "between the halves of an activate");
          if (c.command == Command::refresh_all && banks_[b].open) say(c, "a bank is open");
          banks_[b].open = false;
        }
        break;
      case Command::refresh_bank:
        if (bank.open || bank.half_open) say(c, "the bank is open");
        break;
      default:
        break;
    }
  }

  const spec::MemoryStandard& s_;
  const std::vector<IssuedCommand>& commands_;
  const std::size_t most_;
  std::vector<BankState> banks_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const spec::MemoryStandard& standard,
                                    const std::vector<IssuedCommand>& commands, std::size_t most) {
  return Checker(standard, commands, most).run();
}

}  // namespace lutsim::test

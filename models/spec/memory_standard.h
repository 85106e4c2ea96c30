// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/field.h"

namespace lutsim::spec {

/// One DRAM standard and speed bin: models/hardware/memory/NAME.yaml.
///
/// Timings are in clocks of `tck` and carry their JEDEC names in lower case (tRCD is `rcd`, nXX =
/// tXX / tCK rounded up); `_s` means another bank group, `_l` the same one. Commands take slots of
/// the command bus; a clock has `slots_per_clock` of them. `source` says where every value was
/// read.
struct MemoryStandard {
  std::string schema = kSchema;
  std::string name;
  std::string source;

  double tck = 0.0;
  std::uint32_t channel_bits = 0;
  std::uint32_t pseudo_channels = 1;
  std::uint32_t ranks = 1;
  std::uint32_t bank_groups = 1;
  std::uint32_t banks = 1;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t burst_length = 0;

  std::uint32_t bl = 0;
  std::uint32_t bl_max = 0;
  std::uint32_t cl = 0;
  std::uint32_t cwl = 0;
  std::uint32_t rcd_rd = 0;
  std::uint32_t rcd_wr = 0;
  std::uint32_t rp = 0;
  std::uint32_t rp_ab = 0;
  std::uint32_t ras = 0;
  std::uint32_t rc = 0;
  std::uint32_t rtp = 0;
  std::uint32_t wr = 0;
  std::uint32_t ccd_s = 0;
  std::uint32_t ccd_l = 0;
  std::uint32_t ccd_s_wr = 0;
  std::uint32_t ccd_l_wr = 0;
  std::uint32_t ccd_r = 0;
  std::uint32_t rrd_s = 0;
  std::uint32_t rrd_l = 0;
  std::uint32_t faw = 0;
  std::uint32_t wtr_s = 0;
  std::uint32_t wtr_l = 0;
  std::uint32_t rtw = 0;
  std::uint32_t ppd = 0;
  std::uint32_t rfc_ab = 0;
  std::uint32_t rfc_pb = 0;
  std::uint32_t refi = 0;
  std::uint32_t refi_pb = 0;
  std::uint32_t rrefd = 0;

  bool split_command_bus = false;
  std::uint32_t slots_per_clock = 1;
  std::uint32_t activate_slots = 1;
  std::uint32_t column_slots = 1;
  std::uint32_t aad = 0;
  std::uint32_t wck_post = 0;

  std::uint32_t read_queue = 64;
  std::uint32_t write_queue = 32;
  double write_high = 0.8;
  double write_low = 0.2;

  static constexpr const char* kSchema = "lutsim.memory/1";

  static constexpr auto fields() {
    using S = MemoryStandard;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.memory/1"),
        field("name", &S::name, "name of the standard and speed bin"),
        field("source", &S::source, "where the timings were read"),
        field("tck", &S::tck, "clock period of the command bus; timings are multiples of it")
            .in(Unit::second)
            .range(1e-10, 1e-8),
        field("channel_bits", &S::channel_bits, "data pins of one pseudo-channel")
            .in(Unit::bit)
            .range(8, 1024),
        field("pseudo_channels", &S::pseudo_channels,
              "pseudo-channels that share the command bus and queues of a channel")
            .range(1, 4),
        field("ranks", &S::ranks,
              "ranks or stack IDs behind the pins of one pseudo-channel; they share its limits on "
              "activation and its refresh")
            .range(1, 8),
        field("bank_groups", &S::bank_groups, "bank groups of a rank").range(1, 16),
        field("banks", &S::banks, "banks of a bank group").range(1, 16),
        field("rows", &S::rows, "rows of a bank").range(1, 1 << 24),
        field("columns", &S::columns, "columns of a row; one column is channel_bits wide")
            .range(1, 1 << 16),
        field("burst_length", &S::burst_length, "beats of one access").range(2, 64),
        field("bl", &S::bl, "clocks that one burst holds the data pins").range(1, 64),
        field("bl_max", &S::bl_max,
              "clocks that one burst holds its bank group before a write-to-read turnaround")
            .range(1, 64),
        field("cl", &S::cl, "read command to first data").range(1, 255),
        field("cwl", &S::cwl, "write command to first data").range(1, 255),
        field("rcd_rd", &S::rcd_rd, "activate to read").range(1, 255),
        field("rcd_wr", &S::rcd_wr, "activate to write").range(1, 255),
        field("rp", &S::rp, "precharge of one bank to activate").range(1, 255),
        field("rp_ab", &S::rp_ab, "precharge of all banks to activate or refresh").range(1, 255),
        field("ras", &S::ras, "activate to precharge").range(1, 255),
        field("rc", &S::rc, "activate to activate of one bank").range(1, 511),
        field("rtp", &S::rtp, "read to precharge").range(1, 255),
        field("wr", &S::wr, "end of write data to precharge").range(1, 255),
        field("ccd_s", &S::ccd_s, "read to read, other bank group").range(1, 64),
        field("ccd_l", &S::ccd_l, "read to read, same bank group").range(1, 64),
        field("ccd_s_wr", &S::ccd_s_wr, "write to write, other bank group").range(1, 64),
        field("ccd_l_wr", &S::ccd_l_wr, "write to write, same bank group").range(1, 64),
        field("ccd_r", &S::ccd_r, "column to column, other rank or stack ID").range(1, 64),
        field("rrd_s", &S::rrd_s, "activate to activate, other bank group").range(1, 64),
        field("rrd_l", &S::rrd_l, "activate to activate, same bank group").range(1, 64),
        field("faw", &S::faw, "window that holds at most four activates").range(1, 255),
        field("wtr_s", &S::wtr_s, "end of write data to read, other bank group").range(1, 64),
        field("wtr_l", &S::wtr_l, "end of write data to read, same bank group").range(1, 64),
        field("rtw", &S::rtw, "read command to write command").range(1, 255),
        field("ppd", &S::ppd, "precharge to precharge; 0 without such a limit").range(0, 16),
        field("rfc_ab", &S::rfc_ab, "all-bank refresh to activate").range(1, 4095),
        field("rfc_pb", &S::rfc_pb, "per-bank refresh to activate of that bank; 0 without per-bank")
            .range(0, 4095),
        field("refi", &S::refi, "mean interval of all-bank refreshes").range(1, 65535),
        field("refi_pb", &S::refi_pb, "mean interval of per-bank refreshes; 0 without per-bank")
            .range(0, 65535),
        field("rrefd", &S::rrefd, "per-bank refresh to activate of another bank").range(0, 255),
        field("split_command_bus", &S::split_command_bus,
              "row and column commands have a bus each, as in HBM"),
        field("slots_per_clock", &S::slots_per_clock,
              "command slots of a clock; 2 where a precharge takes half a clock")
            .range(1, 2),
        field("activate_slots", &S::activate_slots, "slots that an activate takes").range(1, 8),
        field("column_slots", &S::column_slots, "slots that a read or write takes").range(1, 8),
        field("aad", &S::aad,
              "clocks within which the second half of a split activate must follow; 0: not split")
            .range(0, 64),
        field("wck_post", &S::wck_post,
              "clocks that the data clock runs on after a burst; an access after that needs one "
              "more command to start it; 0: no such clock")
            .range(0, 64),
        field("read_queue", &S::read_queue, "reads that the controller of a channel holds")
            .range(1, 4096),
        field("write_queue", &S::write_queue, "writes that the controller of a channel holds")
            .range(1, 4096),
        field("write_high", &S::write_high, "part of the write queue above which writes drain")
            .range(0, 1),
        field("write_low", &S::write_low, "part of the write queue below which reads resume")
            .range(0, 1));
  }

  /// Bytes of one access (one read or write command).
  constexpr std::uint32_t burst_bytes() const { return burst_length * channel_bits / 8; }
  /// Accesses that one row holds.
  constexpr std::uint32_t bursts_per_row() const { return columns / burst_length; }
  /// Bytes of one row of one pseudo-channel.
  constexpr std::uint64_t page_bytes() const { return std::uint64_t{columns} * channel_bits / 8; }
  constexpr std::uint32_t banks_per_rank() const { return bank_groups * banks; }
  constexpr std::uint32_t banks_per_channel() const {
    return pseudo_channels * ranks * banks_per_rank();
  }
  /// Bytes behind one channel.
  constexpr std::uint64_t channel_bytes() const {
    return std::uint64_t{banks_per_channel()} * rows * page_bytes();
  }
  /// Picoseconds of one command slot, the unit of time of the timing core.
  constexpr double slot_ps() const { return tck * 1e12 / slots_per_clock; }
  /// Per-bank refreshes that together refresh the whole channel once. 0 without per-bank refresh.
  constexpr std::uint32_t per_bank_refreshes() const {
    return refi_pb == 0 ? 0 : (refi + refi_pb / 2) / refi_pb;
  }

  /// Throws SpecError naming the field when the geometry is not a power of two, a burst does not
  /// divide the row, or a timing contradicts another (rc < ras + rp, bl above ccd_s).
  void validate() const;
};

/// Bandwidth of `channels` channels whose data pins never rest, bytes per second.
constexpr double peak_bytes_per_second(const MemoryStandard& standard, std::uint32_t channels) {
  return static_cast<double>(channels) * standard.pseudo_channels * standard.burst_bytes() /
         (standard.bl * standard.tck);
}

/// Bytes behind `channels` channels.
constexpr std::uint64_t capacity_bytes(const MemoryStandard& standard, std::uint32_t channels) {
  return standard.channel_bytes() * channels;
}

}  // namespace lutsim::spec

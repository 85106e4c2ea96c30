// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/figlut_study.h"

#include <algorithm>
#include <utility>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/energy/event_energy.h"
#include "models/engine/segments.h"
#include "models/spec/memory_standard.h"
#include "sim/matrix/matrix_cost.h"

namespace lutsim::gates {
namespace {

using models::Event;

constexpr std::uint32_t kGroup = 128;
constexpr double kBits = 8;

/// N, K of the weights of one layer: query, key, value, output; the two of the feed-forward part.
constexpr std::pair<std::uint32_t, std::uint32_t> kMatrices[] = {
    {4096, 4096}, {4096, 4096}, {4096, 4096}, {4096, 4096}, {16384, 4096}, {4096, 16384}};

/// One N x K matmul: events of the array, cycles, bits that cross DRAM.
struct Matmul {
  models::EventCounts events;
  double cycles = 0, read_bits = 0, write_bits = 0;
};

Matmul matmul(const spec::MatrixSpec& spec, std::uint32_t n, std::uint32_t k,
              std::uint32_t weight_bits, std::uint32_t batch) {
  const bool serial = spec::is_bit_serial(spec.engine);
  sim::MatrixWork work;
  work.lut_broadcast = batch == 1 && spec::is_lut(spec.engine);
  work.k = k;
  work.group_size = kGroup;
  work.planes = serial ? weight_bits : spec.planes;
  work.has_offset = false;
  work.m_count = std::min(batch, spec.psum_depth);
  work.n_count = std::min(n, spec.lanes_n());
  work.segment_count =
      static_cast<std::uint32_t>(models::k_segments(k, kGroup, spec.lanes_k()).size());
  const sim::MatrixCost tile = sim::matrix_cost(spec, work);
  const std::uint64_t tiles = spec::ceil_div(n, work.n_count) * spec::ceil_div(batch, work.m_count);
  Matmul all;
  for (std::uint64_t i = 0; i < tiles; ++i) all.events += tile.events;
  all.cycles = static_cast<double>(tile.cycles * tiles);
  const double scales = (serial ? work.planes : 1.0) * 16 / kGroup;
  all.read_bits =
      static_cast<double>(n) * k * (work.planes + scales) + static_cast<double>(batch) * k * 16;
  all.write_bits = static_cast<double>(batch) * n * 32;
  return all;
}

void add_matrix(const spec::ArchSpec& arch, const models::EnergyTable& table,
                const models::EventCounts& events, MacEnergy* sum) {
  const auto joules = [&](std::initializer_list<Event> list) {
    double total = 0;
    for (const Event event : list) {
      if (events[event] != 0)
        total += static_cast<double>(events[event]) * models::event_joules(event, arch, table);
    }
    return total;
  };
  sum->align += joules({Event::matrix_align, Event::matrix_activation_write});
  sum->tables += joules({Event::matrix_lut_generate, Event::matrix_lut_write});
  sum->lanes += joules({Event::matrix_key_write, Event::matrix_lut_read, Event::matrix_add_sub,
                        Event::matrix_integer_mac, Event::matrix_fp_mac, Event::matrix_dequantize});
  sum->output += joules({Event::matrix_scale, Event::matrix_slot_add, Event::matrix_accumulate});
  sum->sram +=
      joules({Event::sram_weight_read_bit, Event::sram_act_read_bit, Event::sram_act_write_bit});
}

}  // namespace

MacEnergy opt_6_7b_mac(const spec::ArchSpec& arch, const models::EnergyTable& table,
                       std::uint32_t weight_bits, std::uint32_t batch) {
  const auto each = [&](Event event) { return models::event_joules(event, arch, table); };
  const spec::MemoryStandard memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, arch.memory.standard, "memory").string());
  MacEnergy sum;
  double macs = 0;
  for (const auto& [n, k] : kMatrices) {
    const Matmul run = matmul(arch.matrix, n, k, weight_bits, batch);
    macs += static_cast<double>(n) * k * batch;
    add_matrix(arch, table, run.events, &sum);
    const double bits = run.read_bits + run.write_bits;
    // What DRAM gives goes into a scratchpad, what it takes comes out of one, all over the link.
    sum.sram += run.read_bits * each(Event::sram_weight_write_bit) +
                run.write_bits * each(Event::sram_act_read_bit) + bits * each(Event::noc_bit);
    sum.dram +=
        run.read_bits * each(Event::dram_read_bit) + run.write_bits * each(Event::dram_write_bit) +
        bits * each(Event::dram_phy_bit) +
        bits / (static_cast<double>(memory.page_bytes()) * kBits) * each(Event::dram_activate);
    const double transfer =
        bits / kBits / spec::peak_bytes_per_second(memory, arch.memory.channels);
    sum.seconds += std::max(run.cycles / arch.clock, transfer);
  }
  sum.idle +=
      sum.seconds / (memory.refi * memory.tck) * arch.memory.channels * each(Event::dram_refresh);
  for (const models::StaticPart& part : models::static_parts(arch, table)) {
    double watts = 0;
    for (const models::Term& term : part.per_second)
      watts += term.amount * table.at(term.name, "static power").value;
    sum.idle += watts * sum.seconds;
  }
  for (double* part : {&sum.align, &sum.tables, &sum.lanes, &sum.output, &sum.sram, &sum.dram,
                       &sum.idle, &sum.seconds}) {
    *part /= macs;
  }
  return sum;
}

}  // namespace lutsim::gates

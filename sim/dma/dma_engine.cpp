// SPDX-License-Identifier: Apache-2.0
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "sim/dma/dma_engine.h"

#include <algorithm>
#include <variant>

#include "sim/kernel/transport.h"

namespace lutsim::sim {

using sc_core::sc_time;

DmaEngine::DmaEngine(const sc_core::sc_module_name& name, const spec::DmaSpec& spec,
                     std::uint32_t channels, const sc_time& clock_period, CompletionBoard& board,
                     Agenda& agenda, const UnitFront::Observer& observer)
    : sc_module(name), spec_(spec), clock_period_(clock_period) {
  for (std::uint32_t channel = 0; channel < channels; ++channel) {
    UnitFront& front = fronts_.emplace_back(board, agenda, observer);
    sc_core::sc_spawn([this, &front] { run(front); },
                      ("channel_" + std::to_string(channel)).c_str());
  }
}

void DmaEngine::run(UnitFront& front) {
  while (true) {
    const CommandPtr command = front.take(command_in);
    front.wait(spec_.setup_cycles * clock_period_);
    move(front, std::get<DmaTransfer>(command->work));
    front.finish();
  }
}

void DmaEngine::move(UnitFront& front, const DmaTransfer& transfer) {
  const std::uint64_t bytes = transfer.on_chip_bytes();
  const sc_time begin = sc_core::sc_time_stamp();

  Access on_chip;
  on_chip.command = transfer.write ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
  on_chip.bytes = bytes;
  on_chip.begin = begin;
  on_chip.coded.blocks = transfer.coded_blocks;
  on_chip.coded.flips = transfer.flips;
  auto& buffer =
      transfer.buffer == Buffer::weight ? weight_buffer_initiator : activation_buffer_initiator;
  const auto through_chip = [&] {
    if (bytes == 0) return;  // patch tokens wait in the decoders
    sc_time delay = sc_core::SC_ZERO_TIME;
    transport(buffer, on_chip, delay, name());
    front.wait(delay);
  };

  if (transfer.write) through_chip();
  for (std::uint32_t piece = 0; piece < transfer.pieces; piece += spec_.outstanding) {
    Access dram;
    dram.command = transfer.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    dram.address = transfer.address + piece * transfer.stride;
    dram.strided.pieces = std::min(spec_.outstanding, transfer.pieces - piece);
    dram.strided.stride = transfer.stride;
    dram.bytes = transfer.piece_bytes * dram.strided.pieces;
    sc_time delay = sc_core::SC_ZERO_TIME;
    transport(dram_initiator, dram, delay, name());
    front.wait(delay);
  }
  if (!transfer.write) through_chip();

  using models::Event;
  events_.add(Event::noc_bit, bytes * 8);
  const bool weight = transfer.buffer == Buffer::weight;
  if (transfer.write) {
    events_.add(weight ? Event::sram_weight_read_bit : Event::sram_act_read_bit, bytes * 8);
  } else {
    events_.add(weight ? Event::sram_weight_write_bit : Event::sram_act_write_bit, bytes * 8);
  }
}

}  // namespace lutsim::sim

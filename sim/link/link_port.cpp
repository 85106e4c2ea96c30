// SPDX-License-Identifier: Apache-2.0
#include "sim/link/link_port.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <variant>

#include "sim/kernel/transport.h"

namespace lutsim::sim {

using models::Event;
using sc_core::sc_time;
using sc_core::sc_time_stamp;

std::ostream& operator<<(std::ostream& out, const LinkMessage& message) {
  return out << message.bytes << " B until " << message.last;
}

LinkSender::LinkSender(const sc_core::sc_module_name& name, const spec::SystemSpec& spec,
                       CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer)
    : sc_module(name), spec_(spec), front_(board, agenda, std::move(observer)) {
  message_out.init(spec.chips - 1);
  SC_HAS_PROCESS(LinkSender);
  SC_THREAD(run);
}

void LinkSender::run() {
  const sc_time latency(spec_.link_latency, sc_core::SC_SEC);
  while (true) {
    const CommandPtr command = front_.take(command_in);
    const auto& work = std::get<LinkTransfer>(command->work);
    const sc_time begin = sc_time_stamp();
    sc_time delay(static_cast<double>(work.bytes) / spec_.link_bandwidth, sc_core::SC_SEC);
    transport_bits(activation_buffer_initiator, tlm::TLM_READ_COMMAND, 8 * work.bytes, delay,
                   name());
    front_.wait(delay);
    events_.add(Event::sram_act_read_bit, 8 * work.bytes);
    events_.add(Event::link_bit, 8 * work.bytes);
    message_out[work.distance - 1].write({work.bytes, begin + latency, sc_time_stamp() + latency});
    front_.finish();
  }
}

LinkReceiver::LinkReceiver(const sc_core::sc_module_name& name, const spec::SystemSpec& spec,
                           CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer)
    : sc_module(name), front_(board, agenda, std::move(observer)) {
  message_in.init(spec.chips - 1);
  SC_HAS_PROCESS(LinkReceiver);
  SC_THREAD(run);
}

void LinkReceiver::run() {
  while (true) {
    const CommandPtr command = front_.take(command_in);
    const auto& work = std::get<LinkTransfer>(command->work);
    const LinkMessage message = message_in[work.distance - 1].read();
    if (message.bytes != work.bytes) {
      SC_REPORT_ERROR(
          name(), ("a message of " + std::to_string(message.bytes) + " B arrived where one of " +
                   std::to_string(work.bytes) + " B was expected")
                      .c_str());
    }
    const sc_time now = sc_time_stamp();
    Access access;
    access.command = tlm::TLM_WRITE_COMMAND;
    access.bytes = work.bytes;
    access.begin = std::min(now, message.first);
    sc_time delay = std::max(now, message.last) - now;
    transport(activation_buffer_initiator, access, delay, name());
    front_.wait(delay);
    events_.add(Event::sram_act_write_bit, 8 * work.bytes);
    front_.finish();
  }
}

}  // namespace lutsim::sim

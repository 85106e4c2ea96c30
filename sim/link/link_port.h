// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <iosfwd>
#include <systemc>

#include "models/energy/event.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/unit_front.h"

/// The two directions of a chip's port to the other chips. Messages of one sender to one receiver
/// arrive in the order in which they were sent.
namespace lutsim::sim {

/// A message on its way.
struct LinkMessage {
  std::uint64_t bytes = 0;
  sc_core::sc_time first;  ///< when its first bit arrives
  sc_core::sc_time last;   ///< when its last bit arrives
};
std::ostream& operator<<(std::ostream& out, const LinkMessage& message);

/// Messages that a receiver has room for before it has taken them; a sender waits for room.
constexpr int kLinkMessages = 16;

/// Sends messages one after another at the port's bandwidth; their bytes stream out of the
/// activation buffer.
class LinkSender : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<LinkSender> activation_buffer_initiator{
      "activation_buffer_initiator"};
  sc_core::sc_fifo_in<CommandPtr> command_in{"command_in"};
  /// To the chip at distance 1, 2, ...
  sc_core::sc_vector<sc_core::sc_fifo_out<LinkMessage>> message_out{"message_out"};

  LinkSender(const sc_core::sc_module_name& name, const spec::SystemSpec& spec,
             CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer);

  const UnitFront& front() const { return front_; }
  const models::EventCounts& events() const { return events_; }

 private:
  void run();

  const spec::SystemSpec spec_;
  UnitFront front_;
  models::EventCounts events_;
};

/// Takes messages in the order of its commands into the activation buffer. A command is busy from
/// when its room is free until the message has arrived.
class LinkReceiver : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<LinkReceiver> activation_buffer_initiator{
      "activation_buffer_initiator"};
  sc_core::sc_fifo_in<CommandPtr> command_in{"command_in"};
  /// From the chip at distance 1, 2, ...
  sc_core::sc_vector<sc_core::sc_fifo_in<LinkMessage>> message_in{"message_in"};

  LinkReceiver(const sc_core::sc_module_name& name, const spec::SystemSpec& spec,
               CompletionBoard& board, Agenda& agenda, UnitFront::Observer observer);

  const UnitFront& front() const { return front_; }
  const models::EventCounts& events() const { return events_; }

 private:
  void run();

  UnitFront front_;
  models::EventCounts events_;
};

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <systemc>
#include <tlm>

#include "models/spec/field.h"
#include "sim/kernel/coded_stream.h"
#include "sim/kernel/stream_window.h"
#include "sim/kernel/strided_access.h"

namespace lutsim::sim {

/// One timing transaction: an address range and how it streams, no data.
struct Access {
  tlm::tlm_command command = tlm::TLM_READ_COMMAND;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  std::uint64_t piece_bytes = 0;          ///< length of one contiguous run; 0: all
  std::optional<sc_core::sc_time> begin;  ///< of the stream window, if there is one
  StridedAccess strided;                  ///< more than one run of bytes
  CodedStream coded;                      ///< for the weight decoders: blocks that it came in
};

/// b_transport of `access` through an initiator socket; `delay` is in and out, as in TLM-2.0.
/// Raises SC_REPORT_ERROR naming `who` when the target refuses the transaction.
template <class Socket>
void transport(Socket& socket, const Access& access, sc_core::sc_time& delay, const char* who) {
  tlm::tlm_generic_payload payload;
  payload.set_command(access.command);
  payload.set_address(access.address);
  payload.set_data_ptr(nullptr);
  payload.set_data_length(static_cast<unsigned>(access.bytes));
  payload.set_streaming_width(
      static_cast<unsigned>(access.piece_bytes == 0 ? access.bytes : access.piece_bytes));
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  StreamWindow window;
  if (access.begin) {
    window.begin = *access.begin;
    payload.set_extension(&window);
  }
  StridedAccess strided = access.strided;
  if (strided.pieces > 1) payload.set_extension(&strided);
  CodedStream coded = access.coded;
  if (coded.blocks > 0) payload.set_extension(&coded);
  socket->b_transport(payload, delay);
  payload.clear_extension(&coded);
  payload.clear_extension(&window);
  payload.clear_extension(&strided);
  if (payload.is_response_error()) {
    SC_REPORT_ERROR(who, ("memory refused " + std::to_string(access.bytes) + " B at address " +
                          std::to_string(access.address) + ": " + payload.get_response_string())
                             .c_str());
  }
}

/// Moves `bits` (rounded up to bytes) of a unit's operands or results through a scratchpad; nothing
/// for 0 bits. `delay` is in and out, as in transport().
template <class Socket>
void transport_bits(Socket& socket, tlm::tlm_command command, std::uint64_t bits,
                    sc_core::sc_time& delay, const char* who) {
  if (bits == 0) return;
  Access access;
  access.command = command;
  access.bytes = spec::ceil_div(bits, 8);
  transport(socket, access, delay, who);
}

}  // namespace lutsim::sim

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>

namespace lutsim::test {

/// A unit that does nothing but own an initiator socket; the test sends through it.
struct Initiator : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) {}
};

}  // namespace lutsim::test

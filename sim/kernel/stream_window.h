// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>
#include <tlm>

namespace lutsim::sim {

/// Ignorable TLM extension: the data of the transaction stream in (or are used) from `begin` on, so
/// a port may have moved most of them before the call (cut-through).
struct StreamWindow : tlm::tlm_extension<StreamWindow> {
  sc_core::sc_time begin;

  tlm_extension_base* clone() const override { return new StreamWindow(*this); }
  void copy_from(const tlm_extension_base& other) override {
    *this = static_cast<const StreamWindow&>(other);
  }
};

}  // namespace lutsim::sim

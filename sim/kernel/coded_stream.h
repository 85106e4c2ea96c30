// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <tlm>

namespace lutsim::sim {

/// TLM extension: the data of the transaction come out of so many blocks of an XOR code, of which
/// so many bits are flipped by patches. Those who are no decoder ignore it.
struct CodedStream : tlm::tlm_extension<CodedStream> {
  std::uint64_t blocks = 0;
  std::uint64_t flips = 0;

  tlm_extension_base* clone() const override { return new CodedStream(*this); }
  void copy_from(const tlm_extension_base& other) override {
    *this = static_cast<const CodedStream&>(other);
  }
};

}  // namespace lutsim::sim

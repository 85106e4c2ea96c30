// SPDX-License-Identifier: Apache-2.0
#include "models/spec/memory_standard.h"

#include <utility>

namespace lutsim::spec {
namespace {

bool is_power_of_two(std::uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

[[noreturn]] void refuse(const MemoryStandard& s, const std::string& text) {
  throw SpecError("memory standard " + (s.name.empty() ? std::string("without a name") : s.name) +
                  ": " + text);
}

void require_at_least(const MemoryStandard& s, const char* key, std::uint32_t value,
                      std::uint32_t least, const char* why) {
  if (value < least) {
    refuse(s, std::string(key) + " = " + std::to_string(value) + " is below " + why + " = " +
                  std::to_string(least));
  }
}

}  // namespace

void MemoryStandard::validate() const {
  const std::pair<const char*, std::uint32_t> sizes[] = {{"pseudo_channels", pseudo_channels},
                                                         {"ranks", ranks},
                                                         {"bank_groups", bank_groups},
                                                         {"banks", banks},
                                                         {"rows", rows},
                                                         {"columns", columns},
                                                         {"burst_length", burst_length},
                                                         {"channel_bits", channel_bits}};
  for (const auto& [key, value] : sizes) {
    if (!is_power_of_two(value)) {
      refuse(*this, std::string(key) + " = " + std::to_string(value) +
                        " is not a power of two, as the address mapping needs");
    }
  }
  require_at_least(*this, "columns", columns, burst_length, "burst_length");
  require_at_least(*this, "ccd_s", ccd_s, bl, "bl");
  require_at_least(*this, "ccd_s_wr", ccd_s_wr, bl, "bl");
  require_at_least(*this, "ccd_l", ccd_l, ccd_s, "ccd_s");
  require_at_least(*this, "ccd_l_wr", ccd_l_wr, ccd_s_wr, "ccd_s_wr");
  require_at_least(*this, "ccd_r", ccd_r, bl, "bl");
  require_at_least(*this, "bl_max", bl_max, bl, "bl");
  require_at_least(*this, "rc", rc, ras, "ras");
  require_at_least(*this, "ras", ras, rcd_rd, "rcd_rd");
  require_at_least(*this, "refi", refi, rfc_ab + rp_ab, "rfc_ab + rp_ab");
  if ((refi_pb == 0) != (rfc_pb == 0)) {
    refuse(*this, "rfc_pb and refi_pb must both be given or both be 0");
  }
  if (!(tck > 0.0)) refuse(*this, "tck must be above 0");
  if (write_low > write_high) refuse(*this, "write_low is above write_high");
}

}  // namespace lutsim::spec

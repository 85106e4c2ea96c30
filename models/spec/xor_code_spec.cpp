// SPDX-License-Identifier: Apache-2.0
#include "models/spec/xor_code_spec.h"

#include <string>

namespace lutsim::spec {

void validate(const XorCodeSpec& code) {
  std::string text;
  const auto refuse = [&](const std::string& problem) {
    text += (text.empty() ? "xor_code." : "; xor_code.") + problem;
  };
  for_each_field<XorCodeSpec>([&](const auto& f) {
    const std::uint32_t value = code.*(f.member);
    if (value < f.min || value > f.max) {
      refuse(std::string(f.key) + " = " + std::to_string(value) + " is not in " +
             std::to_string(static_cast<std::uint32_t>(f.min)) + " .. " +
             std::to_string(static_cast<std::uint32_t>(f.max)));
    }
  });
  // A skip must move past the present block: then it never costs a cycle of its own.
  if (text.empty() && (std::uint64_t{1} << code.patch_bits) <= code.n_out) {
    refuse("patch_bits = " + std::to_string(code.patch_bits) + " is too narrow for n_out = " +
           std::to_string(code.n_out) + ": 2^patch_bits must be greater");
  }
  if (!text.empty()) throw SpecError(text);
}

}  // namespace lutsim::spec

// SPDX-License-Identifier: Apache-2.0
#include "models/spec/arch_spec.h"

#include <cmath>
#include <string>

namespace lutsim::spec {

std::vector<Problem> problems(const ArchSpec& arch) {
  std::vector<Problem> found;
  const double period_ps = 1e12 / arch.clock;
  if (std::abs(period_ps - std::round(period_ps)) > 1e-9 * period_ps) {
    found.push_back({"clock", "= " + std::to_string(arch.clock / 1e6) +
                                  " MHz has a period that is not a whole number of picoseconds"});
  }
  if (!is_float(arch.matrix.act_format)) {
    found.push_back(
        {"matrix.act_format", "= " + to_string_of(arch.matrix.act_format) +
                                  " is not a floating-point format (fp16, bf16, fp32)"});
  }
  const std::uint32_t widest_sum = 63;
  if (arch.matrix.sum_bits() > widest_sum) {
    found.push_back({"matrix.align_bits", "= " + std::to_string(arch.matrix.align_bits) +
                                              " needs an integer sum of " +
                                              std::to_string(arch.matrix.sum_bits()) +
                                              " bits, more than " + std::to_string(widest_sum)});
  }
  return found;
}

void validate(const ArchSpec& arch) {
  std::string text;
  for (const Problem& p : problems(arch)) {
    text += (text.empty() ? "" : "; ") + p.path + " " + p.message;
  }
  if (!text.empty()) throw SpecError(text);
}

}  // namespace lutsim::spec

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
  const std::vector<Problem> of_matrix = problems(arch.matrix);
  found.insert(found.end(), of_matrix.begin(), of_matrix.end());
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

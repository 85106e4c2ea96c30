// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

/// Called by the wrapper of a mutated block when the block is made: the number of the bug that it
/// has, 0 for none.
extern "C" unsigned lutsim_selected_mutant() {
  const char* number = std::getenv("LUTSIM_MUTANT");
  return number == nullptr ? 0u : static_cast<unsigned>(std::strtoul(number, nullptr, 10));
}

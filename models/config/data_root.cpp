// SPDX-License-Identifier: Apache-2.0
#include "models/config/data_root.h"

#include <cstdlib>

namespace lutsim::config {

std::filesystem::path data_root() {
  const char* share = std::getenv("LUTSIM_SHARE");
  return share != nullptr && *share != '\0' ? share : LUTSIM_SOURCE_ROOT;
}

}  // namespace lutsim::config

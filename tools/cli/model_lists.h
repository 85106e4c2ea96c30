// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace lutsim::tools {

/// What `--list` prints: architectures, memories, energy tables, GPUs, models.
std::string all_names();

}  // namespace lutsim::tools

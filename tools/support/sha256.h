// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/support/sha256.h"

namespace lutsim::tools {

using models::sha256_hex;

}  // namespace lutsim::tools

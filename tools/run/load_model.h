// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

/// The checkpoint behind a model name or path. What the engines compute otherwise than the file
/// says goes to standard error. Throws config::InputError.
workloads::Checkpoint load_model(const std::string& name_or_path);

}  // namespace lutsim::tools

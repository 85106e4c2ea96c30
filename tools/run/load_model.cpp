// SPDX-License-Identifier: Apache-2.0
#include "tools/run/load_model.h"

#include <iostream>

namespace lutsim::tools {

workloads::Checkpoint load_model(const std::string& name_or_path) {
  workloads::Checkpoint checkpoint =
      workloads::load_checkpoint(workloads::find_model(name_or_path));
  if (!checkpoint.note.empty()) {
    std::cerr << checkpoint.path << ": note: " << checkpoint.note << "\n";
  }
  return checkpoint;
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "tools/process/process.h"
#include "tools/run/run_spec.h"

namespace lutsim::tools {

/// `lutsim run --json` in a process of its own, as SystemC simulates once in a process. `program`
/// is lutsim; the run is described in `config`, which is written and left there.
ProcessResult run_child(const std::string& program, const RunSpec& spec,
                        const std::filesystem::path& config);

}  // namespace lutsim::tools

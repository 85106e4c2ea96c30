// SPDX-License-Identifier: Apache-2.0
#include "tools/run/run_child.h"

#include <fstream>

#include "models/config/write_yaml.h"

namespace lutsim::tools {

ProcessResult run_child(const std::string& program, const RunSpec& spec,
                        const std::filesystem::path& config) {
  std::ofstream(config) << config::write_yaml(spec);
  return run_process({program, "run", "--json", "--config", config.string()});
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/scenario/workload_spec.h"

namespace lutsim::workloads {

/// The files that a workload names and that there are: what a result depends on beside the text of
/// the workload.
inline std::vector<std::string> files_of(const WorkloadSpec& w) {
  std::vector<std::string> files;
  for (const std::string& name :
       {w.model, w.trace, w.expert_histogram, w.adapter, w.quality_text}) {
    if (std::filesystem::is_regular_file(name)) files.push_back(name);
  }
  return files;
}

}  // namespace lutsim::workloads

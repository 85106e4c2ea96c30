// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/spec/memory_standard.h"

namespace lutsim::test {

/// A memory that the project ships.
inline spec::MemoryStandard shipped_memory(const std::string& name) {
  return config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, name, "memory"));
}

inline std::vector<std::string> shipped_memory_names() {
  return config::list_named(config::kMemoryFolder);
}

/// For INSTANTIATE_TEST_SUITE_P: "lpddr5x-8533" is lpddr5x_8533.
inline std::string test_name(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

}  // namespace lutsim::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

/// Data that is not part of lutsim (README, "Tests").
namespace lutsim::test {

/// Its place, there or not: LUTSIM_DATA, or ../shared/data beside the sources.
inline std::filesystem::path outside_data() {
  const char* place = std::getenv("LUTSIM_DATA");
  return place != nullptr ? std::filesystem::path(place)
                          : std::filesystem::path(LUTSIM_SOURCE_DIR) / ".." / "shared" / "data";
}

/// Skips the test when a file of the outside data is absent.
#define LUTSIM_NEEDS_OUTSIDE_DATA(file)                                  \
  if (!std::filesystem::exists(::lutsim::test::outside_data() / (file))) \
  GTEST_SKIP() << "needs " << (file) << " in LUTSIM_DATA (or ../shared/data); not part of lutsim"

}  // namespace lutsim::test

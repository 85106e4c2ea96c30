// SPDX-License-Identifier: Apache-2.0
#include "models/config/data_root.h"

#include <cstdlib>
#include <system_error>

namespace lutsim::config {

namespace {

/// PREFIX/share/lutsim of a program in PREFIX/bin.
std::filesystem::path beside_the_program() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path()
               : program.parent_path().parent_path() / LUTSIM_DATA_DIRECTORY;
}

}  // namespace

std::filesystem::path data_root() {
  const char* share = std::getenv("LUTSIM_SHARE");
  if (share != nullptr && *share != '\0') return share;
  std::error_code error;
  const auto installed = beside_the_program();
  if (std::filesystem::exists(installed / "models", error)) return installed;
  return LUTSIM_SOURCE_ROOT;
}

}  // namespace lutsim::config

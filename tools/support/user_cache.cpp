// SPDX-License-Identifier: Apache-2.0
#include "tools/support/user_cache.h"

#include <cstdlib>

namespace lutsim::tools {

namespace fs = std::filesystem;

fs::path user_cache(const std::string& kind) {
  if (const char* given = std::getenv("LUTSIM_CACHE")) return given;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "lutsim" / kind;
  const char* home = std::getenv("HOME");
  return (home ? fs::path(home) / ".cache" : fs::temp_directory_path()) / "lutsim" / kind;
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace lutsim::tools {

/// Where results that cost time are kept from one command to the next: $LUTSIM_CACHE, or
/// lutsim/KIND in the user's cache folder. It may be removed at any time.
std::filesystem::path user_cache(const std::string& kind);

}  // namespace lutsim::tools

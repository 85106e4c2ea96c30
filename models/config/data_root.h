// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace lutsim::config {

/// The folder that holds models/hardware/ and the other files that the project ships: the
/// environment variable LUTSIM_SHARE when it is set, else share/lutsim of the prefix that this
/// program is installed in, else the source tree that it was built from.
std::filesystem::path data_root();

}  // namespace lutsim::config

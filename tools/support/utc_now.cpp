// SPDX-License-Identifier: Apache-2.0
#include "tools/support/utc_now.h"

#include <chrono>
#include <ctime>
#include <iomanip>
#include <sstream>

namespace lutsim::tools {

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::ostringstream text;
  text << std::put_time(&parts, "%Y-%m-%dT%H:%M:%SZ");
  return text.str();
}

}  // namespace lutsim::tools

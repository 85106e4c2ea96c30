// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "tools/run/run_result.h"

namespace lutsim::tools {

/// The timeline of a run in the trace event format of Chrome, which https://ui.perfetto.dev opens:
/// one track per unit, more where operators overlap; one slice per operator and unit, times in us.
std::string timeline_trace(const RunResult& result);

/// The same as one HTML page that needs no network: zoom by wheel, move by dragging or arrow keys.
std::string timeline_page(const RunResult& result);

}  // namespace lutsim::tools

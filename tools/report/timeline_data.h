// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

namespace lutsim::tools::report {

/// What the page draws of trace events (timeline.json of a run): {"tracks": [names], "kinds":
/// [names], "total": end of the last slice, "slices": [[track, begin, end, kind, name, commands,
/// busy], ...]}, times in microseconds. Throws nlohmann's exceptions for anything else.
nlohmann::ordered_json timeline_data(const nlohmann::ordered_json& trace);

}  // namespace lutsim::tools::report

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

/// One self-contained HTML page (docs/report.md).
namespace lutsim::tools::report {

/// The page that draws `data`; data["kind"] says which one. No address in it is loaded, and its
/// policy lets a browser run this script and no other, whatever a name in the data holds.
std::string page(const std::string& title, const nlohmann::ordered_json& data);

/// JSON that cannot end the element that it lies in: '<' is written as an escape.
std::string embedded_json(const nlohmann::ordered_json& data);

/// Text between tags.
std::string escaped_html(const std::string& text);

}  // namespace lutsim::tools::report

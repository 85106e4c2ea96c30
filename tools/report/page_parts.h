// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

/// The files of tools/report/page/ as the program carries them.
namespace lutsim::tools::report {

extern const std::string_view page_frame;   ///< page.html, with marks
extern const std::string_view page_style;   ///< style.css
extern const std::string_view page_script;  ///< every module as one

}  // namespace lutsim::tools::report

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace lutsim::tools::figure {

/// A width that a venue prints, in inches, and who says so.
struct VenueWidth {
  const char* name;
  double inches;
  const char* source;
};

const std::vector<VenueWidth>& venue_widths();

/// Inches of a name of venue_widths(), or of a length: "3.33in", "84mm". Throws config::InputError
/// for another name and for what no page has: less than an inch or more than 20.
double width_in_inches(const std::string& text);

}  // namespace lutsim::tools::figure

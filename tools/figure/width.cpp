// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/width.h"

#include <algorithm>
#include <cstdlib>

#include "models/config/diagnostics.h"

namespace lutsim::tools::figure {

namespace {

constexpr double kMillimetres = 25.4;  // of an inch
constexpr double kNarrowest = 1, kWidest = 20;

double length_of(const std::string& text) {
  char* unit = nullptr;
  const double number = std::strtod(text.c_str(), &unit);
  const std::string rest = unit;
  if (rest == "in") return number;
  if (rest == "mm") return number / kMillimetres;
  std::vector<std::string> names;
  for (const VenueWidth& w : venue_widths()) names.emplace_back(w.name);
  std::string hint = config::did_you_mean(text, names);
  throw config::InputError(
      "--width",
      "'" + text + "' is neither a length (3.33in, 84mm) nor one of: " + config::comma_list(names),
      hint);
}

}  // namespace

const std::vector<VenueWidth>& venue_widths() {
  static const std::vector<VenueWidth> widths{
      {"acm-column", 3.33, "acmart, sigconf: 241.1 pt of 72.27"},
      {"acm-page", 7.0, "acmart, sigconf: 506.3 pt"},
      {"ieee-column", 3.5, "IEEE Author Center, size of graphics: 3.5 in"},
      {"ieee-page", 7.16, "IEEE Author Center, size of graphics: 7.16 in"},
      {"usenix-column", 3.33, "USENIX paper template"},
      {"usenix-page", 7.0, "USENIX paper template"},
      {"neurips", 5.5, "NeurIPS style: one column of 5.5 in"},
      {"nature-column", 89 / kMillimetres, "Nature, artwork guide: 89 mm"},
      {"nature-page", 183 / kMillimetres, "Nature, artwork guide: 183 mm"}};
  return widths;
}

double width_in_inches(const std::string& text) {
  const auto& widths = venue_widths();
  const auto named = std::find_if(widths.begin(), widths.end(),
                                  [&](const VenueWidth& w) { return text == w.name; });
  if (named != widths.end()) return named->inches;
  const double inches = length_of(text);
  if (inches >= kNarrowest && inches <= kWidest) return inches;
  throw config::InputError("--width", "'" + text + "' is not between 1in and 20in");
}

}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

/// Figures are drawn by tools/figure/scripts/NAME.py, one script a figure, from one CSV.
namespace lutsim::tools::figure {

/// A Python that has matplotlib: $LUTSIM_PYTHON if it is set, else the first of /usr/bin/python3
/// and python3. Throws config::InputError that says what to install.
std::string python_with_matplotlib();

/// Draws STEM.pdf, .svg and .png from a CSV. Throws config::InputError when the script refuses the
/// CSV and std::runtime_error with its message when it fails.
void draw(const std::string& python, const std::string& figure, const std::filesystem::path& csv,
          const std::filesystem::path& stem, double width_inches);

}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "tools/figure/figure.h"

namespace lutsim::tools::figure {

/// One figure as a user asks for it.
struct FigureJob {
  const Figure* figure = nullptr;
  FigureRequest request;
  std::string data;     ///< CSV of an earlier run to draw again; empty: the numbers are collected
  std::string command;  ///< for the comment in the CSV
  std::string python;
  double width_inches = 3.33;
  std::filesystem::path out;
};

/// Collects the numbers, draws, and writes NAME.csv, .pdf, .svg and .png, all or none. The bytes
/// depend on the numbers, the script, and the version of matplotlib. Throws config::InputError and
/// std::runtime_error.
void execute_figure(const FigureJob& job, RunStore& runs);

}  // namespace lutsim::tools::figure

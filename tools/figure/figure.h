// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/spec/arch_spec.h"
#include "tools/figure/run_store.h"
#include "tools/figure/table.h"

/// Figures for papers (docs/figures.md): numbers from runs, one CSV, one script that draws it.
namespace lutsim::tools::figure {

/// What a figure is about. Every figure chooses batches, contexts and bits itself where they are
/// what it shows.
struct FigureRequest {
  spec::ArchSpec arch;
  std::string arch_name;  ///< as given, for the same chip with another engine
  std::vector<std::string> sets;
  std::string model = "llama-2-7b";
  std::uint32_t weight_bits = 4;
  std::string gpu = "h100-sxm";
  bool quick = false;  ///< few points, to try
  std::string sweep;   ///< table of a sweep: results.csv, or its folder
  std::string x = "energy_j.total", y = "time_s.total", series;  ///< columns of that table
};

struct Figure {
  const char* name;
  const char* title;    ///< one line, for lists
  const char* caption;  ///< what is drawn, and how to read it
  Table (*collect)(const FigureRequest& request, RunStore& runs);
};

/// Every figure. A new one is a line here, a file beside it and a script: the command, the page and
/// the tests walk this list.
const std::vector<Figure>& figures();

/// Throws config::InputError with the nearest name.
const Figure& figure_named(const std::string& name);

/// @name Numbers of the figures; columns are said in docs/figures.md
/// @{
Table engines(const FigureRequest& request, RunStore& runs);
Table energy_breakdown(const FigureRequest& request, RunStore& runs);
Table ratio_map(const FigureRequest& request, RunStore& runs);
Table quality(const FigureRequest& request, RunStore& runs);
Table sensitivity(const FigureRequest& request, RunStore& runs);
Table roofline(const FigureRequest& request, RunStore& runs);
Table area(const FigureRequest& request, RunStore& runs);
Table timeline(const FigureRequest& request, RunStore& runs);
Table sweep_front(const FigureRequest& request, RunStore& runs);
/// @}

/// A decode step of the request's model on its chip after 511 cached tokens, without GPUs.
RunSpec decode_step(const FigureRequest& request, std::uint32_t batch = 1);

}  // namespace lutsim::tools::figure

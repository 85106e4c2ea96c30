// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "tools/cli/session.h"
#include "tools/figure/drawing.h"
#include "tools/figure/execute_figure.h"
#include "tools/figure/width.h"
#include "tools/output/progress.h"
#include "tools/support/parallel.h"
#include "tools/support/this_program.h"
#include "tools/support/user_cache.h"

namespace lutsim::tools {

namespace {

using figure::Figure;

struct FigureOptions {
  std::vector<std::string> names;
  figure::FigureRequest request;
  std::string width = "acm-column", data, out = "figures", cache;
  unsigned jobs = default_jobs();
  bool list = false, json = false;
};

std::string figure_list(bool as_json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::string text = "figures\n";
  for (const Figure& f : figure::figures()) {
    all.push_back({{"name", f.name}, {"title", f.title}, {"caption", f.caption}});
    text += fmt::format("  {:<12} {}\n", f.name, f.title);
  }
  text += "widths\n";
  for (const auto& w : figure::venue_widths()) {
    text += fmt::format("  {:<14} {:.2f} in  {}\n", w.name, w.inches, w.source);
  }
  return as_json ? all.dump(2) + "\n" : text;
}

int run(FigureOptions& o, const Session& session) {
  if (o.list) {
    std::cout << figure_list(o.json);
    return kDone;
  }
  std::vector<figure::FigureJob> jobs;
  const std::string python = figure::python_with_matplotlib();
  o.request.arch = config::load_arch(o.request.arch_name, o.request.sets);
  for (const std::string& name : o.names) {
    figure::FigureJob job;
    job.figure = &figure::figure_named(name);
    job.request = o.request;
    job.data = o.data;
    job.command = session.command_line;
    job.python = python;
    job.width_inches = figure::width_in_inches(o.width);
    job.out = o.out;
    jobs.push_back(std::move(job));
  }
  for (const figure::FigureJob& job : jobs) {
    Progress progress(std::string("lutsim figure ") + job.figure->name);
    figure::RunStore runs(
        this_program().string(),
        o.cache.empty() ? user_cache("runs") : std::filesystem::path(o.cache), o.jobs,
        [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
    figure::execute_figure(job, runs);
    progress.finish();
    const std::string stem = (job.out / job.figure->name).string();
    for (const char* kind : {".csv", ".pdf", ".svg", ".png"}) std::cout << stem << kind << "\n";
  }
  return kDone;
}

}  // namespace

void add_figure_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<FigureOptions>();
  figure::FigureRequest& r = o->request;
  r.arch_name = "lpddr-chip";
  CLI::App* c =
      app.add_subcommand("figure", "figures for papers: one CSV, one script, PDF, SVG, PNG");
  CLI::Option* names = c->add_option("NAME", o->names, "figures to draw; --list says which");
  c->add_option("--arch", r.arch_name, "named accelerator or its YAML file")->capture_default_str();
  c->add_option("--set", r.sets, "override of one parameter, key=value (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  c->add_option("--model", r.model, "name of a model shape")->capture_default_str();
  c->add_option("--weight-bits", r.weight_bits, "bit-planes of a weight")
      ->capture_default_str()
      ->check(CLI::Range(1, 8));
  c->add_option("--gpu", r.gpu, "the GPU to compare with")->capture_default_str();
  c->add_option("--sweep", r.sweep, "sweep-front: folder of a sweep, or a CSV of points");
  c->add_option("--x", r.x, "sweep-front: column, KEY or KEY:more when more is better")
      ->capture_default_str();
  c->add_option("--y", r.y, "sweep-front: likewise")->capture_default_str();
  c->add_option("--series", r.series, "sweep-front: column that tells the colours");
  CLI::Option* data =
      c->add_option("--data", o->data, "draw again from this CSV of an earlier run");
  c->add_option("--width", o->width, "of the page or column: a name of --list, or 3.33in, 84mm")
      ->capture_default_str();
  c->add_flag("--quick", r.quick, "few points, to try");
  c->add_option("--jobs", o->jobs, "simulations at a time")->capture_default_str();
  c->add_option("--cache", o->cache,
                "folder of kept runs; lutsim/runs in the user's cache if absent");
  c->add_option("--out", o->out, "folder for NAME.csv, .pdf, .svg and .png")->capture_default_str();
  CLI::Option* list = c->add_flag("--list", o->list, "print figures and widths that there are");
  c->add_flag("--json", o->json, "with --list: machine-readable")->needs(list);
  c->callback([o, names, data, list, &session] {
    if (names->count() == 0 && list->count() == 0) {
      throw config::InputError("lutsim figure", "no figure is named", "--list prints them");
    }
    if (data->count() > 0 && o->names.size() != 1) {
      throw config::InputError("--data", "is the CSV of one figure; name one");
    }
    session.status = run(*o, session);
  });
}

}  // namespace lutsim::tools

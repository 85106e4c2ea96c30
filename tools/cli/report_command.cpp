// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>
#include <string>

#include "tools/cli/session.h"
#include "tools/output/output_directory.h"
#include "tools/report/page.h"
#include "tools/report/report_data.h"

namespace lutsim::tools {

namespace {

struct ReportOptions {
  std::string what, out;
  bool json = false;
};

void report_of(const ReportOptions& o) {
  const report::ReportData data = report::report_data(o.what);
  if (o.json) {
    std::cout << data.data.dump() << "\n";
    return;
  }
  const std::filesystem::path file = o.out.empty() ? data.place : std::filesystem::path(o.out);
  write_file(file, report::page(data.title, data.data));
  std::cout << file.string() << "\n";
}

}  // namespace

void add_report_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<ReportOptions>();
  CLI::App* c = app.add_subcommand(
      "report", "one HTML page, without network, of a run, a sweep or a comparison");
  c->add_option("RUN|SWEEP|COMPARISON", o->what, "its folder, or its result file")->required();
  c->add_option("--out", o->out, "the page; report.html in the folder if absent");
  c->add_flag("--json", o->json, "print the data of the page and nothing else");
  c->callback([o, &session] {
    report_of(*o);
    session.status = kDone;
  });
}

}  // namespace lutsim::tools

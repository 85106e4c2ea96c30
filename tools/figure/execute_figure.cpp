// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/execute_figure.h"

#include "models/config/node.h"
#include "tools/figure/drawing.h"
#include "tools/output/output_directory.h"
#include "tools/support/read_file.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools::figure {

void execute_figure(const FigureJob& job, RunStore& runs) {
  const std::string name = job.figure->name;
  OutputDirectory output(job.out);
  const std::string csv = job.data.empty() ? job.figure->collect(job.request, runs)
                                                 .csv({"SPDX-License-Identifier: Apache-2.0",
                                                       "lutsim " LUTSIM_VERSION ": " + job.command})
                                           : config::read_source(job.data).text();
  const TemporaryFolder folder;
  const auto stem = folder.path() / name;
  const std::string table = stem.string() + ".csv";
  write_file(table, csv);
  draw(job.python, name, job.data.empty() ? table : job.data, stem, job.width_inches);
  output.add(name + ".csv", csv);
  for (const char* kind : {".pdf", ".svg", ".png"}) {
    output.add(name + kind, read_file(stem.string() + kind));
  }
  output.commit();
}

}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
#include "tools/report/report_data.h"

#include "models/config/diagnostics.h"

namespace lutsim::tools::report {

ReportData report_data(const std::filesystem::path& what) { return run_data(what); }

}  // namespace lutsim::tools::report

// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/import_report.h"

#include <fmt/core.h>

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;
using workloads::ImportedTrace;
using workloads::ImportReport;
using workloads::ImportRow;

json row_json(const ImportRow& row) {
  return {{"name", row.name},           {"count", row.count},
          {"operators", row.operators}, {"multiply_adds", row.multiply_adds},
          {"flops", row.flops},         {"bytes", row.bytes},
          {"kernels", row.kernels},     {"seconds", row.seconds}};
}

json rows_json(const ImportReport& report, const std::vector<ImportRow>& rows, bool has_share) {
  json list = json::array();
  for (const ImportRow& row : rows) {
    json entry = row_json(row);
    if (has_share) entry["share"] = report.share(row);
    list.push_back(std::move(entry));
  }
  return list;
}

/// Kernel names are templates of hundreds of characters.
std::string shortened(const std::string& name) {
  constexpr std::size_t kMost = 44;
  return name.size() <= kMost ? name : name.substr(0, kMost - 3) + "...";
}

std::string table(const ImportReport& report, const char* title, const std::vector<ImportRow>& rows,
                  bool has_share) {
  if (rows.empty()) return "";
  std::string out =
      fmt::format("\n{}\n  {:<44} {:>6} {:>9} {:>11} {:>11} {:>8} {:>11} {:>7}\n", title, "",
                  "count", "captured", "GFLOP", "MB", "kernels", "ms", "share");
  constexpr double kGiga = 1e9, kMega = 1e6, kMilli = 1e3;
  for (const ImportRow& row : rows) {
    out += fmt::format("  {:<44} {:>6} {:>9} {:>11.3f} {:>11.3f} {:>8} {:>11.4f} {:>7}\n",
                       shortened(row.name), row.count, row.operators,
                       static_cast<double>(row.flops) / kGiga,
                       static_cast<double>(row.bytes) / kMega, row.kernels, row.seconds * kMilli,
                       has_share ? fmt::format("{:.2f} %", 100 * report.share(row)) : "");
  }
  return out;
}

}  // namespace

json import_json(const ImportedTrace& imported) {
  const ImportReport& r = imported.report;
  return {{"schema", "lutsim.trace_import/1"},
          {"format", r.format},
          {"device", r.device},
          {"source_operators", r.source_operators},
          {"views", r.views},
          {"operators", imported.trace.operators.size()},
          {"has_times", r.has_times},
          {"kernels", r.kernels},
          {"kernel_s", r.kernel_s},
          {"span_s", r.span_s},
          {"measured", imported.trace.measured.has_value()},
          {"mapped", rows_json(r, r.mapped, true)},
          {"movement", rows_json(r, r.movement, true)},
          {"unknown", rows_json(r, r.unknown, true)},
          {"training", rows_json(r, r.training, false)},
          {"before_profile", row_json(r.before_profile)},
          {"notes", r.notes}};
}

std::string import_text(const ImportedTrace& imported) {
  const ImportReport& r = imported.report;
  std::string out = fmt::format(
      "{}{}: {} operators in the file, {} of them views or parts of others; {} operators in the "
      "trace\n",
      r.format, r.device.empty() ? "" : " of " + r.device, r.source_operators, r.views,
      imported.trace.operators.size());
  if (r.has_times) {
    out += fmt::format("{} kernels of {:.4f} ms in a span of {:.4f} ms\n", r.kernels,
                       r.kernel_s * 1e3, r.span_s * 1e3);
  }
  out += table(r, "In the trace, by kind", r.mapped, true);
  out += table(r, "Data movement, not in the trace", r.movement, true);
  out += table(r, "UNKNOWN, not in the trace", r.unknown, true);
  out += table(r, "Training, not in the trace", r.training, false);
  if (r.before_profile.kernels > 0) {
    out += fmt::format("\n{} kernels of {:.4f} ms ran before the profile began; not counted\n",
                       r.before_profile.kernels, r.before_profile.seconds * 1e3);
  }
  for (const std::string& note : r.notes) out += "\nNote: " + note + "\n";
  return out;
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/trace_import.h"

#include <algorithm>
#include <map>

#include "models/config/diagnostics.h"
#include "workloads/trace/import/emit_trace.h"
#include "workloads/trace/import/json_stream.h"
#include "workloads/trace/import/readers.h"
#include "workloads/trace/import/work_item.h"

namespace lutsim::workloads {

namespace {

SourceTrace read(const ImportRequest& request, ImportFormat format, const ReadProgress& progress) {
  switch (format) {
    case ImportFormat::kineto:
      return read_kineto(request.file, request.replay, progress);
    case ImportFormat::pytorch_et:
      return read_pytorch_et(request.file, progress);
    case ImportFormat::chakra:
      return read_chakra(request.file, progress);
    default:
      return read_scalesim(request.file);
  }
}

void add(ImportRow& row, const WorkItem& item) {
  ++row.count;
  row.operators += item.sources.size();
  row.kernels += item.kernels;
  row.seconds += item.seconds;
  if (!item.mapped) return;
  row.multiply_adds += item.mapped->multiply_adds;
  row.flops += item.mapped->flops;
  row.bytes += item.mapped->bytes;
}

void add(std::vector<ImportRow>& rows, const std::string& name, const WorkItem& item) {
  auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
  if (row == rows.end()) row = rows.insert(rows.end(), ImportRow{name, 0, 0, 0, 0, 0, 0, 0});
  add(*row, item);
}

void sort_rows(std::vector<ImportRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const ImportRow& a, const ImportRow& b) {
    return std::make_pair(a.seconds, a.operators) > std::make_pair(b.seconds, b.operators);
  });
}

ImportReport report_of(const SourceTrace& source, const WorkList& work) {
  ImportReport report;
  report.format = source.format;
  report.device = source.device;
  report.has_times = source.has_times;
  report.span_s = source.span_s;
  report.source_operators = source.operators.size();
  report.views = work.views;
  for (const WorkItem& item : work.items) {
    const std::string& name = source.operators[item.sources.front()].name;
    if (item.pass != Pass::forward) {
      const std::string pass = item.pass == Pass::backward ? "backward " : "optimizer ";
      add(report.training, pass + (item.mapped ? item.mapped->label : name), item);
    } else if (item.mapped) {
      add(report.mapped, item.mapped->label, item);
    } else {
      add(item.is_movement ? report.movement : report.unknown, name, item);
    }
    report.kernels += item.kernels;
    report.kernel_s += item.seconds;
  }
  for (const auto& [name, totals] : source.without_operator) {
    report.unknown.push_back({"kernel " + name, 0, 0, 0, 0, 0, totals.kernels, totals.seconds});
    report.kernels += totals.kernels;
    report.kernel_s += totals.seconds;
  }
  report.before_profile.name = "before the profile";
  report.before_profile.kernels = source.before_profile.kernels;
  report.before_profile.seconds = source.before_profile.seconds;
  for (auto* rows : {&report.mapped, &report.movement, &report.unknown, &report.training}) {
    sort_rows(*rows);
  }
  return report;
}

/// Part of the kernel time that the operators of a trace must have for the times to be its own.
constexpr double kLeastKnown = 0.5;

MeasuredKind measured_kind(const std::string& name, const std::vector<ImportRow>& rows) {
  MeasuredKind kind{name, 0, 0};
  for (const ImportRow& row : rows) {
    kind.kernels += row.kernels;
    kind.seconds += row.seconds;
  }
  return kind;
}

/// Format of the operands of most multiply-adds.
std::string precision_of(const WorkList& work) {
  std::map<spec::NumberFormat, std::uint64_t> multiply_adds;
  for (const WorkItem& item : work.items) {
    if (item.mapped) multiply_adds[item.mapped->format] += item.mapped->multiply_adds;
  }
  const auto most =
      std::max_element(multiply_adds.begin(), multiply_adds.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return spec::to_string_of(most->first);
}

double seconds_of(const std::vector<ImportRow>& rows) {
  double seconds = 0;
  for (const ImportRow& row : rows) seconds += row.seconds;
  return seconds;
}

/// Times for the trace; none where the profile has none, where another pass ran as well, or where
/// most of the time is of kernels that the trace does not have.
std::optional<MeasuredTimes> measured_of(ImportReport& report, const WorkList& work) {
  if (!report.has_times || report.kernel_s <= 0) return {};
  const auto without = [&report](const char* reason) {
    report.notes.push_back(std::string("no measured times in the trace: ") + reason);
    return std::optional<MeasuredTimes>();
  };
  if (report.span_s <= 0) return without("the file does not say when the kernels began");
  if (!report.training.empty()) return without("the kernels are of a training step");
  if (seconds_of(report.mapped) < kLeastKnown * report.kernel_s) {
    return without("most of the time is of kernels without a counterpart in the trace");
  }
  MeasuredTimes measured{report.format,
                         report.device,
                         precision_of(work),
                         report.kernels,
                         report.kernel_s,
                         report.span_s,
                         {}};
  for (const ImportRow& row : report.mapped) {
    measured.kinds.push_back({row.name, row.kernels, row.seconds});
  }
  for (const MeasuredKind& kind :
       {measured_kind("movement", report.movement), measured_kind("unknown", report.unknown)}) {
    if (kind.kernels > 0) measured.kinds.push_back(kind);
  }
  return measured;
}

constexpr std::size_t kFirstBytes = 256;

/// Says why an attention over a page table is unknown.
void note_paged_attention(ImportReport& report, const MappingOptions& options) {
  for (const ImportRow& row : report.unknown) {
    if (options.context > 0 || row.name.find("paged_attention") == std::string::npos) continue;
    report.notes.push_back(
        row.name +
        " reads the lengths of the sequences from a tensor; give their mean with --context");
  }
}

bool has(const std::vector<std::string>& keys, const char* key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

double ImportReport::share(const ImportRow& row) const {
  double all = 0;
  for (const auto* rows : {&mapped, &movement, &unknown}) {
    for (const ImportRow& r : *rows) {
      all += has_times ? r.seconds : static_cast<double>(r.operators);
    }
  }
  const double part = has_times ? row.seconds : static_cast<double>(row.operators);
  return all > 0 ? part / all : 0;
}

ImportFormat detect_format(const std::filesystem::path& file) {
  const std::vector<std::string> keys = first_json_keys(file);
  if (has(keys, "traceEvents")) return ImportFormat::kineto;
  if (has(keys, "nodes")) return ImportFormat::pytorch_et;
  if (!keys.empty()) {
    // The long array may come last; a profile always has its schema before it.
    if (has(keys, "schemaVersion") || has(keys, "deviceProperties") || has(keys, "metadata")) {
      return ImportFormat::kineto;
    }
    throw config::InputError(
        file.string(),
        "expected the array 'traceEvents' of a profile or 'nodes' of an execution "
        "trace in the first MiB of this JSON file",
        "name the format with --format");
  }
  // Tables are text; the lengths and tags of protobuf messages are not.
  std::string begin(kFirstBytes, '\0');
  InputStream in(file);
  in.stream().read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(in.stream().gcount()));
  const bool is_text = std::all_of(begin.begin(), begin.end(), [](unsigned char c) {
    return c == '\t' || c == '\r' || c == '\n' || c >= ' ';
  });
  if (is_text && begin.find(',') != std::string::npos) return ImportFormat::scalesim;
  if (!is_text) return ImportFormat::chakra;
  throw config::InputError(file.string(),
                           "is none of kineto, pytorch-et, chakra, scalesim by its first bytes",
                           "name the format with --format");
}

ImportedTrace import_trace(const ImportRequest& request, const ReadProgress& progress) {
  const ImportFormat format = request.format ? *request.format : detect_format(request.file);
  if (!request.replay.empty() && format != ImportFormat::kineto) {
    throw spec::SpecError("replay: only a kineto profile has one");
  }
  const SourceTrace source = read(request, format, progress);
  MappingOptions options;
  options.context = request.context;
  WorkList work = flatten(source, options);
  fuse(source, work.items);
  ImportedTrace imported;
  imported.report = report_of(source, work);
  note_paged_attention(imported.report, options);
  imported.trace = emit_trace(source, work.items, request, imported.report.notes);
  imported.trace.measured = measured_of(imported.report, work);
  return imported;
}

}  // namespace lutsim::workloads

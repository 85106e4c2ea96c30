// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/transformer/golden_transformer.h"
#include "tools/cli/import_report.h"
#include "tools/cli/session.h"
#include "tools/output/progress.h"
#include "tools/run/golden_comparison.h"
#include "tools/run/prepared_workload.h"
#include "tools/support/choice.h"
#include "workloads/trace/trace_capture.h"
#include "workloads/trace/trace_json.h"
#include "workloads/trace/trace_summary.h"

namespace lutsim::tools {

namespace {

struct ImportOptions {
  workloads::ImportRequest request;
  std::string format, out;
  bool json = false;
};

struct TraceOptions {
  workloads::WorkloadSpec workload;
  std::string method = "rtn", out, file;
  bool json = false;
};

/// A checkpoint is executed and observed; a shape gives its trace without weights.
workloads::OperatorTrace capture(const workloads::WorkloadSpec& workload) {
  PreparedWorkload prepared = prepare_workload(workload);
  if (!prepared.model) return std::move(prepared.trace);
  workloads::TraceRequest request;
  request.prompt_tokens = static_cast<std::uint32_t>(prepared.prompt.size());
  request.generated_tokens = workload.generate_tokens;
  const models::QuantizationRecipe& recipe = prepared.model->recipe;
  request.weight_bits = recipe.weight_bits;
  request.group_size = std::max(1u, recipe.group_size);
  request.layer_bits = recipe.layer_bits;
  request.has_offset = models::has_offsets(recipe.method);
  request.kv_bits = workload.kv_bits;
  request.batch = workload.batch;
  workloads::TraceCapture observer(prepared.model->shape, request);
  run_golden(*prepared.model, config::load_arch("default"), prepared.prompt,
             workload.generate_tokens, {}, workloads::kv_cache_format(request.kv_bits), &observer);
  workloads::OperatorTrace trace = observer.take();
  take_weight_formats(trace, *prepared.model);
  return trace;
}

nlohmann::ordered_json totals_json(const workloads::TraceTotals& t) {
  return {{"operators", t.operators},    {"multiply_adds", t.multiply_adds},
          {"flops", t.cost.flops},       {"weight_bytes", t.cost.weight_bytes},
          {"kv_bytes", t.cost.kv_bytes}, {"activation_bytes", t.cost.activation_bytes}};
}

nlohmann::ordered_json summary_json(const workloads::OperatorTrace& trace) {
  const workloads::TraceSummary summary = workloads::summarize(trace);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& row : summary.rows) {
    nlohmann::ordered_json entry = {{"phase", spec::to_string_of(row.phase)},
                                    {"kind", spec::to_string_of(row.kind)}};
    entry.update(totals_json(row.totals));
    rows.push_back(std::move(entry));
  }
  return {{"schema", "lutsim.trace_summary/1"},
          {"model", trace.model.name},
          {"batch", trace.batch},
          {"prompt_tokens", trace.prompt_tokens},
          {"generated_tokens", trace.generated_tokens},
          {"tensors", trace.tensors.size()},
          {"operators", trace.operators.size()},
          {"prefill", totals_json(summary.prefill)},
          {"decode", totals_json(summary.decode)},
          {"weight_storage_bytes", summary.weight_storage_bytes},
          {"kv_storage_bytes", summary.kv_storage_bytes},
          {"rows", std::move(rows)}};
}

void print_summary(const workloads::OperatorTrace& trace, bool json) {
  if (json) {
    std::cout << summary_json(trace).dump(2) << "\n";
    return;
  }
  fmt::print("{}: batch {}, {} prompt and {} generated tokens, {} operators, {} tensors\n\n{}",
             trace.model.name, trace.batch, trace.prompt_tokens, trace.generated_tokens,
             trace.operators.size(), trace.tensors.size(),
             workloads::to_table(workloads::summarize(trace)));
}

void add_workload_options(CLI::App* c, const std::shared_ptr<TraceOptions>& o) {
  auto& w = o->workload;
  c->add_option("--model", w.model, "embedded model, checkpoint file, or name of a shape")
      ->required();
  c->add_option("--prompt", w.prompt, "text that starts the sequence (checkpoints)");
  c->add_option("--prompt-tokens", w.prompt_tokens, "length of the prompt (shapes)");
  c->add_option("--cached-tokens", w.cached_tokens, "tokens that are in the KV cache already");
  c->add_option("--generate-tokens", w.generate_tokens, "tokens to generate")
      ->capture_default_str();
  c->add_option("--batch", w.batch, "sequences that run together")->capture_default_str();
  c->add_option("--weight-bits", w.weight_bits, "bit-planes of a weight")->capture_default_str();
  c->add_option("--group-size", w.group_size, "weights along K that share their scales")
      ->capture_default_str();
  c->add_option("--kv-bits", w.kv_bits, "bits of a cached element")->capture_default_str();
  c->add_option("--expert-seed", w.expert_seed, "seed of the draw of experts")
      ->capture_default_str();
  c->add_option("--expert-skew", w.expert_skew, "Zipf exponent of the experts' popularity")
      ->capture_default_str();
  c->add_option("--expert-histogram", w.expert_histogram,
                "file of captured counts for each expert");
  c->add_option("--method", o->method, choices<models::QuantizationMethod>())
      ->capture_default_str();
}

/// Reads, reports, and writes the trace when there is a place for it.
void run_import(ImportOptions& o) {
  using workloads::ImportFormat;
  if (!o.format.empty()) o.request.format = choice<ImportFormat>("--format", o.format);
  Progress progress("lutsim trace import");
  const workloads::ImportedTrace imported = workloads::import_trace(
      o.request, [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
  progress.finish();
  if (!o.out.empty()) {
    if (imported.trace.operators.empty()) {
      throw config::InputError(
          o.request.file.string(),
          "has no operator with a counterpart in our traces; nothing was written",
          "the replay of a graph needs the file that captured it: import that, with --replay "
          "FILE");
    }
    workloads::write_trace(imported.trace, o.out);
  }
  std::cout << (o.json ? import_json(imported).dump(2) + "\n" : import_text(imported));
}

void add_import_command(CLI::App* trace, Session& session) {
  auto o = std::make_shared<ImportOptions>();
  CLI::App* c = trace->add_subcommand(
      "import", "trace of a profile, an execution trace or a topology of another tool");
  c->add_option("FILE", o->request.file, "file to read, plain or gzip")->required();
  c->add_option("--format", o->format,
                choices<workloads::ImportFormat>() + "; by what the file begins with if not given");
  c->add_option("--out", o->out, "trace file to write");
  c->add_option("--replay", o->request.replay,
                "kineto: profile that replays the graph which FILE captured, for its times");
  c->add_option("--context", o->request.context,
                "cached tokens of each sequence, for attention over a page table");
  c->add_option("--weight-bits", o->request.weight_bits,
                "bit-planes of the layers' weights; 16: as captured")
      ->capture_default_str();
  c->add_option("--group-size", o->request.group_size, "weights along K that share their scales")
      ->capture_default_str();
  c->add_flag("--json", o->json, "print the report machine-readably");
  c->callback([o, &session] {
    run_import(*o);
    session.status = kDone;
  });
}

}  // namespace

void add_trace_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<TraceOptions>();
  CLI::App* c = app.add_subcommand("trace", "operator traces: capture, import, show");
  c->require_subcommand(1);

  CLI::App* capture_command =
      c->add_subcommand("capture", "trace of an executed checkpoint, or of a model's shape");
  add_workload_options(capture_command, o);
  capture_command->add_option("--out", o->out, "trace file to write")->required();
  capture_command->add_flag("--json", o->json, "print the summary machine-readably");
  capture_command->callback([o, &session] {
    o->workload.method = choice<models::QuantizationMethod>("--method", o->method);
    const workloads::OperatorTrace trace = capture(o->workload);
    workloads::write_trace(trace, o->out);
    print_summary(trace, o->json);
    session.status = kDone;
  });

  add_import_command(c, session);

  CLI::App* show_command = c->add_subcommand("show", "what a trace file holds");
  show_command->add_option("FILE", o->file, "trace file")->required();
  show_command->add_flag("--json", o->json, "print the summary machine-readably");
  show_command->callback([o, &session] {
    print_summary(workloads::read_trace(o->file), o->json);
    session.status = kDone;
  });
}

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/execute_compare.h"

#include <fmt/core.h>

#include <mutex>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "models/quality/quality_table.h"
#include "tools/compare/accelerator_candidate.h"
#include "tools/compare/candidate_choice.h"
#include "tools/compare/gpu_candidate.h"
#include "tools/run/prepared_workload.h"
#include "tools/run/read_result.h"
#include "tools/run/run_child.h"
#include "tools/support/parallel.h"
#include "tools/support/temporary_folder.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

namespace {

/// A candidate with what is needed to check that it did the same work.
struct Done {
  Candidate candidate;
  std::optional<ComparedWorkload> workload;
  double weight_bits = 0;
};

ComparedWorkload workload_of(const json& result) {
  const auto& w = result.at("workload");
  return {w.at("model"), w.at("batch"), w.at("prompt_tokens"), w.at("cached_tokens"),
          w.at("generated_tokens")};
}

std::string text_of(const ComparedWorkload& w) {
  return fmt::format("{}, batch {}, {} prompt + {} cached tokens, {} generated", w.model, w.batch,
                     w.prompt_tokens, w.cached_tokens, w.generated_tokens);
}

Done from_result(const std::string& name, const json& result, const std::string& file,
                 const models::CostTable& costs) {
  return {accelerator_candidate(name, result, file, costs), workload_of(result),
          result.at("workload").at("weight_bits")};
}

/// The first line of an error, without "error: ".
std::string first_error(const std::string& text) {
  const std::string line = text.substr(0, text.find('\n'));
  const std::string mark = "error: ";
  return line.rfind(mark, 0) == 0 ? line.substr(mark.size()) : line;
}

Done simulate(const AcceleratorChoice& choice, const CompareSpec& spec,
              const std::filesystem::path& config, const models::CostTable& costs) {
  const ProcessResult run = run_child(spec.program, choice.spec, config);
  if (run.status == 0) {
    return from_result(choice.text, json::parse(run.out), choice.text, costs);
  }
  Done failed;
  failed.candidate.name = choice.text;
  failed.candidate.title = choice.spec.arch.name;
  failed.candidate.failure =
      run.err.empty() ? fmt::format("ended with status {}", run.status) : first_error(run.err);
  return failed;
}

/// The workload of a finished run, from the configuration beside its result.
RunSpec base_of(const RunChoice& run) {
  const auto config = run.result.parent_path() / "config.resolved.yaml";
  if (!std::filesystem::exists(config)) {
    throw config::InputError(run.text, "has no config.resolved.yaml beside its result.json",
                             "say with --model or --workload what the others are to run");
  }
  return config::read_yaml<RunSpec>(config);
}

void add_quality(Done& done, const std::string& model,
                 const std::vector<models::QualityTable>& tables) {
  constexpr double kFullPrecision = 16;
  Candidate& c = done.candidate;
  if (!c.failure.empty()) return;
  std::optional<models::QualityRow> best;
  for (const models::QualityTable& table : tables) {
    const auto row = models::best_quality(table, model, done.weight_bits);
    if (row && (!best || row->ratio() < best->ratio())) best = row;
  }
  if (done.weight_bits < kFullPrecision && !best) {
    c.unknown[Metric::perplexity_ratio] =
        fmt::format("no table has {} at {:.3g} bits (--quality FILE)", model, done.weight_bits);
    return;
  }
  const double ratio = best ? best->ratio() : 1;
  c.quality = best ? fmt::format("{} on {}: {:g}, {:g} unquantised", best->method, best->text,
                                 best->perplexity, best->full_precision)
                   : "its own weights";
  c.formulas[Metric::perplexity_ratio] = [ratio](const InputValues& v) {
    return Draws(Draws::Constant(v.empty() ? 1 : v[0].size(), ratio));
  };
}

/// Everybody did the work of the first; that work.
ComparedWorkload same_work(const std::vector<Done>& all) {
  const Done* first = nullptr;
  for (const Done& done : all) {
    if (!done.workload) continue;
    if (first == nullptr) {
      first = &done;
    } else if (text_of(*done.workload) != text_of(*first->workload)) {
      throw config::InputError(done.candidate.name,
                               fmt::format("did other work than {}: {}; {}", first->candidate.name,
                                           text_of(*done.workload), text_of(*first->workload)));
    }
  }
  return first == nullptr ? ComparedWorkload{} : *first->workload;
}

}  // namespace

Comparison execute_compare(const CompareSpec& spec,
                           const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const models::CostTable costs = models::load_cost_table(spec.cost_table);
  std::vector<models::QualityTable> tables;
  for (const std::string& name : spec.quality_tables) {
    tables.push_back(models::load_quality_table(name));
  }
  RunSpec base = spec.base;
  bool has_workload = spec.has_workload;
  for (std::size_t i = 0; i < spec.candidates.size() && !has_workload; ++i) {
    const auto choices = parse_candidate(spec.candidates[i], base);
    if (const auto* run = std::get_if<RunChoice>(&choices.front())) {
      base = base_of(*run);
      has_workload = true;
    }
  }
  if (!has_workload) {
    throw config::InputError("lutsim compare", "nothing says what the candidates are to run",
                             "try --model llama-2-7b, or give the folder of a run");
  }
  std::vector<CandidateChoice> choices;
  for (const std::string& text : spec.candidates) {
    for (CandidateChoice& choice : parse_candidate(text, base)) {
      choices.push_back(std::move(choice));
    }
  }
  std::optional<PreparedWorkload> prepared;
  const auto is_gpu = [](const CandidateChoice& c) {
    return std::holds_alternative<GpuLineChoice>(c);
  };
  if (std::any_of(choices.begin(), choices.end(), is_gpu)) {
    prepared = prepare_workload(base.workload);
  }

  std::vector<Done> all(choices.size());
  const TemporaryFolder folder;
  std::mutex report;
  std::size_t finished = 0;
  for_each_parallel(choices.size(), spec.jobs, [&](std::size_t i) {
    if (const auto* run = std::get_if<RunChoice>(&choices[i])) {
      all[i] = from_result(run->text, read_result(run->result.string()), run->text, costs);
    } else if (const auto* chip = std::get_if<AcceleratorChoice>(&choices[i])) {
      all[i] = simulate(*chip, spec, folder.path() / fmt::format("candidate-{}.yaml", i), costs);
    } else {
      const auto& gpu = std::get<GpuLineChoice>(choices[i]);
      const auto& trace = prepared->trace;
      all[i] = {gpu_candidate(gpu, trace, costs),
                ComparedWorkload{prepared->model_name, trace.batch, trace.prompt_tokens,
                                 trace.cached_tokens,
                                 std::uint64_t{trace.generated_tokens} * trace.batch},
                weight_bits_of(gpu.precision)};
    }
    const std::lock_guard<std::mutex> lock(report);
    if (progress) progress(++finished, choices.size());
  });

  Comparison comparison;
  comparison.judgement = spec.judgement;
  comparison.workload = same_work(all);
  for (Done& done : all) {
    add_quality(done, comparison.workload.model, tables);
    comparison.candidates.push_back(std::move(done.candidate));
  }
  comparison.order = rank(comparison.candidates, comparison.judgement);
  return comparison;
}

}  // namespace lutsim::tools

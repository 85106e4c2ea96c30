// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/sweep.h"

#include <algorithm>
#include <set>

#include "models/config/diagnostics.h"
#include "models/config/write_yaml.h"
#include "tools/output/output_directory.h"
#include "tools/support/read_file.h"
#include "tools/sweep/ask_tell.h"
#include "tools/sweep/derived_files.h"
#include "tools/sweep/nsga2.h"
#include "tools/sweep/strategy.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// Candidates of a strategy that needs no results, without duplicates and excluded points.
std::vector<Candidate> plan(const SweepSpace& space, Evaluator& evaluator, PlanCounts& counts) {
  std::vector<Candidate> candidates;
  std::set<std::string> keys;
  propose(space, [&](const Point& point) {
    ++counts.proposed;
    Candidate candidate = evaluator.examine(point, space.keys.fidelity);
    if (candidate.is_excluded) return ++counts.excluded, false;
    if (!keys.insert(candidate.key).second) return ++counts.duplicates, false;
    candidates.push_back(std::move(candidate));
    return true;
  });
  return candidates;
}

/// One search and what it asked for, in order.
class Search {
 public:
  Search(const SweepSpace& space, Evaluator& evaluator, PlanCounts& counts, std::string kind)
      : space_(space), evaluator_(evaluator), counts_(counts) {
    path_.kind = std::move(kind);
  }

  std::vector<Values> evaluate(const std::vector<Point>& points) {
    std::vector<Candidate> asked;
    std::vector<bool> is_excluded;
    for (const Point& point : points) {
      ++path_.evaluations;
      ++counts_.proposed;
      Candidate candidate = evaluator_.examine(point, space_.keys.fidelity);
      is_excluded.push_back(candidate.is_excluded);
      if (candidate.is_excluded) {
        ++counts_.excluded;
        continue;
      }
      if (keys_.insert(candidate.key).second) {
        path_.keys.push_back(candidate.key);
      } else {
        ++counts_.duplicates;
      }
      asked.push_back(std::move(candidate));
    }
    const auto records = evaluator_.evaluate(asked, space_.keys.fidelity);
    std::vector<Values> values;
    auto record = records.begin();
    for (const bool excluded : is_excluded)
      values.push_back(excluded ? Values() : objectives_of(space_, **record++));
    return values;
  }

  const SearchPath& path() const { return path_; }

 private:
  const SweepSpace& space_;
  Evaluator& evaluator_;
  PlanCounts& counts_;
  SearchPath path_;
  std::set<std::string> keys_;
};

/// Random points, as many distinct ones as the optimiser looked at. They do not count as proposed.
SearchPath run_baseline(const SweepSpace& space, Evaluator& evaluator, std::size_t distinct) {
  SearchPath path;
  path.kind = "random";
  std::vector<Candidate> candidates;
  std::set<std::string> keys;
  propose_random(space, distinct, space.keys.strategy.seed, [&](const Point& point) {
    ++path.evaluations;
    Candidate candidate = evaluator.examine(point, space.keys.fidelity);
    if (candidate.is_excluded || !keys.insert(candidate.key).second) return false;
    path.keys.push_back(candidate.key);
    candidates.push_back(std::move(candidate));
    return true;
  });
  evaluator.evaluate(candidates, space.keys.fidelity);
  return path;
}

/// The best feasible points of one fidelity, looked at in the next one.
void refine(const SweepSpace& space, const Store& store, Evaluator& evaluator) {
  Fidelity last = space.keys.fidelity;
  for (const Refinement& step : space.keys.refine) {
    std::vector<Values> values;
    std::vector<Point> points;
    for (const json* record : sorted_records(space, store.records())) {
      if (record->at("fidelity") != spec::to_string_of(last)) continue;
      Values v = objectives_of(space, *record);
      if (v.empty()) continue;
      values.push_back(std::move(v));
      points.push_back(point_of(space, record->at("point"), "a record"));
    }
    std::vector<Candidate> candidates;
    if (!values.empty())
      for (const std::size_t i : best_of(values, step.points))
        candidates.push_back(evaluator.examine(points[i], step.fidelity));
    evaluator.evaluate(candidates, step.fidelity);
    last = step.fidelity;
  }
}

void write_shard(const Store& store, const PlanCounts& counts) {
  const json shard = {{"schema", "lutsim.sweep_shard/1"}, {"shard", store.shard().name()},
                      {"proposed", counts.proposed},      {"excluded", counts.excluded},
                      {"duplicates", counts.duplicates},  {"complete", counts.complete}};
  write_file(shard_file(store.folder(), store.shard()), shard.dump(2) + "\n");
}

void refuse_adaptive_shards(const SweepSpace& space) {
  const StrategyKind kind = space.keys.strategy.kind;
  if (kind == StrategyKind::nsga2 || kind == StrategyKind::ask_tell)
    throw config::InputError("--shard",
                             spec::to_string_of(kind) + " chooses by results and has no shards",
                             "run it in one place with --jobs");
}

}  // namespace

SweepOutcome run_sweep(const SweepSpace& space, const SweepOptions& options) {
  const bool is_sharded = options.shard.count > 1;
  if (is_sharded) refuse_adaptive_shards(space);
  Store store(options.out, space.text, options.shard, options.resume);
  Evaluator evaluator(space, store, options.evaluator);
  SweepOutcome outcome;
  PlanCounts counts;
  std::vector<SearchPath> searches;
  try {
    const StrategyKind kind = space.keys.strategy.kind;
    if (kind == StrategyKind::nsga2) {
      Search search(space, evaluator, counts, "nsga2");
      search_nsga2(space, [&](const auto& points) { return search.evaluate(points); });
      searches.push_back(search.path());
      searches.push_back(run_baseline(space, evaluator, search.path().keys.size()));
    } else if (kind == StrategyKind::ask_tell) {
      serve_asks(space, evaluator, *options.ask, *options.tell, counts);
    } else {
      std::vector<Candidate> mine;
      const std::vector<Candidate> all = plan(space, evaluator, counts);
      for (std::size_t i = 0; i < all.size(); ++i)
        if (options.shard.has(i)) mine.push_back(all[i]);
      evaluator.evaluate(mine, space.keys.fidelity);
    }
    // Of one shard the best points of the whole are not known.
    if (!is_sharded) refine(space, store, evaluator);
  } catch (const Interrupted&) {
    outcome.interrupted = true;
    counts.complete = false;
    searches.clear();
  }
  outcome.points_run = evaluator.points_run();
  outcome.points_found = evaluator.points_found();
  write_shard(store, counts);
  if (is_sharded) {
    for (const auto& entry : store.records())
      outcome.failed += entry.second.at("status") == "failed" ? 1 : 0;
    return outcome;
  }
  Records asked;
  for (const auto& [key, record] : store.records()) {
    // An outside optimiser does not ask again for what it knows.
    const bool counts_all = space.keys.strategy.kind == StrategyKind::ask_tell;
    if (counts_all || evaluator.asked().count(key) != 0) asked.emplace(key, record);
  }
  write_derived(space, options.out, asked, counts, searches, outcome);
  return outcome;
}

}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/evaluator.h"

#include <fmt/core.h>
#include <signal.h>
#include <string.h>  // strsignal is POSIX
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <set>

#include "models/config/diagnostics.h"
#include "models/config/write_yaml.h"
#include "tools/process/process.h"
#include "tools/support/parallel.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"
#include "tools/support/utc_now.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int kRefused = 2;  // exit status of a worker: the input is wrong

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

/// First line of what a worker said, without the place of its input file.
std::string first_line(std::string text, const std::string& config) {
  text.resize(std::min(text.size(), text.find('\n')));
  for (std::size_t at = 0; (at = text.find(config, at)) != std::string::npos;)
    text.replace(at, config.size(), "run");
  return text;
}

/// Why a point has no result; empty when it has one.
std::string failure_of(const ProcessResult& process, const Limits& limits,
                       const std::string& config) {
  if (process.timed_out) return fmt::format("time: killed after {} s", limits.time);
  if (process.status == 0) return "";
  if (process.err.find("bad_alloc") != std::string::npos)
    return limits.memory > 0 ? fmt::format("memory: needs more than {} bytes", limits.memory)
                             : std::string("memory: the machine has no more");
  if (process.status > 128) {
    const int signal = process.status - 128;
    return fmt::format("signal {}: {}", signal, ::strsignal(signal));
  }
  return fmt::format("exit status {}: {}", process.status, first_line(process.err, config));
}

}  // namespace

Evaluator::Evaluator(const SweepSpace& space, Store& store, EvaluatorOptions options)
    : space_(space),
      store_(store),
      options_(std::move(options)),
      keys_(options_.build),
      scratch_(store.folder() / ("running-" + store.shard().name())) {
  for (const fs::path& folder : options_.reuse) {
    Records records;
    for (const fs::path& file : record_files(folder)) read_records(file, records);
    for (auto& [key, record] : records) {
      other_folders_.emplace(key, folder);
      others_.emplace(key, std::move(record));
    }
  }
}

Candidate Evaluator::examine(const Point& point, Fidelity fidelity) {
  Candidate candidate;
  candidate.point = point;
  try {
    const RunSpec run = run_of(space_, point, fidelity);
    for (const Constraint& c : space_.constraints)
      if (!c.needs_metrics && !c.comparison.holds(lookup_of(run, nullptr)))
        candidate.is_excluded = true;
    if (!candidate.is_excluded) candidate.key = keys_.key_of(run, fidelity);
  } catch (const config::InputError& error) {
    candidate.refusal = error.diagnostics().front().message;
  } catch (const spec::SpecError& error) {
    candidate.refusal = error.what();
  }
  // What is no run still needs a name.
  if (!candidate.refusal.empty())
    candidate.key = sha256_hex("lutsim.point/1 refused\n" + point_json(space_, point).dump());
  return candidate;
}

bool Evaluator::is_settled(const std::string& key) const {
  const json* record = store_.find(key);
  if (record == nullptr) return false;
  return !options_.retry_failed || record->at("status") != "failed" || attempted_.count(key) != 0;
}

json Evaluator::record_of(const Candidate& candidate, Fidelity fidelity) const {
  return {{"schema", "lutsim.point/1"},
          {"key", candidate.key},
          {"fidelity", spec::to_string_of(fidelity)},
          {"point", point_json(space_, candidate.point)},
          {"status", "ok"},
          {"reason", ""},
          {"feasible", false},
          {"violated", json::array()}};
}

void Evaluator::judge(json& record, const Candidate& candidate, Fidelity fidelity) const {
  const Lookup lookup = lookup_of(run_of(space_, candidate.point, fidelity), &record.at("metrics"));
  json violated = json::array();
  for (const Constraint& c : space_.constraints)
    if (!c.comparison.holds(lookup)) violated.push_back(c.text);
  record["feasible"] = violated.empty();
  record["violated"] = std::move(violated);
}

bool Evaluator::take_from_others(const Candidate& candidate, Fidelity fidelity) {
  const auto found = others_.find(candidate.key);
  if (found == others_.end() || found->second.at("status") != "ok") return false;
  json record = record_of(candidate, fidelity);
  for (const char* key : {"metrics", "intervals", "constants", "amounts"})
    record[key] = found->second.at(key);
  judge(record, candidate, fidelity);
  const std::string name = record.at("constants");
  const fs::path from = other_folders_.at(candidate.key) / "constants" / (name + ".json");
  store_.keep_constants(json::parse(read_file(from)));
  store_.append(record);
  return true;
}

bool Evaluator::run_one(const Candidate& candidate, Fidelity fidelity) {
  json record = record_of(candidate, fidelity);
  if (!candidate.refusal.empty()) {
    record["status"] = "refused";
    record["reason"] = candidate.refusal;
    store_.append(record);
    return true;
  }
  const fs::path config = scratch_ / (candidate.key + ".yaml");
  std::ofstream(config) << config::write_yaml(run_of(space_, candidate.point, fidelity));
  std::vector<std::string> command = options_.worker;
  command.insert(command.end(), {"--fidelity", spec::to_string_of(fidelity), config.string()});
  ProcessOptions limits;
  limits.timeout_s = space_.keys.limits.time;
  limits.address_space = space_.keys.limits.memory;
  limits.own_group = true;
  limits.cancel_fd = options_.interrupt != nullptr ? options_.interrupt->kill_fd() : -1;
  json entry = {{"event", "start"},
                {"key", candidate.key},
                {"utc", utc_now()},
                {"host", host_name()},
                {"pid", ::getpid()}};
  store_.log(entry);
  const auto begin = std::chrono::steady_clock::now();
  const ProcessResult process = run_process(command, limits);
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (process.cancelled) {
    fs::remove(config);
    return false;  // no record: it runs again
  }
  const std::string failure = failure_of(process, space_.keys.limits, config.string());
  json result;
  if (failure.empty()) result = json::parse(process.out, nullptr, false);
  if (failure.empty() && result.is_object() && result.contains("metrics")) {
    for (const char* key : {"metrics", "intervals"}) record[key] = result.at(key);
    record["constants"] = store_.keep_constants(result.at("constants"));
    record["amounts"] = result.at("amounts");
    judge(record, candidate, fidelity);
  } else {
    record["status"] = process.status == kRefused ? "refused" : "failed";
    record["reason"] = failure.empty() ? "the worker printed no result" : failure;
    if (record["status"] == "failed") {
      fs::create_directories(store_.folder() / "failed");
      fs::copy_file(config, store_.folder() / "failed" / config.filename(),
                    fs::copy_options::overwrite_existing);
    }
  }
  store_.append(record);
  fs::remove(config);
  entry = {{"event", "end"},
           {"key", candidate.key},
           {"status", record.at("status")},
           {"utc", utc_now()},
           {"wall_s", wall},
           {"cpu_s", process.cpu_s},
           {"peak_bytes", process.peak_bytes}};
  store_.log(entry);
  return true;
}

void Evaluator::run_all(const std::vector<const Candidate*>& missing, Fidelity fidelity) {
  fs::remove_all(scratch_);
  fs::create_directories(scratch_);
  std::atomic<std::uint64_t> done{0};
  std::mutex mutex;
  for_each_parallel(missing.size(), options_.jobs, [&](std::size_t i) {
    if (options_.interrupt != nullptr && options_.interrupt->stops()) return;
    if (!run_one(*missing[i], fidelity)) return;
    ++done;
    if (!options_.progress) return;
    const std::lock_guard<std::mutex> lock(mutex);
    options_.progress(done, missing.size());
  });
  points_run_ += done;
  for (const Candidate* c : missing) attempted_.insert(c->key);
  fs::remove_all(scratch_);
}

std::vector<const json*> Evaluator::evaluate(const std::vector<Candidate>& candidates,
                                             Fidelity fidelity) {
  std::vector<const Candidate*> missing;
  std::set<std::string> keys;
  for (const Candidate& c : candidates) {
    asked_.insert(c.key);
    if (!keys.insert(c.key).second) continue;
    if (is_settled(c.key) || take_from_others(c, fidelity)) {
      ++points_found_;
    } else {
      missing.push_back(&c);
    }
  }
  if (!missing.empty()) run_all(missing, fidelity);
  std::vector<const json*> records;
  for (const Candidate& c : candidates) {
    const json* record = store_.find(c.key);
    if (record == nullptr) throw Interrupted();
    records.push_back(record);
  }
  return records;
}

}  // namespace lutsim::tools::sweep

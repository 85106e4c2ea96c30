// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/support/interrupt.h"
#include "tools/sweep/point.h"
#include "tools/sweep/store.h"

namespace lutsim::tools::sweep {

/// The user asked to stop; what was finished is in the store.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

struct EvaluatorOptions {
  /// The program that runs one point: called with --fidelity, its name and the file of a run, it
  /// prints what run_point() returns and ends with the exit statuses of `lutsim run`.
  std::vector<std::string> worker;
  std::string build;  ///< part of every key (PointKeys)
  unsigned jobs = 1;
  bool retry_failed = false;
  std::vector<std::filesystem::path> reuse;  ///< folders of other sweeps
  const Interrupt* interrupt = nullptr;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

/// A point with what is known about it before it runs.
struct Candidate {
  Point point;
  std::string key;
  std::string refusal;       ///< why its values do not go together; empty: they do
  bool is_excluded = false;  ///< a constraint on parameters says no
};

/// Makes records of points: from the store, from other sweeps, or by running them, each in a
/// process of its own with its limits of time and memory. A point that crashes, hangs or eats
/// memory is a record like any other.
class Evaluator {
 public:
  Evaluator(const SweepSpace& space, Store& store, EvaluatorOptions options);

  Candidate examine(const Point& point, Fidelity fidelity);

  /// The records of the candidates, in their order; each key runs once. Throws Interrupted when a
  /// point was not run because the user asked to stop.
  std::vector<const nlohmann::ordered_json*> evaluate(const std::vector<Candidate>& candidates,
                                                      Fidelity fidelity);

  /// Keys that this session asked for. A folder may hold others: those of a program or of constants
  /// that have changed since.
  const std::set<std::string>& asked() const { return asked_; }
  std::uint64_t points_run() const { return points_run_; }
  std::uint64_t points_found() const { return points_found_; }  ///< in the store or another sweep

 private:
  void run_all(const std::vector<const Candidate*>& missing, Fidelity fidelity);
  /// Whether the point came to an end; otherwise it was killed to stop the sweep.
  bool run_one(const Candidate& candidate, Fidelity fidelity);
  bool is_settled(const std::string& key) const;
  bool take_from_others(const Candidate& candidate, Fidelity fidelity);
  nlohmann::ordered_json record_of(const Candidate& candidate, Fidelity fidelity) const;
  void judge(nlohmann::ordered_json& record, const Candidate& candidate, Fidelity fidelity) const;

  const SweepSpace& space_;
  Store& store_;
  EvaluatorOptions options_;
  PointKeys keys_;
  Records others_;
  std::map<std::string, std::filesystem::path> other_folders_;  ///< by key
  std::filesystem::path scratch_;
  std::set<std::string> asked_;
  std::set<std::string> attempted_;  ///< keys that ran, or should have, in this session
  std::uint64_t points_run_ = 0, points_found_ = 0;
};

}  // namespace lutsim::tools::sweep

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/compare/ranking.h"
#include "tools/run/run_spec.h"

namespace lutsim::tools {

/// A comparison as it was asked for.
struct CompareSpec {
  std::vector<std::string> candidates;  ///< as parse_candidate() takes them
  RunSpec base;                         ///< the workload; the architecture is not used
  bool has_workload = false;            ///< else it is that of the first finished run
  Judgement judgement;
  std::string cost_table = "prices";
  std::vector<std::string> quality_tables = {"published"};
  unsigned jobs = 1;
  std::string program;  ///< lutsim itself, for accelerators that are to be simulated
};

/// The work that every candidate did.
struct ComparedWorkload {
  std::string model;
  std::uint32_t batch = 0;
  std::uint64_t prompt_tokens = 0, cached_tokens = 0, generated_tokens = 0;
};

struct Comparison {
  ComparedWorkload workload;
  Judgement judgement;
  std::vector<Candidate> candidates;
  std::vector<Standing> order;
};

/// Simulates what has to be simulated, each in a process of its own, and ranks. An accelerator that
/// cannot run the workload is a candidate that fails, with its reason. Throws config::InputError
/// for an argument that is wrong, and for runs of other workloads.
Comparison execute_compare(const CompareSpec& spec,
                           const std::function<void(std::uint64_t, std::uint64_t)>& progress);

/// For people: the table, why each one loses, what could change the order.
std::string comparison_report(const Comparison& comparison);
/// "lutsim.comparison/1", docs/compare.md.
nlohmann::ordered_json comparison_json(const Comparison& comparison);

}  // namespace lutsim::tools

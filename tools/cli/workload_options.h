// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "workloads/scenario/workload_spec.h"

namespace lutsim::tools {

/// A workload on the command line; an empty text or optional was not given.
struct WorkloadOptions {
  std::string workload, model, prompt;
  std::optional<std::uint32_t> batch, prompt_tokens, cached_tokens, generate_tokens;
  std::optional<std::uint32_t> weight_bits, group_size, kv_bits;
  std::optional<double> temperature, top_p, sparsity, expert_skew;
  std::optional<std::uint64_t> expert_seed;
  std::string expert_histogram, method, adapter, task_switch, quality_text;
  std::optional<std::uint32_t> quality_items;

  bool is_given() const { return !workload.empty() || !model.empty(); }
};

/// Declares the options on a subcommand. `options` must live as long as it.
void add_workload_options(CLI::App& command, WorkloadOptions& options);

/// The file, if there is one, with the options on top. A shape without a prompt decodes one token
/// after a cached context. `command` stands for the command line in messages. Throws
/// config::InputError when nothing says what to run.
workloads::WorkloadSpec workload_of(const WorkloadOptions& options, const std::string& command);

}  // namespace lutsim::tools

// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/workload_options.h"

#include "models/config/diagnostics.h"
#include "models/config/read_yaml.h"
#include "tools/support/choice.h"

namespace lutsim::tools {

namespace {

template <class T, class U>
void take(T& target, const std::optional<U>& given) {
  if (given) target = *given;
}

}  // namespace

void add_workload_options(CLI::App& c, WorkloadOptions& o) {
  c.add_option("--workload", o.workload, "workload file");
  c.add_option("--model", o.model, "embedded model, checkpoint file, or name of a shape");
  c.add_option("--batch", o.batch, "sequences that run together");
  c.add_option("--prompt", o.prompt, "text that starts the sequence (checkpoints)");
  c.add_option("--prompt-tokens", o.prompt_tokens, "length of the prompt (shapes)");
  c.add_option("--cached-tokens", o.cached_tokens, "tokens that are in the KV cache already");
  c.add_option("--generate-tokens", o.generate_tokens, "tokens to generate");
  c.add_option("--weight-bits", o.weight_bits, "bit-planes of a weight");
  c.add_option("--group-size", o.group_size, "weights along K that share their scales");
  c.add_option("--sparsity", o.sparsity,
               "share of pruned weights, stored through the code of the chip's weight decoders");
  c.add_option("--kv-bits", o.kv_bits, "bits of a cached key or value element: 16, 8, 4");
  c.add_option("--adapter", o.adapter,
               "scales of a task over a quantised checkpoint, from lutsim adapt");
  c.add_option("--quality-text", o.quality_text,
               "text that the checkpoint is scored on as well, in the run's arithmetic");
  c.add_option("--quality-items", o.quality_items, "documents of it to score; 0: all");
  c.add_option("--task-switch", o.task_switch,
               "begin with a switch to another task: " + choices<workloads::TaskSwitch>() +
                   "; --generate-tokens 0: nothing else");
  c.add_option("--method", o.method,
               "quantiser of a checkpoint: " + choices<models::QuantizationMethod>());
  c.add_option("--temperature", o.temperature, "0: most likely token");
  c.add_option("--top-p", o.top_p, "share of the probability that sampling draws from");
  c.add_option("--expert-seed", o.expert_seed, "seed of the draw of experts");
  c.add_option("--expert-skew", o.expert_skew,
               "Zipf exponent of the experts' popularity; 0: all alike");
  c.add_option("--expert-histogram", o.expert_histogram,
               "file of captured counts for each expert: a line for each layer with experts, or "
               "one");
}

workloads::WorkloadSpec workload_of(const WorkloadOptions& o, const std::string& command) {
  workloads::WorkloadSpec w;
  if (!o.workload.empty()) w = config::read_yaml<workloads::WorkloadSpec>(o.workload);
  if (!o.model.empty()) w.model = o.model;
  if (w.model.empty() && w.trace.empty()) {
    throw config::InputError(command, "neither --model nor --workload says what to run",
                             "try --model kjv-1m, or --list for the names that there are");
  }
  if (!o.prompt.empty()) w.prompt = o.prompt;
  take(w.batch, o.batch);
  take(w.prompt_tokens, o.prompt_tokens);
  take(w.cached_tokens, o.cached_tokens);
  take(w.generate_tokens, o.generate_tokens);
  take(w.weight_bits, o.weight_bits);
  take(w.group_size, o.group_size);
  take(w.sparsity, o.sparsity);
  take(w.kv_bits, o.kv_bits);
  take(w.temperature, o.temperature);
  take(w.top_p, o.top_p);
  take(w.expert_seed, o.expert_seed);
  take(w.expert_skew, o.expert_skew);
  if (!o.expert_histogram.empty()) w.expert_histogram = o.expert_histogram;
  if (!o.method.empty()) w.method = choice<models::QuantizationMethod>("--method", o.method);
  if (!o.adapter.empty()) w.adapter = o.adapter;
  if (!o.quality_text.empty()) w.quality_text = o.quality_text;
  take(w.quality_items, o.quality_items);
  if (!o.task_switch.empty())
    w.task_switch = choice<workloads::TaskSwitch>("--task-switch", o.task_switch);
  return w;
}

}  // namespace lutsim::tools

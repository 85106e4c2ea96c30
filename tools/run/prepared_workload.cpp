// SPDX-License-Identifier: Apache-2.0
#include "tools/run/prepared_workload.h"

#include <algorithm>
#include <filesystem>

#include "models/config/diagnostics.h"
#include "tools/run/load_model.h"
#include "workloads/checkpoint/adapter_file.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::tools {

namespace {

using workloads::WorkloadSpec;

/// Positions that a shape's decode step attends to when the workload says nothing: a short chat.
constexpr std::uint32_t kDefaultContext = 512;

std::uint32_t group_size_of(const WorkloadSpec& workload, const models::ModelShape& shape) {
  return workload.group_size > 0 ? workload.group_size : models::default_group_size(shape);
}

models::QuantizedModel quantized(workloads::Checkpoint& checkpoint, const WorkloadSpec& workload) {
  if (checkpoint.quantized) return std::move(*checkpoint.quantized);
  models::QuantizationRecipe recipe;
  recipe.method = workload.method;
  recipe.weight_bits = workload.weight_bits;
  recipe.group_size = group_size_of(workload, checkpoint.shape());
  return models::quantize(*checkpoint.weights, recipe);
}

workloads::TraceRequest request_of(const WorkloadSpec& workload, const models::ModelShape& shape) {
  workloads::TraceRequest request;
  request.batch = workload.batch;
  request.prompt_tokens = workload.prompt_tokens;
  request.cached_tokens = workload.cached_tokens;
  request.generated_tokens = workload.generate_tokens;
  request.weight_bits = workload.weight_bits;
  request.group_size = group_size_of(workload, shape);
  request.has_offset = models::has_offsets(workload.method);
  request.kv_bits = workload.kv_bits;
  request.routing.seed = workload.expert_seed;
  request.routing.skew = workload.expert_skew;
  if (!workload.expert_histogram.empty()) {
    request.routing.histogram = workloads::read_histogram(workload.expert_histogram);
  }
  return request;
}

PreparedWorkload from_checkpoint(const WorkloadSpec& workload) {
  workloads::Checkpoint checkpoint = load_model(workload.model);
  PreparedWorkload prepared;
  prepared.model_name = workload.model;
  const models::ModelShape shape = checkpoint.shape();
  prepared.model = quantized(checkpoint, workload);
  if (!workload.adapter.empty()) {
    const models::ScaleAdapter adapter = workloads::load_adapter(workload.adapter);
    prepared.model =
        workloads::apply_adapter(workload.adapter, adapter, std::move(*prepared.model));
    prepared.adapter_documents = adapter.documents;
  }
  prepared.coded = std::move(checkpoint.coded);
  prepared.tokenizer = std::move(checkpoint.tokenizer);

  workloads::TraceRequest request = request_of(workload, shape);
  if (!workload.prompt.empty() || (request.prompt_tokens == 0 && request.cached_tokens == 0)) {
    prepared.prompt = prepared.tokenizer.encode(workload.prompt);
    request.prompt_tokens = static_cast<std::uint32_t>(prepared.prompt.size());
  } else {
    // No text: the tokens do not matter for the time, and functional mode gets legal ones.
    prepared.prompt.assign(request.prompt_tokens, workloads::Tokenizer::kBos);
  }
  prepared.trace = workloads::build_trace(shape, request);
  take_weight_formats(prepared.trace, *prepared.model);
  prepared.weight_bits = models::average_weight_bits(*prepared.model);
  prepared.group_size = prepared.model->recipe.group_size;
  return prepared;
}

PreparedWorkload from_shape(const WorkloadSpec& workload) {
  PreparedWorkload prepared;
  if (!workload.adapter.empty()) {
    throw spec::SpecError("adapter = '" + workload.adapter + "': '" + workload.model +
                          "' is a shape without weights; task_switch: scales says what an adapter "
                          "costs");
  }
  const models::ModelShape shape = workloads::find_shape(workload.model);
  prepared.model_name = shape.name;
  if (!workload.prompt.empty()) {
    throw spec::SpecError("prompt = '" + workload.prompt + "': '" + workload.model +
                          "' is a shape without a tokenizer; give prompt_tokens");
  }
  workloads::TraceRequest request = request_of(workload, shape);
  if (request.prompt_tokens == 0 && request.cached_tokens == 0) {
    request.cached_tokens = kDefaultContext - 1;
  }
  const std::uint32_t shortest = models::shortest_reduction(shape);
  if (request.group_size > shortest) {
    throw spec::SpecError("group_size = " + std::to_string(request.group_size) +
                          " is larger than the smallest K = " + std::to_string(shortest) + " of " +
                          shape.name);
  }
  prepared.trace = workloads::build_trace(shape, request);
  prepared.weight_bits = request.weight_bits;
  prepared.group_size = request.group_size;
  return prepared;
}

[[noreturn]] void refuse_name(const std::string& name) {
  std::vector<std::string> known = workloads::embedded_models();
  const auto shapes = workloads::model_spellings();
  known.insert(known.end(), shapes.begin(), shapes.end());
  throw config::InputError(name, "is no embedded model, no checkpoint file and no known shape",
                           config::did_you_mean(name, known));
}

bool is_known(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void take_weight_formats(workloads::OperatorTrace& trace, const models::QuantizedModel& model) {
  const auto matrices = models::matrices_by_name(model);
  for (auto& tensor : trace.tensors) {
    const auto found = matrices.find(tensor.name);
    if (found == matrices.end()) continue;
    const models::BcqMatrix& matrix = *found->second;
    tensor.weight = {matrix.weight_bits, matrix.group_size, matrix.has_offset()};
  }
}

PreparedWorkload prepare_workload(const WorkloadSpec& workload) {
  if (workload.generate_tokens == 0) {
    if (workload.task_switch == workloads::TaskSwitch::none) {
      throw spec::SpecError(
          "generate_tokens = 0: must be at least 1, or task_switch says what to do instead");
    }
    WorkloadSpec with_pass = workload;
    with_pass.generate_tokens = 1;
    PreparedWorkload prepared = prepare_workload(with_pass);
    prepared.trace.generated_tokens = 0;
    return prepared;
  }
  if (!workload.trace.empty()) {
    PreparedWorkload prepared;
    prepared.trace = workloads::read_trace(workload.trace);
    prepared.model_name = prepared.trace.model.name;
    for (const auto& tensor : prepared.trace.tensors) {
      if (tensor.role != workloads::TensorRole::weight || tensor.shape.size() != 2) continue;
      if (prepared.weight_bits == 0) prepared.weight_bits = tensor.weight.weight_bits;
      if (!tensor.weight.is_bcq()) continue;
      prepared.weight_bits = tensor.weight.weight_bits;
      prepared.group_size = tensor.weight.group_size;
      break;
    }
    return prepared;
  }
  const std::string& name = workload.model;
  const bool looks_like_file = std::filesystem::exists(name) || name.find('/') != std::string::npos;
  if (looks_like_file || is_known(workloads::embedded_models(), name)) {
    return from_checkpoint(workload);
  }
  if (!workloads::is_published(name)) refuse_name(name);
  return from_shape(workload);
}

}  // namespace lutsim::tools

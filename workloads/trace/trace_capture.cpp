// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_capture.h"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_cache(const std::string& name) { return ends_with(name, "_cache"); }

OperatorTrace empty_trace(const models::ModelShape& shape, const TraceRequest& request) {
  if (request.batch != 1 || request.cached_tokens != 0) {
    throw spec::SpecError(
        "a capture is of one sequence from its start: batch must be 1, cached_tokens 0");
  }
  OperatorTrace trace;
  trace.model = shape;
  trace.prompt_tokens = request.prompt_tokens;
  trace.generated_tokens = request.generated_tokens;
  return trace;
}

}  // namespace

TraceCapture::TraceCapture(const models::ModelShape& shape, const TraceRequest& request)
    : shape_(shape), request_(request), assembler_(empty_trace(shape, request)) {}

void TraceCapture::on_operator(const models::ExecutedOperator& executed) {
  Operator op;
  op.kind = executed.kind;
  op.name = executed.name;
  op.phase = executed.step == 0 ? Phase::prefill : Phase::decode;
  op.step = executed.step;
  op.layer = executed.layer;
  op.m = executed.m;
  op.n = executed.n;
  op.k = executed.k;
  op.heads = executed.heads;
  op.kv_heads = executed.kv_heads;
  op.head_dim = executed.head_dim;
  op.context = executed.context;
  op.position = executed.position;
  for (const std::string& name : executed.inputs)
    op.inputs.push_back(assembler_.tensor(input_of(name, executed)));
  Tensor output = is_cache(executed.output) ? cache_of(executed.output) : output_tensor(op);
  if (output.name != executed.output) {
    throw std::logic_error(executed.name + " wrote '" + executed.output + "', expected '" +
                           output.name + "'");
  }
  op.outputs = {assembler_.tensor(std::move(output))};
  assembler_.append(std::move(op));
}

Tensor TraceCapture::input_of(const std::string& name,
                              const models::ExecutedOperator& executed) const {
  if (assembler_.contains(name)) return assembler_.trace().tensors[assembler_.id_of(name)];
  if (is_cache(name)) return cache_of(name);
  if (executed.kind == OperatorKind::embedding) {
    return name == embedding_table(shape_).name ? embedding_table(shape_)
                                                : input_tokens(executed.step, executed.m);
  }
  if (executed.kind == OperatorKind::rms_norm) return norm_weight(name, executed.k);
  if (name == lm_head_weight(shape_).name) return lm_head_weight(shape_);
  return decoder_weight(name, executed.k, executed.n,
                        decoder_weight_format(request_, executed.layer));
}

Tensor TraceCapture::cache_of(const std::string& name) const {
  return cache_tensor(name, final_context(request_), shape_.kv_heads, shape_.head_dim,
                      kv_cache_format(request_.kv_bits));
}

}  // namespace lutsim::workloads

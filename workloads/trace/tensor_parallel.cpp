// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/tensor_parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "workloads/trace/trace_assembler.h"
#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

namespace {

/// What the columns of an activation are shared by.
enum class Share { whole, query_heads, kv_heads, hidden, vocabulary };

/// Size of the `index`-th of `parts` nearly equal parts of `total`.
std::uint64_t part_of(std::uint64_t total, std::uint64_t parts, std::uint64_t index) {
  return total / parts + (index < total % parts ? 1 : 0);
}

/// Rewrites the operators of a trace, in order, for one chip.
class ChipTrace {
 public:
  ChipTrace(const OperatorTrace& trace, std::uint32_t chips, std::uint32_t chip)
      : trace_(trace),
        chips_(chips),
        chip_(chip),
        assembler_(header_of(trace)),
        consumer_(trace.tensors.size(), kNone),
        is_table_(trace.tensors.size(), false),
        ids_(trace.tensors.size(), 0),
        is_known_(trace.tensors.size(), false) {
    for (OperatorId id = 0; id < trace.operators.size(); ++id) {
      const Operator& op = trace.operators[id];
      for (const TensorId input : op.inputs) {
        if (consumer_[input] == kNone) consumer_[input] = id;
      }
      if (op.kind == OperatorKind::embedding) is_table_[op.inputs.at(1)] = true;
    }
  }

  OperatorTrace build() {
    for (at_ = 0; at_ < trace_.operators.size(); ++at_) rewrite(trace_.operators[at_]);
    return assembler_.take();
  }

 private:
  static constexpr OperatorId kNone = ~OperatorId{0};

  static OperatorTrace header_of(const OperatorTrace& trace) {
    OperatorTrace header;
    header.model = trace.model;
    header.batch = trace.batch;
    header.cached_tokens = trace.cached_tokens;
    header.prompt_tokens = trace.prompt_tokens;
    header.generated_tokens = trace.generated_tokens;
    return header;
  }

  void rewrite(Operator op) {
    switch (op.kind) {
      case OperatorKind::embedding:
      case OperatorKind::rms_norm:
      case OperatorKind::add:
        return append(op);
      case OperatorKind::matmul:
        return matmul(op);
      case OperatorKind::rope:
        op.heads = heads_of(share_of(op.outputs.at(0)));
        return append(op);
      case OperatorKind::kv_append:
        op.kv_heads = kv_heads(op.kv_heads);
        return append(op);
      case OperatorKind::attention_score:
      case OperatorKind::attention_value:
        op.heads = query_heads(op.heads, op.kv_heads);
        op.kv_heads = kv_heads(op.kv_heads);
        return append(op);
      case OperatorKind::softmax:  // it does not know the KV heads; its scores have their shape
        op.heads = static_cast<std::uint32_t>(shape_of(op.inputs.at(0)).at(1));
        return append(op);
      case OperatorKind::silu_multiply:
        op.n = columns(op.n, Share::hidden, op.name);
        return append(op);
      case OperatorKind::sample:
        return sample(op);
      case OperatorKind::all_reduce:
      case OperatorKind::all_gather:
        throw spec::SpecError(op.name + ": the trace is that of one chip already");
    }
  }

  void matmul(Operator op) {
    const std::uint64_t full_k = op.k;
    const Share input = share_of(op.inputs.at(0));
    if (input == Share::whole) {
      op.n = features(op);
      if (is_table_[op.inputs.at(1)]) {
        // The table that the embedding gathers from lies whole on every chip; the LM head reads its
        // part of it.
        id_of(op.inputs.at(1));
      } else {
        resize(op.inputs.at(1), {op.k, op.n});
      }
      return append(op);
    }
    op.k = shape_of(op.inputs.at(0)).back();
    resize(op.inputs.at(1), {op.k, op.n});
    if (op.k == full_k) return append(op);
    Operator reduce = op;
    reduce.kind = OperatorKind::all_reduce;
    reduce.name = op.name + ".all_reduce";
    reduce.k = 0;
    const TensorId partial = assembler_.tensor(output_tensor(op));
    const TensorId sum = assembler_.tensor(output_tensor(reduce));
    for (TensorId& tensor : op.inputs) tensor = id_of(tensor);
    know(op.outputs.at(0), sum);
    op.outputs = {partial};
    assembler_.append(std::move(op));
    reduce.inputs = {partial};
    reduce.outputs = {sum};
    assembler_.append(std::move(reduce));
  }

  /// Every chip chooses among its part of the vocabulary, then all choose among the candidates.
  void sample(Operator op) {
    constexpr std::uint64_t kCandidate = 2;  // value and index
    Operator local = op;
    local.name = op.name + ".local";
    local.n = shape_of(op.inputs.at(0)).back();
    Operator gather = op;
    gather.kind = OperatorKind::all_gather;
    gather.name = op.name + ".all_gather";
    gather.n = chips_ * kCandidate;
    const auto candidates = [](const Operator& of, std::uint64_t n) {
      return Tensor{activation_name(of.name, of.step),
                    {of.m, n},
                    TensorRole::activation,
                    spec::NumberFormat::fp32,
                    {}};
    };
    const TensorId own = assembler_.tensor(candidates(local, kCandidate));
    const TensorId all = assembler_.tensor(candidates(gather, gather.n));
    local.inputs = {id_of(op.inputs.at(0))};
    local.outputs = {own};
    assembler_.append(std::move(local));
    gather.inputs = {own};
    gather.outputs = {all};
    assembler_.append(std::move(gather));
    op.n = chips_ * kCandidate;
    op.inputs = {all};
    op.outputs = {id_of(op.outputs.at(0))};
    assembler_.append(std::move(op));
  }

  /// Appends `op`, whose sizes are those of the chip, with its tensors.
  void append(Operator op) {
    const TensorId output = op.outputs.at(0);
    Tensor tensor = trace_.tensors[output];
    if (op.kind == OperatorKind::kv_append) {
      tensor.shape.at(1) = std::uint64_t{op.kv_heads} * op.head_dim;
    } else {
      tensor.shape = output_tensor(op).shape;
    }
    for (TensorId& input : op.inputs) input = id_of(input);
    know(output, assembler_.tensor(std::move(tensor)));
    op.outputs = {ids_[output]};
    assembler_.append(std::move(op));
  }

  /// Output features of a matmul whose input is whole.
  std::uint64_t features(const Operator& op) const {
    const Share share = share_of(op.outputs.at(0));
    if (share == Share::whole || share == Share::vocabulary || share == Share::hidden)
      return columns(op.n, share, op.name);
    const Operator& reader = trace_.operators[consumer_[op.outputs.at(0)]];
    return std::uint64_t{heads_of(share)} * reader.head_dim;
  }

  std::uint64_t columns(std::uint64_t n, Share share, const std::string& name) const {
    if (share == Share::whole) return n;
    if (n < chips_) {
      throw spec::SpecError(
          fmt::format("{}: {} features cannot be shared by {} chips", name, n, chips_));
    }
    return share == Share::vocabulary ? spec::ceil_div(n, chips_) : part_of(n, chips_, chip_);
  }

  /// Heads of this chip in the attention that the operator at hand leads to.
  std::uint32_t heads_of(Share share) const {
    const auto next =
        std::find_if(trace_.operators.begin() + at_, trace_.operators.end(),
                     [](const Operator& op) { return op.kind == OperatorKind::attention_score; });
    if (next == trace_.operators.end()) {
      throw spec::SpecError(trace_.operators[at_].name + ": no attention operator follows");
    }
    return share == Share::kv_heads ? kv_heads(next->kv_heads)
                                    : query_heads(next->heads, next->kv_heads);
  }

  std::uint32_t kv_heads(std::uint32_t all) const {
    if (all >= chips_) return static_cast<std::uint32_t>(part_of(all, chips_, chip_));
    if (chips_ % all != 0) {
      throw spec::SpecError(fmt::format(
          "{} KV heads can neither be shared nor repeated evenly on {} chips", all, chips_));
    }
    return 1;
  }
  std::uint32_t query_heads(std::uint32_t all, std::uint32_t all_kv) const {
    const std::uint32_t group = all / all_kv;
    if (all_kv >= chips_) return kv_heads(all_kv) * group;
    const std::uint32_t sharers = chips_ / all_kv;
    if (group < sharers) {
      throw spec::SpecError(fmt::format("{} heads cannot be shared by {} chips", all, chips_));
    }
    return static_cast<std::uint32_t>(part_of(group, sharers, chip_ % sharers));
  }

  Share share_of(TensorId tensor) const {
    const OperatorId reader = consumer_[tensor];
    if (reader == kNone) return Share::whole;
    const Operator& op = trace_.operators[reader];
    switch (op.kind) {
      case OperatorKind::rope:
        return share_of(op.outputs.at(0));
      case OperatorKind::kv_append:
        return Share::kv_heads;
      case OperatorKind::attention_score:
      case OperatorKind::softmax:
      case OperatorKind::attention_value:
        return Share::query_heads;
      case OperatorKind::silu_multiply:
        return Share::hidden;
      case OperatorKind::sample:
        return Share::vocabulary;
      case OperatorKind::matmul: {
        // What a shared operator wrote is shared; what a matmul or a norm wrote is not.
        const Operator* writer = writer_of(tensor, reader);
        if (writer == nullptr) return Share::whole;
        if (writer->kind == OperatorKind::attention_value) return Share::query_heads;
        if (writer->kind == OperatorKind::silu_multiply) return Share::hidden;
        return Share::whole;
      }
      default:
        return Share::whole;
    }
  }
  const Operator* writer_of(TensorId tensor, OperatorId before) const {
    for (const OperatorId id : trace_.operators[before].depends_on) {
      if (trace_.operators[id].outputs.at(0) == tensor) return &trace_.operators[id];
    }
    return nullptr;
  }

  /// Id in the trace of the chip; a tensor that nobody has resized is taken over.
  TensorId id_of(TensorId tensor) {
    if (!is_known_[tensor]) know(tensor, assembler_.tensor(trace_.tensors[tensor]));
    return ids_[tensor];
  }
  /// Shape in the trace of the chip.
  const std::vector<std::uint64_t>& shape_of(TensorId tensor) {
    const TensorId id = id_of(tensor);
    return assembler_.trace().tensors[id].shape;
  }
  void resize(TensorId tensor, std::vector<std::uint64_t> shape) {
    Tensor resized = trace_.tensors[tensor];
    resized.shape = std::move(shape);
    know(tensor, assembler_.tensor(std::move(resized)));
  }
  void know(TensorId tensor, TensorId id) {
    ids_[tensor] = id;
    is_known_[tensor] = true;
  }

  const OperatorTrace& trace_;
  const std::uint32_t chips_, chip_;
  OperatorId at_ = 0;  ///< the operator at hand
  TraceAssembler assembler_;
  std::vector<OperatorId> consumer_;  ///< first operator that reads a tensor
  std::vector<bool> is_table_;        ///< an embedding gathers from the tensor
  std::vector<TensorId> ids_;         ///< in the trace of the chip
  std::vector<bool> is_known_;
};

}  // namespace

OperatorTrace tensor_parallel(const OperatorTrace& trace, std::uint32_t chips, std::uint32_t chip) {
  if (chips == 1) return trace;
  return ChipTrace(trace, chips, chip).build();
}

std::vector<OperatorTrace> chip_traces(const OperatorTrace& trace, std::uint32_t chips,
                                       bool every_chip) {
  std::vector<OperatorTrace> traces;
  for (std::uint32_t chip = 0; chip < chips; ++chip) {
    traces.push_back(tensor_parallel(trace, chips, chip));
  }
  const bool are_equal = std::all_of(traces.begin(), traces.end(), [&](const OperatorTrace& other) {
    return other == traces.front();
  });
  if (are_equal && !every_chip) traces.resize(1);
  return traces;
}

}  // namespace lutsim::workloads

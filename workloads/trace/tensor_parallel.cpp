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
        is_known_(trace.tensors.size(), false),
        is_partial_(trace.tensors.size(), false) {
    for (OperatorId id = 0; id < trace.operators.size(); ++id) {
      const Operator& op = trace.operators[id];
      for (const TensorId input : op.inputs) {
        if (consumer_[input] == kNone) consumer_[input] = id;
      }
      if (op.kind == OperatorKind::embedding) is_table_[op.inputs.at(1)] = true;
      if (op.kind == OperatorKind::attention_score) attention_ = &op;
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
    if (models::is_activation_function(op.kind)) {
      op.n = shared(op.n, Share::hidden);
      return append(op);
    }
    switch (op.kind) {
      case OperatorKind::embedding:
      case OperatorKind::position_add:
      case OperatorKind::route:
      case OperatorKind::add:
        return append(op);
      case OperatorKind::rms_norm:
      case OperatorKind::layer_norm:  // of heads, if its rows are shared
        op.m = shared(op.m, share_of(op.outputs.at(0)));
        return append(op);
      case OperatorKind::matmul:
        return is_by_head(op) ? matmul_by_head(op) : matmul(op);
      case OperatorKind::bias_add:
        return bias_add(op);
      case OperatorKind::rope:
        op.heads = heads(op.heads, share_of(op.outputs.at(0)));
        return append(op);
      case OperatorKind::kv_append:
        op.kv_heads = heads(op.kv_heads, Share::kv_heads);
        return append(op);
      case OperatorKind::attention_score:
      case OperatorKind::attention_value:
        op.kv_heads = heads(op.kv_heads, Share::kv_heads);
        op.heads = heads(op.heads, Share::query_heads);
        return append(op);
      case OperatorKind::alibi:
      case OperatorKind::softmax:
        op.heads = heads(op.heads, Share::query_heads);
        if (op.inputs.size() > 1) resize(op.inputs.at(1), {op.heads});  // sinks
        return append(op);
      case OperatorKind::combine:
        return is_partial_[op.inputs.at(0)] ? append_and_reduce(op) : append(op);
      case OperatorKind::sample:
        return sample(op);
      default:
        throw spec::SpecError(op.name + ": the trace is that of one chip already");
    }
  }

  /// Matrices side by side, one for each head of a latent attention; the rows lie head by head.
  static bool is_by_head(const Operator& op) {
    return op.kind == OperatorKind::matmul && !op.groups.empty() && op.inputs.size() == 2;
  }

  void matmul_by_head(Operator op) {
    const std::uint32_t part = heads(op.groups.front().count, Share::query_heads);
    op.m = op.m / op.groups.front().count * part;
    op.groups.front().count = part;
    resize(op.inputs.at(1), {op.k, part * op.n});
    append(op);
  }

  void matmul(Operator op) {
    const std::uint64_t matrices = trace_.tensors[op.inputs.at(1)].shape.at(1) / op.n;
    const std::uint64_t full_k = op.k;
    const Share input = share_of(op.inputs.at(0));
    if (input == Share::whole) {
      op.n = shared(op.n, share_of(op.outputs.at(0)));
    } else {
      op.k = shared(op.k, input);
    }
    // The table that the embedding gathers from lies whole on every chip; a tied LM head reads its
    // part of it.
    if (!is_table_[op.inputs.at(1)]) resize(op.inputs.at(1), {op.k, matrices * op.n});
    if (op.k == full_k) return append(op);
    // Sums of experts are added up before they are reduced.
    const OperatorId reader = consumer_[op.outputs.at(0)];
    if (reader != kNone && trace_.operators[reader].kind == OperatorKind::combine) {
      is_partial_[op.outputs.at(0)] = true;
      return append(op);
    }
    append_and_reduce(op);
  }

  void bias_add(Operator op) {
    const std::uint64_t vectors = trace_.tensors[op.inputs.at(1)].shape.at(0) / op.n;
    op.n = shared(op.n, share_of(op.outputs.at(0)));
    resize(op.inputs.at(1), {vectors * op.n});
    append(op);
  }

  /// The operator gives a part of each sum.
  void append_and_reduce(Operator op) {
    Operator reduce = op;
    reduce.kind = OperatorKind::all_reduce;
    reduce.name = op.name + ".all_reduce";
    reduce.k = 0;
    reduce.groups.clear();
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

  /// This chip's part of a size that is shared; all sizes that are shared by heads are multiples of
  /// their number.
  std::uint64_t shared(std::uint64_t size, Share share) const {
    switch (share) {
      case Share::whole:
        return size;
      case Share::query_heads:
        return size / attention().heads * heads(attention().heads, share);
      case Share::kv_heads:
        return size / attention().kv_heads * heads(attention().kv_heads, share);
      case Share::hidden:
      case Share::vocabulary:
        break;
    }
    if (size < chips_) {
      throw spec::SpecError(fmt::format("{}: {} features cannot be shared by {} chips",
                                        trace_.operators[at_].name, size, chips_));
    }
    return share == Share::vocabulary ? spec::ceil_div(size, chips_) : part_of(size, chips_, chip_);
  }

  /// This chip's part of so many heads: all of a model, of one kind.
  std::uint32_t heads(std::uint32_t all, Share share) const {
    const std::uint32_t all_kv = attention().kv_heads;
    if (all_kv >= chips_)
      return static_cast<std::uint32_t>(part_of(all_kv, chips_, chip_)) * (all / all_kv);
    if (chips_ % all_kv != 0) {
      throw spec::SpecError(fmt::format(
          "{} KV heads can neither be shared nor repeated evenly on {} chips", all_kv, chips_));
    }
    if (share == Share::kv_heads) return 1;
    const std::uint32_t group = all / all_kv;
    const std::uint32_t sharers = chips_ / all_kv;
    if (group < sharers) {
      throw spec::SpecError(fmt::format("{} heads cannot be shared by {} chips", all, chips_));
    }
    return static_cast<std::uint32_t>(part_of(group, sharers, chip_ % sharers));
  }

  /// Any attention operator: all layers have the same heads.
  const Operator& attention() const {
    if (attention_ == nullptr) {
      throw spec::SpecError(trace_.operators[at_].name + ": the trace has no attention operator");
    }
    return *attention_;
  }

  Share share_of(TensorId tensor) const {
    const OperatorId reader = consumer_[tensor];
    if (reader == kNone) return Share::whole;
    const Operator& op = trace_.operators[reader];
    if (models::is_activation_function(op.kind)) return Share::hidden;
    switch (op.kind) {
      case OperatorKind::rms_norm:
      case OperatorKind::layer_norm:
      case OperatorKind::bias_add:
      case OperatorKind::rope:
        return share_of(op.outputs.at(0));
      case OperatorKind::kv_append:
        return Share::kv_heads;
      case OperatorKind::attention_score:
      case OperatorKind::alibi:
      case OperatorKind::softmax:
      case OperatorKind::attention_value:
        return Share::query_heads;
      case OperatorKind::sample:
        return Share::vocabulary;
      case OperatorKind::matmul: {
        if (is_by_head(op)) return Share::query_heads;
        // What a shared operator wrote is shared; what a matmul or a norm wrote is not.
        const Operator* writer = writer_of(tensor, reader);
        if (writer == nullptr) return Share::whole;
        if (writer->kind == OperatorKind::attention_value || is_by_head(*writer)) {
          return Share::query_heads;
        }
        return models::is_activation_function(writer->kind) ? Share::hidden : Share::whole;
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
  std::vector<bool> is_partial_;  ///< its sums are still to be added up over the chips
  const Operator* attention_ = nullptr;
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

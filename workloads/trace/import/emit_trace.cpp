// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/emit_trace.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "workloads/trace/import/activation_pool.h"
#include "workloads/trace/trace_assembler.h"
#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

namespace {

using K = OperatorKind;

class Emitter {
 public:
  Emitter(const SourceTrace& source, const std::vector<const WorkItem*>& items,
          const ImportRequest& request, OperatorTrace head, std::vector<ItemPlace> places)
      : source_(source),
        items_(items),
        request_(request),
        places_(std::move(places)),
        assembler_(std::move(head)),
        pool_(assembler_) {}

  OperatorTrace emit() {
    for (at_ = 0; at_ < items_.size(); ++at_) {
      pool_.begin_item(source_, *items_[at_]);
      if (items_[at_]->mapped) item(*items_[at_]->mapped);
      pool_.end_item();
    }
    OperatorTrace trace = assembler_.take();
    pool_.add_dependencies(trace);
    return trace;
  }

 private:
  bool is_decode() const { return decode_steps_.count(places_[at_].step) > 0; }

 public:
  /// Passes of one row for each sequence.
  void set_decode(std::set<std::uint32_t> steps) { decode_steps_ = std::move(steps); }

 private:
  void item(const MappedOperator& op) {
    switch (op.kind) {
      case K::matmul:
        return matmul(op);
      case K::attention_score:
        return attention(op);
      case K::rope:
        rope(op, op.heads);
        if (op.kv_heads > 0) rope(op, op.kv_heads);
        return;
      case K::kv_append:
        return append_cache(op, op.m, 0);
      case K::rms_norm:
      case K::layer_norm:
        return norm(op);
      case K::embedding:
        return embedding(op);
      case K::add:
        return row_wise(op, {pool_.latest(op.m * op.n), pool_.residual(op.m * op.n)});
      default:
        return activation(op);
    }
  }

  /// Sizes that every operator has; `label` names it.
  Operator begin(const MappedOperator& op, K kind, const std::string& label) {
    Operator o;
    o.kind = kind;
    o.step = places_[at_].step;
    o.phase = is_decode() ? Phase::decode : Phase::prefill;
    o.m = op.m;
    const int layer = places_[at_].layer;
    o.layer = layer < 0 ? 0 : static_cast<std::uint32_t>(layer);
    o.batch = op.m % assembler_.trace().batch == 0 ? assembler_.trace().batch : 1;
    const std::string base = layer < 0 ? label : "layers." + std::to_string(layer) + "." + label;
    const unsigned count = ++names_[std::to_string(o.step) + "/" + base];
    o.name = count == 1 ? base : base + "_" + std::to_string(count);
    return o;
  }

  void finish(Operator o, std::vector<TensorId> inputs, spec::NumberFormat format) {
    Tensor output = output_tensor(o);
    output.format = format;
    if (o.kind == K::sample) output.format = spec::NumberFormat::int32;
    const TensorId id = assembler_.tensor(std::move(output));
    o.inputs = std::move(inputs);
    o.outputs = {id};
    const bool starts_residual = o.kind == K::add || o.kind == K::embedding;
    pool_.wrote(assembler_.append(std::move(o)), id, starts_residual);
  }

  TensorId weight(const std::string& name, std::vector<std::uint64_t> shape,
                  spec::NumberFormat format, WeightFormat stored) {
    Tensor tensor{name, std::move(shape), TensorRole::weight, format, stored};
    // Passes of different shapes have weights of their own.
    if (assembler_.contains(name) &&
        !(assembler_.trace().tensors[assembler_.id_of(name)] == tensor)) {
      tensor.name += '@' + std::to_string(places_[at_].step);
    }
    return assembler_.tensor(std::move(tensor));
  }
  TensorId plain_weight(const std::string& name, std::vector<std::uint64_t> shape,
                        spec::NumberFormat format) {
    return weight(name, std::move(shape), format, {spec::width_bits(format), 0, false});
  }

  void matmul(const MappedOperator& op) {
    const bool is_head = places_[at_].layer < 0 && op.groups == 1 && op.k > 1;
    std::string label = is_head ? "lm_head" : op.groups > 1 ? "batched_matmul" : "matmul";
    const auto& name_argument = source_.operators[items_[at_]->sources.front()];
    if (source_.format == "scalesim") label = name_argument.inputs.back().scalar;
    const TensorId x = pool_.matmul_input(op.m, op.k);
    for (const std::uint64_t n : parts_of(op)) {
      Operator o = begin(op, K::matmul, label);
      o.n = n;
      o.k = op.k;
      const bool is_bcq = request_.weight_bits < 16 && !is_head && op.groups == 1;
      const WeightFormat stored =
          is_bcq ? WeightFormat{request_.weight_bits, request_.group_size, true}
                 : WeightFormat{spec::width_bits(op.format), 0, false};
      const TensorId w = weight(o.name + ".weight", {op.k, op.groups * n},
                                is_bcq ? spec::NumberFormat::fp16 : op.format, stored);
      if (op.groups > 1) {
        o.batch = 1;
        o.groups = {{0, static_cast<std::uint32_t>(op.groups), op.m / op.groups}};
      }
      const std::string name = o.name;
      finish(std::move(o), {x, w}, op.format);
      if (op.has_bias) bias(op, name, n);
    }
  }

  /// Columns of the matrices that a packed consumer takes apart; else n.
  std::vector<std::uint64_t> parts_of(const MappedOperator& op) const {
    for (std::size_t i = at_ + 1; i < items_.size() && op.groups == 1; ++i) {
      if (!items_[i]->mapped) continue;
      const MappedOperator& next = *items_[i]->mapped;
      if (next.kind == K::matmul) break;
      if (!next.is_packed || next.m != op.m) continue;
      if (next.kind == K::rope) {
        const std::uint64_t q = std::uint64_t{next.heads} * next.head_dim,
                            kv = std::uint64_t{next.kv_heads} * next.head_dim;
        if (op.n == q + 2 * kv) return {q, kv, kv};
      } else if (op.n == 2 * next.n) {
        return {next.n, next.n};
      }
    }
    return {op.n};
  }

  void bias(const MappedOperator& op, const std::string& matmul_name, std::uint64_t n) {
    const TensorId x = pool_.latest(op.m * n);
    Operator o = begin(op, K::bias_add, "bias");
    o.n = n;
    const TensorId b = plain_weight(matmul_name + ".bias", {n}, op.format);
    finish(std::move(o), {x, b}, op.format);
  }

  TensorId cache(const std::string& which, std::uint32_t kv_heads, std::uint32_t head_dim,
                 spec::NumberFormat format) {
    const std::uint64_t rows = std::uint64_t{assembler_.trace().batch} * longest_context();
    return assembler_.tensor(
        cache_tensor("layers." + std::to_string(std::max(0, places_[at_].layer)) + "." + which,
                     rows, kv_heads, head_dim, format));
  }
  std::uint64_t longest_context() const {
    std::uint64_t longest = 1;
    for (const WorkItem* item : items_) {
      if (item->mapped) longest = std::max(longest, item->mapped->context);
    }
    return longest;
  }

  void append_one(const MappedOperator& op, const std::string& which, TensorId x,
                  std::uint64_t context) {
    Operator o = begin(op, K::kv_append, "kv_append_" + which);
    o.kv_heads = op.kv_heads;
    o.head_dim = op.head_dim;
    o.context = context;
    o.position = context - o.rows();
    const TensorId c = cache(which + "_cache", op.kv_heads, op.head_dim, op.format);
    o.inputs = {x};
    o.outputs = {c};
    pool_.wrote_cache(assembler_.append(std::move(o)), c);
  }

  /// Keys and values of the new rows. `context` 0: that of the attention that follows.
  void append_cache(const MappedOperator& op, std::uint64_t rows, std::uint64_t context) {
    if (context == 0) {
      for (std::size_t i = at_; i < items_.size() && context == 0; ++i) {
        if (items_[i]->mapped && items_[i]->mapped->kind == K::attention_score) {
          context = items_[i]->mapped->context;
        }
      }
      if (context == 0) context = std::max<std::uint64_t>(1, rows / assembler_.trace().batch);
    }
    const std::uint64_t elements = op.m * op.kv_heads * op.head_dim;
    const auto [key, value] = pool_.key_and_value(elements);
    append_one(op, "k", key, context);
    append_one(op, "v", value, context);
    appended_ = {places_[at_].step, places_[at_].layer};
  }

  void attention(const MappedOperator& op) {
    const std::uint64_t dim = std::uint64_t{op.heads} * op.head_dim;
    const TensorId query = pool_.query(op.m * dim);
    const std::pair<std::uint32_t, int> here{places_[at_].step, places_[at_].layer};
    if (appended_ != here) append_cache(op, op.m, op.context);
    const auto sized = [&](K kind, const char* label) {
      Operator o = begin(op, kind, label);
      o.batch = op.sequences;
      o.heads = op.heads;
      o.context = op.context;
      o.position = op.context - op.m / op.sequences;
      if (kind != K::softmax) {
        o.kv_heads = op.kv_heads;
        o.head_dim = op.head_dim;
      }
      return o;
    };
    const TensorId k = cache("k_cache", op.kv_heads, op.head_dim, op.format),
                   v = cache("v_cache", op.kv_heads, op.head_dim, op.format);
    // Scores stay on chip, in the precision of the accumulators.
    finish(sized(K::attention_score, "attention.score"), {query, k}, spec::NumberFormat::fp32);
    const TensorId scores = pool_.last();
    finish(sized(K::softmax, "attention.softmax"), {scores}, spec::NumberFormat::fp32);
    const TensorId weights = pool_.last();
    finish(sized(K::attention_value, "attention.value"), {weights, v}, op.format);
  }

  void rope(const MappedOperator& op, std::uint32_t heads) {
    const TensorId x = pool_.oldest_unread(op.m * heads * op.head_dim);
    Operator o = begin(op, K::rope, "rope");
    o.heads = heads;
    o.head_dim = op.head_dim;
    finish(std::move(o), {x}, op.format);
  }

  void norm(const MappedOperator& op) {
    TensorId x = pool_.latest(op.m * op.k);
    if (op.has_residual) {
      Operator sum = begin(op, K::add, "add");
      sum.n = op.k;
      finish(std::move(sum), {x, pool_.residual(op.m * op.k)}, op.format);
      x = pool_.last();
    }
    Operator o = begin(op, op.kind, op.label);
    o.k = op.k;
    std::vector<TensorId> inputs{x, plain_weight(o.name + ".weight", {op.k}, op.format)};
    if (op.kind == K::layer_norm) {
      inputs.push_back(plain_weight(o.name + ".bias", {op.k}, op.format));
    }
    finish(std::move(o), inputs, op.format);
  }

  void embedding(const MappedOperator& op) {
    Operator o = begin(op, K::embedding, "embedding");
    o.n = op.n;
    const TensorId tokens = assembler_.tensor({o.name + ".tokens@" + std::to_string(o.step),
                                               {op.m},
                                               TensorRole::token,
                                               spec::NumberFormat::int32,
                                               {}});
    const TensorId table = plain_weight(o.name + ".weight", {op.table_rows, op.n}, op.format);
    finish(std::move(o), {tokens, table}, op.format);
  }

  void activation(const MappedOperator& op) {
    std::vector<TensorId> inputs;
    const bool has_gate = op.kind >= K::relu_multiply && op.kind <= K::clamped_swiglu;
    if (has_gate) inputs.push_back(pool_.oldest_unread(op.m * op.n));
    inputs.push_back(pool_.latest(op.m * op.n));
    row_wise(op, inputs);
  }

  void row_wise(const MappedOperator& op, const std::vector<TensorId>& inputs) {
    Operator o = begin(op, op.kind, op.label);
    o.n = op.n;
    finish(std::move(o), inputs, op.format);
  }

  const SourceTrace& source_;
  const std::vector<const WorkItem*>& items_;
  const ImportRequest& request_;
  std::vector<ItemPlace> places_;
  std::set<std::uint32_t> decode_steps_;
  TraceAssembler assembler_;
  ActivationPool pool_;
  std::size_t at_ = 0;
  std::unordered_map<std::string, unsigned> names_;
  std::pair<std::uint32_t, int> appended_{~0u, -1};  ///< where the cache was written last
};

void check(const ImportRequest& request, const std::vector<const WorkItem*>& items) {
  if (request.weight_bits == 16) return;
  if (request.weight_bits < 1 || request.weight_bits > 8) {
    throw spec::SpecError("weight_bits = " + std::to_string(request.weight_bits) +
                          ": expected 1 to 8, or 16 for weights as captured");
  }
  for (const WorkItem* item : items) {
    if (!item->mapped || item->mapped->kind != K::matmul || item->mapped->groups > 1) continue;
    if (item->mapped->k > 1 && item->mapped->k < request.group_size) {
      throw spec::SpecError("group_size = " + std::to_string(request.group_size) +
                            " is larger than the smallest K = " + std::to_string(item->mapped->k) +
                            " of this trace");
    }
  }
}

std::string file_stem(std::filesystem::path file) {
  for (int i = 0; i < 2 && file.has_extension(); ++i) {
    const auto extension = file.extension();
    if (extension != ".gz" && extension != ".json" && extension != ".et" && extension != ".csv") {
      break;
    }
    file = file.stem();
  }
  return file.filename().string();
}

void note_attention(const std::vector<const WorkItem*>& items, std::vector<std::string>& notes) {
  std::uint64_t full = 0;
  for (const WorkItem* item : items) full += item->mapped && !item->mapped->is_causal;
  if (full == 0) return;
  notes.push_back(std::to_string(full) +
                  " attention operators computed all pairs of queries and keys; the trace has the "
                  "pairs that a causal mask leaves");
}

}  // namespace

OperatorTrace emit_trace(const SourceTrace& source, const std::vector<WorkItem>& all,
                         const ImportRequest& request, std::vector<std::string>& notes) {
  std::vector<const WorkItem*> items;
  bool has_operators = false;
  for (const WorkItem& item : all) {
    if (item.pass != Pass::forward) continue;
    items.push_back(&item);
    has_operators = has_operators || item.mapped;
  }
  if (!has_operators) return {};
  check(request, items);
  std::vector<ItemPlace> places = places_of(items);
  OperatorTrace head;
  head.model = infer_shape(items, places, file_stem(request.file));
  head.generated_tokens = places.back().step + 1;
  std::set<std::uint32_t> decode;
  bool is_first = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i]->mapped || items[i]->mapped->kind != K::attention_score) continue;
    const MappedOperator& op = *items[i]->mapped;
    const auto rows = static_cast<std::uint32_t>(op.m / op.sequences);
    if (rows == 1) decode.insert(places[i].step);
    if (!std::exchange(is_first, false)) continue;
    head.batch = op.sequences;
    head.cached_tokens = static_cast<std::uint32_t>(op.context) - rows;
    head.prompt_tokens = rows == 1 ? 0 : rows;
  }
  if (is_first) notes.push_back("no attention: all operators are one layer of one prefill pass");
  note_attention(items, notes);
  Emitter emitter(source, items, request, std::move(head), std::move(places));
  emitter.set_decode(std::move(decode));
  return emitter.emit();
}

}  // namespace lutsim::workloads

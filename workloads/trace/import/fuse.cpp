// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "workloads/trace/import/work_item.h"

namespace lutsim::workloads {

namespace {

using K = OperatorKind;

/// Finds patterns from one item on. Only items of the forward pass take part.
class Fuser {
 public:
  Fuser(const SourceTrace& trace, std::vector<WorkItem>& items) : trace_(trace), items_(items) {}

  void fuse() {
    std::vector<WorkItem> fused;
    for (at_ = 0; at_ < items_.size();) {
      length_ = 0;
      if (rms_norm() || rotary() || tanh_gelu() || attention()) {
        fused.push_back(joined(at_, length_));
        at_ += length_;
        continue;
      }
      if (gate()) {
        // The matmul between them stays; the product takes the place of the pair.
        for (std::size_t i = at_ + 1; i < at_ + length_ - 1; ++i) fused.push_back(items_[i]);
        WorkItem product = items_[at_ + length_ - 1];
        absorb(product, items_[at_]);
        product.mapped = mapped_;
        fused.push_back(std::move(product));
        at_ += length_;
        continue;
      }
      fused.push_back(items_[at_++]);
    }
    items_ = std::move(fused);
  }

 private:
  const SourceOperator* op(std::size_t i) const {
    if (i >= items_.size() || items_[i].pass != Pass::forward) return nullptr;
    return &trace_.operators[items_[i].sources.front()];
  }
  bool is(std::size_t i, const char* name) const {
    const SourceOperator* o = op(i);
    return o && o->name == name;
  }
  /// The largest tensor among the arguments of item i.
  const SourceArgument* largest(std::size_t i) const {
    const SourceArgument* found = nullptr;
    for (const SourceArgument& a : op(i)->inputs) {
      if (a.is_tensor() && (!found || a.elements() > found->elements())) found = &a;
    }
    return found;
  }

  /// [copy] pow mean add rsqrt mul [copy] mul
  bool rms_norm() {
    std::size_t i = at_;
    if (is(i, "aten::copy_")) ++i;
    const std::size_t pow = i;
    for (const char* name : {"aten::pow", "aten::mean", "aten::add", "aten::rsqrt", "aten::mul"}) {
      if (!is(i++, name)) return false;
    }
    if (is(i, "aten::copy_")) ++i;
    if (!is(i, "aten::mul")) return false;
    const SourceArgument* x = largest(pow);
    const SourceArgument* y = largest(i);
    if (!x || !y || x->shape != y->shape) return false;
    MappedOperator norm = of_kind(K::rms_norm, *y);
    norm.k = x->shape.back();
    norm.m = x->elements() / norm.k;
    norm.bytes = bytes(2 * y->elements() + norm.k, *y);
    return accept(norm, i + 1 - at_);
  }

  /// mul neg cat mul add of [sequences, heads, rows, head_dim]
  bool rotary() {
    std::size_t i = at_;
    for (const char* name : {"aten::mul", "aten::neg", "aten::cat", "aten::mul", "aten::add"}) {
      if (!is(i++, name)) return false;
    }
    const SourceArgument* x = largest(at_);
    if (!x || x->shape.size() != 4) return false;
    MappedOperator rope = of_kind(K::rope, *x);
    rope.heads = static_cast<std::uint32_t>(x->shape[1]);
    rope.head_dim = static_cast<std::uint32_t>(x->shape[3]);
    rope.m = x->shape[0] * x->shape[2];
    rope.bytes = bytes(2 * x->elements(), *x);
    return accept(rope, i - at_);
  }

  /// 0.5 x (1 + tanh(a (x + b x^3))): mul pow mul add mul tanh add mul
  bool tanh_gelu() {
    std::size_t i = at_;
    for (const char* name : {"aten::mul", "aten::pow", "aten::mul", "aten::add", "aten::mul",
                             "aten::tanh", "aten::add", "aten::mul"}) {
      if (!is(i++, name)) return false;
    }
    const SourceArgument* x = largest(at_);
    if (!x) return false;
    MappedOperator gelu = of_kind(K::gelu_tanh, *x);
    gelu.n = x->shape.back();
    gelu.m = x->elements() / gelu.n;
    gelu.bytes = bytes(2 * x->elements(), *x);
    return accept(gelu, i - at_);
  }

  /// An activation, at most one matmul, then a product of equal shapes.
  bool gate() {
    const auto& first = items_[at_].mapped;
    if (!op(at_) || !first) return false;
    const K kind = first->kind == K::silu        ? K::silu_multiply
                   : first->kind == K::gelu      ? K::gelu_multiply
                   : first->kind == K::gelu_tanh ? K::gelu_tanh_multiply
                                                 : K::relu_multiply;
    if (kind == K::relu_multiply && first->kind != K::relu) return false;
    std::size_t product = at_ + 1;
    if (op(product) && items_[product].mapped && items_[product].mapped->kind == K::matmul) {
      ++product;
    }
    if (!is(product, "aten::mul")) return false;
    const auto& inputs = op(product)->inputs;
    if (inputs.size() < 2 || inputs[0].shape != inputs[1].shape || inputs[0].shape.empty() ||
        inputs[0].elements() != first->m * first->n) {
      return false;
    }
    MappedOperator gated = of_kind(kind, inputs[0]);
    gated.m = first->m;
    gated.n = first->n;
    gated.bytes = bytes(3 * inputs[0].elements(), inputs[0]);
    return accept(gated, product + 1 - at_);
  }

  bool is_batched(std::size_t i) const {
    return op(i) && items_[i].mapped && items_[i].mapped->label == "batched_matmul";
  }

  /// [B H, rows, d] [B H, d, context], softmax of [B, H, rows, context], [B H, rows, context]
  /// [B H, context, d], with scaling, masks and copies between them.
  bool attention() {
    constexpr std::size_t kMostBetween = 12;
    if (!is_batched(at_)) return false;
    std::size_t value = at_ + 1;
    const SourceArgument* scores = nullptr;
    for (; value < at_ + kMostBetween && !is_batched(value); ++value) {
      const SourceOperator* o = op(value);
      if (!o || (items_[value].mapped && items_[value].mapped->kind == K::matmul)) return false;
      if (o->name == "aten::softmax" || o->name == "aten::_softmax") scores = largest(value);
    }
    if (!scores || scores->shape.size() != 4 || !is_batched(value)) return false;
    const MappedOperator &qk = *items_[at_].mapped, &pv = *items_[value].mapped;
    if (qk.groups != pv.groups || qk.m != pv.m || qk.n != pv.k || qk.k != pv.n ||
        scores->shape[0] * scores->shape[1] != qk.groups) {
      return false;
    }
    MappedOperator attention = qk;
    attention.kind = K::attention_score;
    attention.label = "attention";
    attention.sequences = static_cast<std::uint32_t>(scores->shape[0]);
    attention.heads = attention.kv_heads = static_cast<std::uint32_t>(scores->shape[1]);
    attention.head_dim = static_cast<std::uint32_t>(qk.k);
    attention.m = qk.m / attention.heads;
    attention.context = qk.n;
    attention.is_causal = attention.m == attention.sequences;
    attention.n = attention.k = 0;
    attention.groups = 1;
    attention.bytes = qk.bytes + pv.bytes + bytes(2 * scores->elements(), *scores);
    return accept(attention, value + 1 - at_);
  }

  static MappedOperator of_kind(K kind, const SourceArgument& typed) {
    MappedOperator mapped;
    mapped.kind = kind;
    mapped.label = spec::to_string_of(kind);
    mapped.format = format_of_type(typed.type);
    return mapped;
  }
  static std::uint64_t bytes(std::uint64_t elements, const SourceArgument& typed) {
    return spec::ceil_div(elements * type_bits(typed.type), 8);
  }
  bool accept(const MappedOperator& mapped, std::size_t length) {
    mapped_ = mapped;
    count_work(mapped_);
    length_ = length;
    return true;
  }

  static void absorb(WorkItem& into, const WorkItem& item) {
    into.sources.insert(into.sources.end(), item.sources.begin(), item.sources.end());
    into.seconds += item.seconds;
    into.kernels += item.kernels;
  }
  WorkItem joined(std::size_t begin, std::size_t length) const {
    WorkItem item = items_[begin];
    for (std::size_t i = begin + 1; i < begin + length; ++i) absorb(item, items_[i]);
    item.is_movement = false;
    item.mapped = mapped_;
    return item;
  }

  const SourceTrace& trace_;
  std::vector<WorkItem>& items_;
  std::size_t at_ = 0, length_ = 0;
  MappedOperator mapped_;
};

}  // namespace

void fuse(const SourceTrace& trace, std::vector<WorkItem>& items) { Fuser(trace, items).fuse(); }

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "workloads/trace/import/emit_trace.h"

namespace lutsim::workloads {

namespace {

using K = OperatorKind;

bool is_weight_matmul(const MappedOperator& op) {
  return op.kind == K::matmul && op.groups == 1 && op.k > 1;
}

/// Matmuls of a layer: those between two attentions, or all of a pass with a single one.
std::size_t matmuls_of_layer(const std::vector<const WorkItem*>& items, std::size_t begin,
                             std::size_t end) {
  std::size_t attentions = 0, all = 0, between = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (!items[i]->mapped) continue;
    const MappedOperator& op = *items[i]->mapped;
    if (op.kind == K::attention_score) ++attentions;
    if (!is_weight_matmul(op)) continue;
    ++all;
    if (attentions == 1) ++between;
  }
  return attentions < 2 ? all : between;
}

/// Layers of items begin .. end, which are one pass.
void place_pass(const std::vector<const WorkItem*>& items, std::size_t begin, std::size_t end,
                std::vector<ItemPlace>& places) {
  std::size_t attentions = 0;
  for (std::size_t i = begin; i < end; ++i) {
    attentions += items[i]->mapped && items[i]->mapped->kind == K::attention_score;
  }
  if (attentions == 0) {
    for (std::size_t i = begin; i < end; ++i) places[i].layer = 0;
    return;
  }
  const std::size_t per_layer = std::max<std::size_t>(1, matmuls_of_layer(items, begin, end));
  std::size_t matmul = 0;
  int layer = -1;
  for (std::size_t i = begin; i < end; ++i) {
    if (items[i]->mapped && is_weight_matmul(*items[i]->mapped)) {
      layer = matmul < attentions * per_layer ? static_cast<int>(matmul / per_layer) : -1;
      ++matmul;
    }
    places[i].layer = layer;
  }
  // A norm belongs to the matmul that it feeds, as do rotations and attention.
  int next = -1;
  for (std::size_t i = end; i-- > begin;) {
    if (!items[i]->mapped) continue;
    const MappedOperator& op = *items[i]->mapped;
    if (is_weight_matmul(op)) next = places[i].layer;
    const bool looks_ahead = op.kind == K::rms_norm || op.kind == K::layer_norm ||
                             op.kind == K::rope || op.kind == K::attention_score ||
                             op.kind == K::kv_append;
    if (looks_ahead) places[i].layer = next;
  }
}

}  // namespace

std::vector<ItemPlace> places_of(const std::vector<const WorkItem*>& items) {
  std::vector<ItemPlace> places(items.size());
  std::size_t begin = 0;
  std::uint32_t step = 0;
  bool has_matmul = false;
  // A pass begins with the embedding of its tokens.
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i]->mapped && items[i]->mapped->kind == K::embedding && has_matmul) {
      place_pass(items, begin, i, places);
      begin = i;
      ++step;
      has_matmul = false;
    }
    if (items[i]->mapped) has_matmul = has_matmul || is_weight_matmul(*items[i]->mapped);
    places[i].step = step;
  }
  place_pass(items, begin, items.size(), places);
  return places;
}

models::ModelShape infer_shape(const std::vector<const WorkItem*>& items,
                               const std::vector<ItemPlace>& places, const std::string& name) {
  models::ModelShape shape;
  shape.name = name;
  shape.layers = shape.hidden = shape.heads = shape.kv_heads = shape.ffn = shape.vocab =
      shape.max_context = 1;
  shape.head_dim = 2;
  std::uint64_t widest = 1, longest = 1, norm_width = 0, first_k = 0, table = 0, head = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i]->mapped) continue;
    const MappedOperator& op = *items[i]->mapped;
    shape.layers = std::max(shape.layers, static_cast<std::uint32_t>(places[i].layer + 1));
    if (op.kind == K::attention_score) {
      shape.heads = op.heads;
      shape.kv_heads = op.kv_heads;
      shape.head_dim = std::max<std::uint32_t>(2, op.head_dim);
      longest = std::max(longest, op.context);
    }
    if (op.kind == K::embedding) table = std::max(table, op.table_rows);
    if (op.kind == K::layer_norm) shape.norm = models::NormKind::layer_norm;
    if (op.kind == K::rms_norm || op.kind == K::layer_norm) {
      norm_width = std::max(norm_width, op.k);
    }
    if (!is_weight_matmul(op)) continue;
    if (first_k == 0) first_k = op.k;
    (places[i].layer >= 0 ? widest : head) = std::max(places[i].layer >= 0 ? widest : head, op.n);
  }
  const auto bounded = [](std::uint64_t v, std::uint64_t most) {
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(v, 1, most));
  };
  constexpr std::uint64_t kMostWidth = 1 << 20, kMostRows = 1 << 24;
  shape.hidden = bounded(norm_width > 0 ? norm_width : first_k, kMostWidth);
  shape.ffn = bounded(widest, kMostWidth);
  shape.vocab = bounded(std::max(table, head), kMostRows);
  shape.max_context = bounded(longest, kMostRows);
  return shape;
}

}  // namespace lutsim::workloads

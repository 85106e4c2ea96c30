// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/functional_computation.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/transformer/golden_support.h"

namespace lutsim::sim {

namespace ops = models::ops;
using workloads::OperatorKind;
using workloads::TensorId;
using workloads::TensorRole;

namespace {

/// Everything of a model that a trace calls by name.
struct NamedWeights {
  std::unordered_map<std::string, const models::BcqMatrix*> bcq;
  std::unordered_map<std::string, const models::Fp16Matrix*> plain;
  std::unordered_map<std::string, const std::vector<float>*> norms;

  explicit NamedWeights(const models::QuantizedModel& model)
      : bcq(models::matrices_by_name(model)) {
    plain["embedding.weight"] = &model.embedding;
    plain["lm_head.weight"] = &model.lm_head();
    norms["final_norm.weight"] = &model.final_norm;
    for (std::uint32_t i = 0; i < model.layers.size(); ++i) {
      const std::string prefix = models::layer_prefix(i);
      const auto& layer = model.layers[i];
      norms[prefix + "attention_norm.weight"] = &layer.attention_norm;
      norms[prefix + "ffn_norm.weight"] = &layer.ffn_norm;
    }
  }
};

template <class Map>
auto find_weight(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) {
    throw spec::SpecError("the trace names the weight '" + name + "', the model has none");
  }
  return found->second;
}

/// Columns [begin, begin + count) of the rows of a row-major [rows][width] array.
std::vector<float> columns(const float* x, std::uint64_t rows, std::uint64_t width,
                           std::uint64_t begin, std::uint64_t count) {
  std::vector<float> result(rows * count);
  for (std::uint64_t r = 0; r < rows; ++r) {
    std::copy_n(x + r * width + begin, count, result.data() + r * count);
  }
  return result;
}

/// Writes `part`, row-major, to the rows and columns of `work` in a row-major [..][width] array.
void store_columns(const std::vector<float>& part, const VectorWork& work, std::uint64_t width,
                   std::vector<float>& whole) {
  for (std::uint64_t r = 0; r < work.row_count; ++r) {
    std::copy_n(part.data() + r * work.n_count, work.n_count,
                whole.data() + (work.row_begin + r) * width + work.n_begin);
  }
}

/// Calls visit(index) with the index of the first element of `work` in each of its rows.
template <class Visit>
void for_each_row(const VectorWork& work, std::uint64_t width, const Visit& visit) {
  for (std::uint64_t r = work.row_begin; r < work.row_begin + work.row_count; ++r) {
    visit(r * width + work.n_begin);
  }
}

}  // namespace

FunctionalComputation::FunctionalComputation(const spec::ArchSpec& arch,
                                             const workloads::OperatorTrace& trace,
                                             const models::QuantizedModel& model,
                                             const std::vector<std::uint32_t>& prompt,
                                             const models::SamplingOptions& sampling,
                                             TileExecutor execute_tile)
    : arch_(arch),
      trace_(trace),
      execute_tile_(std::move(execute_tile)),
      sampler_(sampling),
      rope_(model.shape.head_dim, model.shape.rope_base, model.shape.max_context),
      values_(trace.tensors.size()),
      tokens_(trace.tensors.size()) {
  if (trace.batch != 1) {
    throw spec::SpecError("batch = " + std::to_string(trace.batch) +
                          ": functional mode runs one sequence");
  }
  models::require_golden(model.shape);
  models::require_golden(trace.model);
  const NamedWeights weights(model);
  std::vector<bool> is_other_task(trace.tensors.size(), false);
  for (const auto& op : trace.operators) {
    if (op.kind == OperatorKind::weight_update) is_other_task[op.inputs.at(0)] = true;
  }
  for (TensorId id = 0; id < trace.tensors.size(); ++id) {
    const auto& tensor = trace.tensors[id];
    if (tensor.role != TensorRole::weight || is_other_task[id]) continue;
    if (tensor.weight.is_bcq()) {
      bcq_[id] = find_weight(weights.bcq, tensor.name);
    } else if (tensor.shape.size() == 1) {
      norms_[id] = find_weight(weights.norms, tensor.name);
    } else {
      plain_[id] = find_weight(weights.plain, tensor.name);
    }
  }
  const auto first_pass =
      std::find_if(trace.operators.begin(), trace.operators.end(),
                   [](const auto& op) { return op.kind == OperatorKind::embedding; });
  tokens_[first_pass->inputs.at(0)] = prompt;
}

std::vector<float>& FunctionalComputation::output(TensorId tensor) {
  std::vector<float>& values = values_[tensor];
  if (values.empty()) {
    std::uint64_t count = 1;
    for (const std::uint64_t extent : trace_.tensors[tensor].shape) count *= extent;
    values.resize(count, 0.0f);
  }
  return values;
}

std::uint64_t FunctionalComputation::run(workloads::OperatorId id, const MatrixWork& work) {
  const auto& op = trace_.operators[id];
  if (op.kind != OperatorKind::matmul) return attention_product(op, work);
  const models::BcqMatrix* weights = bcq_.at(op.inputs.at(1));
  const std::vector<float>& x = values_[op.inputs.at(0)];
  MatrixTile tile{work, weights, x.data()};
  if (!weights->input_order.empty()) {
    // Only the tile's rows: others may not be there yet.
    const std::uint64_t first = work.m_begin * std::uint64_t{weights->k};
    const std::vector<float> rows =
        models::in_column_order(*weights, x.data() + first, work.m_count);
    ordered_.resize(x.size());
    std::copy(rows.begin(), rows.end(), ordered_.begin() + static_cast<std::ptrdiff_t>(first));
    tile.activations = ordered_.data();
  }
  const TileOutcome outcome = execute_tile_(op, tile);
  if (work.last) {
    std::vector<float>& y = output(op.outputs.at(0));
    for (std::uint64_t row = 0; row < work.m_count; ++row) {
      std::copy_n(outcome.y.data() + row * work.n_count, work.n_count,
                  y.data() + (work.m_begin + row) * op.n + work.n_begin);
    }
  }
  return outcome.cycles;
}

void FunctionalComputation::run(workloads::OperatorId id, const VectorWork& work) {
  const auto& op = trace_.operators[id];
  const TensorId out = op.outputs.at(0);
  const TensorId in = op.inputs.at(0);
  const spec::NumberFormat act = arch_.matrix.act_format;
  const auto rows = static_cast<std::uint32_t>(work.row_count);

  switch (op.kind) {
    case OperatorKind::embedding:
      ops::embedding(*plain_.at(op.inputs.at(1)), tokens_[in].data() + work.row_begin, rows,
                     output(out).data() + work.row_begin * op.n);
      break;
    case OperatorKind::rms_norm:
      ops::rms_norm(act, values_[in].data() + work.row_begin * op.k, rows,
                    static_cast<std::uint32_t>(op.k), norms_.at(op.inputs.at(1))->data(),
                    static_cast<float>(trace_.model.norm_epsilon),
                    output(out).data() + work.row_begin * op.k);
      break;
    case OperatorKind::rope: {
      const std::uint64_t width = std::uint64_t{op.heads} * op.head_dim;
      // The rotated keys are what the cache keeps.
      const spec::NumberFormat format =
          op.heads == trace_.model.heads && op.name.find("rope_q") != std::string::npos
              ? act
              : trace_.tensors[out].format;
      const auto x = columns(values_[in].data() + work.row_begin * width, rows, width, work.n_begin,
                             work.n_count);
      std::vector<float> y(x.size());
      ops::rope(format, rope_, x.data(), rows, work.n_count / op.head_dim,
                static_cast<std::uint32_t>(op.position + work.row_begin), y.data());
      store_columns(y, work, width, output(out));
      break;
    }
    case OperatorKind::kv_append: {
      const std::uint32_t width = op.kv_heads * op.head_dim;
      ops::kv_append(trace_.tensors[out].format, values_[in].data() + work.row_begin * width, rows,
                     op.kv_heads, op.head_dim,
                     output(out).data() + (op.position + work.row_begin) * width);
      if (arch_.attention == spec::AttentionUnit::matrix) {
        // Rows of a sequence are appended in order.
        models::append_kv_groups(values_[in].data() + work.row_begin * width, rows, op.kv_heads,
                                 op.head_dim, spec::width_bits(trace_.tensors[out].format),
                                 groups_[out]);
      }
      break;
    }
    case OperatorKind::attention_score:
      work.step == AttentionStep::whole ? attention_score(op, work) : attention_step(op, work);
      break;
    case OperatorKind::softmax:
      for (std::uint64_t r = work.row_begin; r < work.row_begin + work.row_count; ++r) {
        ops::softmax(values_[in].data() + r * op.context, 1, 1,
                     static_cast<std::uint32_t>(op.context),
                     static_cast<std::uint32_t>(op.position + r % op.m),
                     output(out).data() + r * op.context);
      }
      break;
    case OperatorKind::attention_value:
      work.step == AttentionStep::whole ? attention_value(op, work) : attention_step(op, work);
      break;
    case OperatorKind::silu_multiply:
      for_each_row(work, op.n, [&](std::uint64_t at) {
        ops::silu_multiply(act, values_[in].data() + at, values_[op.inputs.at(1)].data() + at,
                           work.n_count, output(out).data() + at);
      });
      break;
    case OperatorKind::add:
      for_each_row(work, op.n, [&](std::uint64_t at) {
        ops::add(values_[in].data() + at, values_[op.inputs.at(1)].data() + at, work.n_count,
                 output(out).data() + at);
      });
      break;
    case OperatorKind::matmul: {
      // The LM head reads the last rows of its input.
      const std::uint64_t skipped = values_[in].size() / op.k - op.m;
      std::vector<float> y(work.row_count * work.n_count);
      ops::matmul(values_[in].data() + (skipped + work.row_begin) * op.k, rows,
                  *plain_.at(op.inputs.at(1)), work.n_begin, work.n_begin + work.n_count, y.data());
      store_columns(y, work, op.n, output(out));
      break;
    }
    case OperatorKind::all_reduce:
    case OperatorKind::all_gather:
      throw std::logic_error(op.name + ": functional mode runs one chip");
    case OperatorKind::sample:
      if (work.n_begin + work.n_count < op.n) break;  // the best so far
      tokens_[out] = {sampler_.sample(values_[in].data(), static_cast<std::uint32_t>(op.n))};
      generated_.push_back(tokens_[out].front());
      break;
    default:
      throw std::logic_error(op.name + " passed models::require_golden()");
  }
}

void FunctionalComputation::attention_score(const workloads::Operator& op, const VectorWork& work) {
  const std::uint32_t group = op.heads / op.kv_heads;
  const ops::AttentionShape part{group * work.kv_head_count, work.kv_head_count, op.head_dim};
  const std::uint64_t q_dim = std::uint64_t{op.heads} * op.head_dim;
  const std::uint64_t kv_dim = std::uint64_t{op.kv_heads} * op.head_dim;
  const auto q =
      columns(values_[op.inputs.at(0)].data() + work.row_begin * q_dim, work.row_count, q_dim,
              std::uint64_t{work.kv_head_begin} * group * op.head_dim, part.q_dim());
  const auto k =
      columns(values_[op.inputs.at(1)].data() + work.position_begin * kv_dim, work.position_count,
              kv_dim, std::uint64_t{work.kv_head_begin} * op.head_dim, part.kv_dim());
  std::vector<float> scores(part.heads * work.row_count * work.position_count);
  ops::attention_score(part, q.data(), static_cast<std::uint32_t>(work.row_count),
                       static_cast<std::uint32_t>(op.position + work.row_begin), k.data(),
                       static_cast<std::uint32_t>(work.position_begin),
                       static_cast<std::uint32_t>(work.position_begin + work.position_count),
                       scores.data());
  // Positions that no command computes are those that their row may not see.
  std::vector<float>& y = values_[op.outputs.at(0)];
  y.resize(std::uint64_t{op.heads} * op.m * op.context, -std::numeric_limits<float>::infinity());
  for (std::uint64_t head = 0; head < part.heads; ++head) {
    for (std::uint64_t row = 0; row < work.row_count; ++row) {
      const std::uint64_t target =
          ((std::uint64_t{work.kv_head_begin} * group + head) * op.m + work.row_begin + row) *
              op.context +
          work.position_begin;
      std::copy_n(scores.data() + (head * work.row_count + row) * work.position_count,
                  work.position_count, y.data() + target);
    }
  }
}

void FunctionalComputation::attention_value(const workloads::Operator& op, const VectorWork& work) {
  const std::uint32_t group = op.heads / op.kv_heads;
  const ops::AttentionShape part{group * work.kv_head_count, work.kv_head_count, op.head_dim};
  const std::uint64_t q_dim = std::uint64_t{op.heads} * op.head_dim;
  const std::uint64_t kv_dim = std::uint64_t{op.kv_heads} * op.head_dim;
  const std::uint64_t first_column = std::uint64_t{work.kv_head_begin} * group * op.head_dim;

  std::vector<float> p(part.heads * work.row_count * work.position_count);
  for (std::uint64_t head = 0; head < part.heads; ++head) {
    for (std::uint64_t row = 0; row < work.row_count; ++row) {
      const std::uint64_t source =
          ((std::uint64_t{work.kv_head_begin} * group + head) * op.m + work.row_begin + row) *
              op.context +
          work.position_begin;
      std::copy_n(values_[op.inputs.at(0)].data() + source, work.position_count,
                  p.data() + (head * work.row_count + row) * work.position_count);
    }
  }
  const auto v =
      columns(values_[op.inputs.at(1)].data() + work.position_begin * kv_dim, work.position_count,
              kv_dim, std::uint64_t{work.kv_head_begin} * op.head_dim, part.kv_dim());
  // The output holds the FP32 sums until the last positions have been added.
  std::vector<float>& y = output(op.outputs.at(0));
  auto acc =
      columns(y.data() + work.row_begin * q_dim, work.row_count, q_dim, first_column, part.q_dim());
  ops::attention_value(part, p.data(), static_cast<std::uint32_t>(work.row_count),
                       static_cast<std::uint32_t>(op.position + work.row_begin), v.data(),
                       static_cast<std::uint32_t>(work.position_begin),
                       static_cast<std::uint32_t>(work.position_begin + work.position_count),
                       acc.data());
  const bool finished =
      work.position_begin + work.position_count == op.position + work.row_begin + work.row_count;
  if (finished) ops::convert(arch_.matrix.act_format, acc.data(), acc.size(), acc.data());
  for (std::uint64_t row = 0; row < work.row_count; ++row) {
    std::copy_n(acc.data() + row * part.q_dim(), part.q_dim(),
                y.data() + (work.row_begin + row) * q_dim + first_column);
  }
}

}  // namespace lutsim::sim

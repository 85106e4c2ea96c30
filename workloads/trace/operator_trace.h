// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "models/spec/field.h"
#include "models/spec/number_format.h"
#include "models/transformer/model_shape.h"
#include "models/transformer/operator_kind.h"

/// The operator trace: what a model executes, with shapes, formats and dependencies, and nothing
/// about the machine that executes it. File format: docs/trace_format.md.
namespace lutsim::workloads {

using models::OperatorKind;

enum class Phase { prefill, decode };
inline auto enum_names(Phase) {
  return std::array<spec::EnumName<Phase>, 2>{
      {{Phase::prefill, "prefill"}, {Phase::decode, "decode"}}};
}

enum class TensorRole { activation, weight, kv_cache, token };
inline auto enum_names(TensorRole) {
  return std::array<spec::EnumName<TensorRole>, 4>{{{TensorRole::activation, "activation"},
                                                    {TensorRole::weight, "weight"},
                                                    {TensorRole::kv_cache, "kv_cache"},
                                                    {TensorRole::token, "token"}}};
}

/// How pruned bit-planes are stored: fixed-to-fixed, block by block of n_in stored for n_out weight
/// bits, with patches for the bits that come out wrong (docs/units/decoder.md).
struct PlaneCode {
  std::uint32_t n_in = 0;  ///< 0: planes are stored as they are
  std::uint32_t n_out = 0, patch_bits = 0;
  std::uint64_t flips_per_million = 0;   ///< bits that are flipped in a million blocks
  std::uint64_t tokens_per_million = 0;  ///< patch tokens of a million blocks
  std::uint32_t mask_bits = 0;           ///< stored beside the code for each weight: 1 or 0

  bool is_coded() const { return n_in > 0; }
  std::uint64_t blocks(std::uint64_t weight_bits) const {
    return spec::ceil_div(weight_bits, n_out);
  }
  std::uint64_t flips(std::uint64_t blocks) const {
    return spec::ceil_div(blocks * flips_per_million, kMillion);
  }
  /// Bytes of the blocks of a stream of so many weight bits.
  std::uint64_t block_bytes(std::uint64_t weight_bits) const {
    return spec::ceil_div(blocks(weight_bits) * n_in, 8);
  }
  /// Bytes of the mask of so many weights.
  std::uint64_t mask_bytes(std::uint64_t weights) const {
    return spec::ceil_div(weights * mask_bits, 8);
  }
  /// Bytes of the patch tokens of so many blocks.
  std::uint64_t token_bytes(std::uint64_t blocks) const {
    return spec::ceil_div(spec::ceil_div(blocks * tokens_per_million, kMillion) * patch_bits, 8);
  }
  friend bool operator==(const PlaneCode& a, const PlaneCode& b);

  static constexpr std::uint64_t kMillion = 1000000;
  static constexpr auto fields() {
    using S = PlaneCode;
    using spec::field;
    return std::make_tuple(
        field("n_in", &S::n_in, "stored bits of a block"),
        field("n_out", &S::n_out, "weight bits of a block"),
        field("patch_bits", &S::patch_bits, "width of a patch token"),
        field("flips_per_million", &S::flips_per_million, "bits flipped in a million blocks"),
        field("tokens_per_million", &S::tokens_per_million, "patch tokens of a million blocks"),
        field("mask_bits", &S::mask_bits, "bits of a mask for each weight, 0 or 1").maybe());
  }
};

/// How the elements of a weight matrix are stored.
struct WeightFormat {
  std::uint32_t weight_bits = 16;  ///< BCQ bit-planes, or 16/32: plain FP16/FP32
  std::uint32_t group_size = 0;    ///< along K; 0: no groups (plain)
  bool has_offset = true;
  PlaneCode code{};  ///< of pruned planes
  bool is_bcq() const { return group_size > 0; }
  friend bool operator==(const WeightFormat& a, const WeightFormat& b);
};

/// One named tensor. Shapes are row-major, slowest dimension first; a weight is [K,N] by the GEMM
/// letters whatever its checkpoint says; a cache is [batch * context capacity, kv_heads *
/// head_dim], one sequence after the other. An activation is called OPERATOR@STEP after the
/// operator that writes it and its forward pass, for example "layers.3.attention.q@0"
/// (activation_name()).
struct Tensor {
  std::string name;  ///< unique in the trace
  std::vector<std::uint64_t> shape;
  TensorRole role = TensorRole::activation;
  spec::NumberFormat format = spec::NumberFormat::fp16;  ///< element format, ignored when BCQ
  WeightFormat weight;                                   ///< role == weight only
  /// Elements of a cached position that belong to one head and, quantised, share a scale; 0:
  /// all of it. role == kv_cache only; not in files, whose operators say it.
  std::uint64_t kv_head_dim = 0;
  friend bool operator==(const Tensor& a, const Tensor& b);
};

using TensorId = std::uint32_t;    ///< index into OperatorTrace::tensors
using OperatorId = std::uint32_t;  ///< index into OperatorTrace::operators

/// `count` neighbouring groups of a grouped operator with `rows` rows each.
struct GroupRows {
  std::uint32_t first = 0, count = 0;
  std::uint64_t rows = 0;
  friend bool operator==(const GroupRows& a, const GroupRows& b);
};

/// One executed operator. Fields that its kind does not use are 0.
///
/// A grouped operator (`groups` not empty) is one of several weights, side by side in one tensor: a
/// matmul of weights [k, all * n], where group g has the columns from g * n on, a bias_add of [all
/// * n] biases. The m rows lie group by group. Groups are the experts that the router chose, in
/// which case the operator has the router's choice as its third input, or the heads of a latent
/// attention. Weights of groups that are not listed do not move.
struct Operator {
  OperatorKind kind = OperatorKind::add;
  std::string name;  ///< "layers.3.attention.q"
  Phase phase = Phase::decode;
  std::uint32_t request = 0;  ///< index of the request; batched operators name the first
  std::uint32_t step = 0;     ///< forward pass, 0 = prefill, then one per generated token
  std::uint32_t layer = 0;

  std::uint32_t batch = 1;  ///< sequences that the m rows belong to (m = batch * rows each)
  std::uint64_t m = 0, n = 0, k = 0;
  std::uint32_t heads = 0, kv_heads = 0, head_dim = 0;
  std::uint64_t context = 0;      ///< cached positions, from the first that a row attends to on
  std::uint64_t position = 0;     ///< position of the first row in its sequence
  std::uint64_t window = 0;       ///< last positions that a row attends to; 0: all
  std::uint32_t rotary_dim = 0;   ///< elements of a head that are rotated; 0: all
  std::vector<GroupRows> groups;  ///< ascending; their rows add up to m

  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::vector<OperatorId> depends_on;  ///< operators whose outputs this one reads, ascending

  /// The sizes, in the order of the file format. A kind has those for which uses_size() is true.
  static constexpr auto fields() {
    using S = Operator;
    using spec::field;
    return std::make_tuple(
        field("m", &S::m, "rows: tokens of all sequences of the batch"),
        field("n", &S::n, "output features, or elements of a row"),
        field("k", &S::k, "reduction length, elements of a normalised row, or experts of a token"),
        field("heads", &S::heads, "heads that are rotated or attend"),
        field("kv_heads", &S::kv_heads, "key and value heads"),
        field("head_dim", &S::head_dim, "elements of one head"),
        field("context", &S::context, "cached positions, from the first that a row attends to on"),
        field("position", &S::position, "position of the first row in its sequence"),
        field("window", &S::window, "last positions that a row attends to").maybe(),
        field("rotary_dim", &S::rotary_dim, "elements of a head that are rotated").maybe());
  }

  /// Rows of one sequence.
  std::uint64_t rows() const { return m / batch; }
  friend bool operator==(const Operator& a, const Operator& b);
};

/// True when operators of `kind` have the size called `key` in Operator::fields(). Sizes that a
/// kind has are at least 1, but for `position`. An optional one may be absent: 0.
bool uses_size(OperatorKind kind, std::string_view key);

/// Name of the activation that an operator writes in forward pass `step`: "NAME@STEP".
std::string activation_name(const std::string& operator_name, std::uint32_t step);

/// GPU kernels of one kind of operator in a measured execution.
struct MeasuredKind {
  std::string kind;  ///< of operator, "attention", "movement" (copies) or "unknown"
  std::uint64_t kernels = 0;
  double seconds = 0;
  friend bool operator==(const MeasuredKind& a, const MeasuredKind& b);
};

/// What a profiler measured when a GPU executed the operators of a trace.
struct MeasuredTimes {
  std::string source;     ///< format of the profile
  std::string device;     ///< name of the GPU; empty: the profile does not say
  std::string precision;  ///< format of the operands of most multiply-adds
  std::uint64_t kernels = 0;
  double kernel_s = 0;              ///< sum of the kernels' times
  double span_s = 0;                ///< from the begin of the first to the end of the last
  std::vector<MeasuredKind> kinds;  ///< they add up to kernels and kernel_s
  friend bool operator==(const MeasuredTimes& a, const MeasuredTimes& b);
};

/// Trace of one execution. Operators are in a legal order: an operator follows all it depends on.
struct OperatorTrace {
  models::ModelShape model;
  std::uint32_t batch = 1;
  std::uint32_t cached_tokens = 0;  ///< positions of each sequence cached before the trace starts
  std::uint32_t prompt_tokens = 0;  ///< rows of each sequence in the prefill pass; 0: no prefill
  std::uint32_t generated_tokens = 0;
  std::vector<Tensor> tensors;
  std::vector<Operator> operators;
  std::optional<MeasuredTimes> measured;  ///< of an imported profile
  friend bool operator==(const OperatorTrace& a, const OperatorTrace& b);
};

/// Bytes of a tensor as stored in DRAM. BCQ: planes, FP16 alphas and FP32 offsets, each rounded up
/// to whole bytes. KV cache: kv_row_bytes() of every position and head
/// (models/vector/kv_storage.h).
std::uint64_t stored_bytes(const Tensor& tensor);

/// First cached position that row `row` of a sequence attends to. It sees those up to its own,
/// position + row.
constexpr std::uint64_t first_visible(const Operator& op, std::uint64_t row) {
  const std::uint64_t end = op.position + row + 1;
  return op.window == 0 || end <= op.window ? 0 : end - op.window;
}

/// Query-key pairs of one head that an attention operator evaluates under the causal mask and the
/// window, all sequences of the batch together.
std::uint64_t causal_pairs(const Operator& op);

/// Groups of a grouped operator that have rows.
std::uint64_t group_count(const Operator& op);

/// Multiply-add count of one operator (matmul, attention under the causal mask); 0 for the others.
std::uint64_t multiply_adds(const Operator& op);

/// What an operator moves and does, by the shapes of the trace alone. The GPU model and the lower
/// bounds of a run read it. Bytes are in the formats of the trace's tensors.
struct OperatorCost {
  std::uint64_t weight_bytes = 0, kv_bytes = 0, activation_bytes = 0;
  std::uint64_t flops = 0;  ///< 2 per multiply-add, 1 per other elementary operation
};

/// Every tensor is moved once: a weight is read (of the embedding table only the gathered rows),
/// the cached positions that are attended to are read, appended ones written, activations read and
/// written. Precondition: the operator's tensor ids are valid.
OperatorCost cost_of(const OperatorTrace& trace, const Operator& op);

}  // namespace lutsim::workloads

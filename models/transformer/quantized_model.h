// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/spec/field.h"
#include "models/transformer/decoder_matrix.h"
#include "models/transformer/fp16_matrix.h"
#include "models/transformer/model_weights.h"

namespace lutsim::models {

enum class QuantizationMethod {
  rtn,        ///< uniform round to nearest, with offsets
  bcq,        ///< binary-coded, alternating, without offsets
  gptq,       ///< uniform, error-compensated rounding, with offsets; needs calibration text
  flexround,  ///< uniform, learned rounding, with offsets; needs calibration text
  imported,   ///< none: the integers and scales of another program's checkpoint
};

inline auto enum_names(QuantizationMethod) {
  using M = QuantizationMethod;
  return std::array<spec::EnumName<M>, 5>{{{M::rtn, "rtn"},
                                           {M::bcq, "bcq"},
                                           {M::gptq, "gptq"},
                                           {M::flexround, "flexround"},
                                           {M::imported, "imported"}}};
}

/// Uniform methods have offsets, binary-coded ones have none.
constexpr bool has_offsets(QuantizationMethod method) { return method != QuantizationMethod::bcq; }

/// How a model is quantised. Decoder matrices alone are; the embedding and the LM head are FP16 and
/// the norms FP32.
struct QuantizationRecipe {
  QuantizationMethod method = QuantizationMethod::rtn;
  std::uint32_t weight_bits = 4;
  std::uint32_t group_size = 32;
  std::uint32_t rounds = 15;  ///< LUT-GEMM's default, examples/bcq.py
  double sparsity = 0;        ///< of the decoder's matrices, pruned before
  bool weighted = false;
  bool act_order = false;
  double damping = 0.01;  ///< GPTQ's default
  std::uint32_t iterations = 300;
  double learning_rate = 3e-3;  ///< of FlexRound's scripts
  std::uint64_t seed = 1;
  std::vector<std::uint32_t> layer_bits = {};   ///< bits of each layer; empty: weight_bits for all
  std::vector<std::uint64_t> calibration = {};  ///< fingerprint() of every document it saw

  static constexpr auto fields() {
    using S = QuantizationRecipe;
    using spec::field;
    return std::make_tuple(
        field("method", &S::method, "quantiser of the decoder's weight matrices"),
        field("weight_bits", &S::weight_bits, "bit-planes of a weight")
            .in(spec::Unit::bit)
            .range(1, kMaxWeightBits),
        field("group_size", &S::group_size,
              "weights along K that share their scales, at most the shortest row; 0: a whole row")
            .range(0, 1 << 20),
        field("rounds", &S::rounds, "alternating refinements of method bcq").range(0, 1000),
        field("sparsity", &S::sparsity,
              "share of a matrix' weights, the least in magnitude, that were set to 0 before")
            .range(0, 1)
            .maybe(),
        field("weighted", &S::weighted,
              "scales of method bcq fit the weights times their inputs; needs calibration text")
            .maybe(),
        field("act_order", &S::act_order, "method gptq takes the columns of large inputs first")
            .maybe(),
        field("damping", &S::damping,
              "part of the mean of the Hessian's diagonal that method gptq adds to it")
            .range(0, 10)
            .maybe(),
        field("iterations", &S::iterations, "steps of method flexround for each layer")
            .range(0, 1 << 20)
            .maybe(),
        field("learning_rate", &S::learning_rate, "first step size of method flexround")
            .range(0, 1)
            .maybe(),
        field("seed", &S::seed, "seed of the draws of method flexround")
            .range(0, 9007199254740992.0)
            .maybe());
  }

  std::uint32_t bits_of_layer(std::uint32_t layer) const {
    return layer_bits.empty() ? weight_bits : layer_bits.at(layer);
  }
  /// Weights that share their scales in a matrix with rows of `k`.
  std::uint32_t group_of(std::uint32_t k) const { return group_size == 0 ? k : group_size; }
  bool needs_calibration() const {
    return method == QuantizationMethod::gptq || method == QuantizationMethod::flexround ||
           weighted;
  }
};

/// A number that tells documents apart, below 2^53 so that JSON keeps it: FNV-1a of the tokens.
std::uint64_t fingerprint(const std::vector<std::uint32_t>& document);

/// The largest of 128, 64 and 32 that no row of the decoder's matrices is shorter than, else the
/// shortest row. 128 is what LUT-GEMM, GPTQ and AWQ checkpoints use.
std::uint32_t default_group_size(const ModelShape& shape);

/// Weights of one decoder layer as the accelerator holds them.
struct QuantizedLayer {
  std::vector<float> attention_norm;  ///< [hidden]
  BcqMatrix wq, wk, wv, wo;
  std::vector<float> ffn_norm;  ///< [hidden]
  BcqMatrix w_gate, w_up, w_down;
};

/// A model as the accelerator holds it.
struct QuantizedModel {
  ModelShape shape;
  QuantizationRecipe recipe;
  Fp16Matrix embedding;
  std::vector<QuantizedLayer> layers;
  std::vector<float> final_norm;  ///< [hidden]
  Fp16Matrix output;              ///< empty when the embedding is tied

  const Fp16Matrix& lm_head() const { return shape.tied_embedding ? embedding : output; }
};

/// Every decoder matrix under the name that a trace gives it, "layers.0.attention.wq". The model
/// must outlive the result.
std::unordered_map<std::string, const BcqMatrix*> matrices_by_name(const QuantizedModel& model);

/// Rounds every value to FP16, nearest even. Throws spec::SpecError when one is not finite in FP16;
/// `name` is the tensor's.
Fp16Matrix to_fp16(const DenseMatrix& matrix, const char* name);

/// Makes the matrices of layer `index`; its norms are set already.
using LayerQuantizer = std::function<void(std::uint32_t index, QuantizedLayer& layer)>;

/// A model whose layers come from `quantize_layer`, called in order. Throws spec::SpecError for a
/// list of layer bits of another length and for an embedding that FP16 cannot hold.
QuantizedModel quantize_layers(const ModelWeights& weights, const QuantizationRecipe& recipe,
                               const LayerQuantizer& quantize_layer);

/// Quantises without calibration text. Throws spec::SpecError for a recipe that needs it or that
/// the model cannot have: bits or groups out of range, a list of layer bits of another length.
QuantizedModel quantize(const ModelWeights& weights, const QuantizationRecipe& recipe);

/// The weights that a matrix stands for.
DenseMatrix to_dense(const BcqMatrix& matrix);

/// Weights that the quantised model stands for, widened to FP32: what the reference transformer
/// computes from them differs from the exact path by the arithmetic alone.
ModelWeights dequantize(const QuantizedModel& model);

/// Checks a model that came from a file: every matrix has the shape that `shape` asks for and is a
/// valid BCQ matrix, every vector its length. Throws spec::SpecError naming the tensor.
void validate(const QuantizedModel& model);

/// Bit-planes per decoder weight, on average over the model.
double average_weight_bits(const QuantizedModel& model);

}  // namespace lutsim::models

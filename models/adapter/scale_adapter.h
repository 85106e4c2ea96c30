// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "models/spec/field.h"
#include "models/transformer/quantized_model.h"

/// Adapters of a quantised model: its integers stay, a task has scales of its own (PEQA, Kim et
/// al., arXiv:2305.14152). docs/adapters.md.
namespace lutsim::models {

/// New scales of one matrix: for each group and row one FP16 number, the alpha of plane 0. The
/// other alphas and the offset keep their ratio to it, so that weights grow or shrink together
/// about the zero point. Of a uniform matrix that is its step, and every number of the BCQ form
/// stays exact: what was uniform is uniform.
struct ScaleTable {
  std::uint32_t groups = 0;
  std::uint32_t n = 0;
  std::vector<std::uint16_t> alpha;  ///< FP16 bits, [groups][n]
};

/// Scales of the matrices of one decoder layer; matrix_of() finds them.
struct AdapterLayer {
  ScaleTable wq, wk, wv, wo, w_gate, w_up, w_down;
};

/// How an adapter is trained.
struct AdapterRecipe {
  std::uint32_t steps = 100;
  double learning_rate = 0.03;  ///< of the logarithm of a scale; docs/adapters.md says why
  std::uint32_t batch = 4;
  std::uint64_t seed = 1;

  static constexpr auto fields() {
    using S = AdapterRecipe;
    using spec::field;
    return std::make_tuple(
        field("steps", &S::steps, "steps of Adam").range(1, 1 << 20),
        field("learning_rate", &S::learning_rate,
              "first step size, of the logarithm of a scale; falls to 0")
            .range(0, 1),
        field("batch", &S::batch, "sequences of a step").range(1, 1 << 16),
        field("seed", &S::seed, "seed of the order of the sequences").range(0, 9007199254740992.0));
  }
};

/// The scales of a task for one frozen model.
struct ScaleAdapter {
  std::string name;
  std::string base;  ///< base_fingerprint() of the model that it belongs to
  AdapterRecipe recipe;
  std::uint32_t steps_done = 0;          ///< fewer than recipe.steps when training was stopped
  std::vector<std::uint64_t> documents;  ///< fingerprint() of every document that it has seen
  std::vector<AdapterLayer> layers;
};

/// What an adapter leaves alone: shapes, planes and input orders of the decoder's matrices. SHA-256
/// as 64 hexadecimal digits. Adapting a model does not change it.
std::string base_fingerprint(const QuantizedModel& model);

/// The scales of a model as they are: of the base, the adapter that changes nothing.
ScaleTable scales_of(const BcqMatrix& matrix);

/// A magnitude of plane 0's alpha with which no alpha of that row and group overflows FP16, however
/// it is rounded: that of the matrix, or more.
float safe_scale(const BcqMatrix& matrix, std::uint32_t group, std::uint32_t row);

/// Gives `matrix` other scales. A group whose alpha of plane 0 is 0 stays as it is. Throws
/// spec::SpecError for a table of another shape and for an alpha or offset that is not finite; the
/// text begins with `name`.
void set_scales(const ScaleTable& table, const std::string& name, BcqMatrix& matrix);

/// The model of a task: `base` with the scales of the adapter. Planes are moved, not copied, when
/// `base` is given up. Throws spec::SpecError when the adapter belongs to another base or a scale
/// is out of range.
QuantizedModel apply(const ScaleAdapter& adapter, QuantizedModel base);

/// Bytes of all scales of an adapter: 2 for each group and row.
std::uint64_t scale_bytes(const ScaleAdapter& adapter);

}  // namespace lutsim::models

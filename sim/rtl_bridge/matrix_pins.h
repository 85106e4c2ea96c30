// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/spec/matrix_spec.h"

namespace lutsim::rtl {

/// One command of rtl/matrix/matrix_unit.sv: one segment of K for `beats` output beats.
struct MatrixCommand {
  bool lut_broadcast = false;  ///< otherwise weight-stationary
  std::uint32_t beats = 1;     ///< 1..psum_depth
  std::uint32_t planes = 1;    ///< 1..8; at most spec.planes for integer weights
  bool has_offset = false;     ///< bit-serial engines only
  bool first = true;           ///< start from +0
  bool last = true;            ///< emit the partial sums
};

/// The weights of one PE column in the weight-stationary dataflow.
struct MatrixColumn {
  bool last = false;                 ///< of its pass
  std::vector<std::uint32_t> bits;   ///< [column_words], bit (p*lanes_n + n)*mu + t
  std::vector<std::uint32_t> zeros;  ///< [lanes_n], zero points of integer weights
};

/// Pins of a Verilated rtl/matrix/matrix_unit.sv, one clock cycle at a time. Plain C++: no
/// SystemC, a private simulation context each, so any number of units live in one process.
class MatrixPins {
 public:
  /// The unit that was verilated with the parameters of `spec`. Throws spec::SpecError naming the
  /// units that there are if none was.
  static std::unique_ptr<MatrixPins> make(const spec::MatrixSpec& spec);
  virtual ~MatrixPins() = default;

  /// What is offered in a cycle; a null pointer offers nothing. An offer must be repeated until it
  /// is taken.
  struct Offer {
    const MatrixCommand* command = nullptr;
    const std::uint32_t* activations = nullptr;  ///< [lanes_k], bits of act_format
    const MatrixColumn* column = nullptr;
    const std::uint32_t* keys = nullptr;    ///< [key_words], bit (p*lanes_n + n)*lanes_k + k
    const std::uint32_t* scales = nullptr;  ///< [lanes_n*slots], FP32 bits
    bool out_ready = true;
  };

  /// What moved at the clock edge that ended the cycle.
  struct Moved {
    bool command = false;
    bool activations = false;
    bool column = false;
    bool keys = false;
    bool scales = false;
    const std::uint32_t* out =
        nullptr;        ///< [lanes_n], FP32 bits, or null; valid until the next clock
    bool idle = false;  ///< there was nothing in the unit during the cycle
  };

  /// One cycle: offers, settles, and ends with a rising clock edge. Throws std::logic_error when an
  /// assertion of the RTL fails, for example on an illegal command or a withdrawn offer.
  virtual Moved clock(const Offer& offer) = 0;

  /// One cycle of reset: what was in the unit is gone.
  virtual void reset() = 0;

  /// Words of a key beat and of the bits of a column.
  static std::size_t key_words(const spec::MatrixSpec& spec) {
    return spec::ceil_div(spec.one_bit_lanes(), 32);
  }
  static std::size_t column_words(const spec::MatrixSpec& spec) {
    return spec::ceil_div(std::uint64_t{spec.planes} * spec.lanes_n() * spec.mu, 32);
  }
};

/// A configuration that was verilated.
struct BuiltMatrixUnit {
  std::string name;
  spec::MatrixSpec spec;  ///< the parameters that it was elaborated with
  std::unique_ptr<MatrixPins> (*make)();
};

/// All of them. Throws spec::SpecError if one was elaborated with parameters that contradict each
/// other.
const std::vector<BuiltMatrixUnit>& built_matrix_units();

/// The one of that name. Throws spec::SpecError naming those that there are.
const BuiltMatrixUnit& built_matrix_unit(const std::string& name);

}  // namespace lutsim::rtl

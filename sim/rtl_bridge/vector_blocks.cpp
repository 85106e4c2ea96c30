// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/vector_blocks.h"

#include <stdexcept>

#include "Vfunction_unit.h"
#include "Vkv_quantizer_1.h"
#include "Vkv_quantizer_1_kv_quantizer.h"
#include "Vkv_quantizer_4.h"
#include "Vkv_quantizer_4_kv_quantizer.h"
#include "Vnorm_sequencer_1.h"
#include "Vnorm_sequencer_1_norm_sequencer.h"
#include "Vnorm_sequencer_4.h"
#include "Vnorm_sequencer_4_norm_sequencer.h"
#include "Vsoftmax_sequencer_1.h"
#include "Vsoftmax_sequencer_1_softmax_sequencer.h"
#include "Vsoftmax_sequencer_4.h"
#include "Vsoftmax_sequencer_4_softmax_sequencer.h"
#include "models/spec/field.h"
#include "sim/rtl_bridge/beat_stream.h"
#include "sim/rtl_bridge/port_bits.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {
namespace {

/// A clocked block: reset at construction, then cycles of settle() and finish_cycle().
template <class Top>
struct ClockedBlock : VerilatedBlock<Top> {
  ClockedBlock() {
    this->top.rst_ni = 0;
    this->edge();
    this->top.rst_ni = 1;
  }
  /// Evaluates what depends on the inputs of this cycle.
  void settle() {
    this->top.clk_i = 0;
    this->top.eval();
  }
  void finish_cycle() {
    this->top.clk_i = 1;
    this->top.eval();
    if (this->failed()) throw std::logic_error("an assertion of the RTL failed");
  }
};

/// Whether the reader of a block is ready. Every other slow one waits for `valid` before it is: a
/// block that waits for `ready` before it is valid is stuck then.
bool is_ready(const VectorPacing& pacing, std::mt19937_64& random, bool valid) {
  const bool waits_for_valid = pacing.out < 100 && pacing.seed % 2 == 1;
  return random() % 100 < pacing.out && (valid || !waits_for_valid);
}

/// Puts beat `beat` of a row on a port of 32 bits a lane. Lanes past the end of the row, and a beat
/// that is behind it, get a value that must not matter.
template <class Port>
void set_beat(Port& port, std::uint32_t lanes, const std::vector<std::uint32_t>& row,
              std::size_t beat) {
  constexpr std::uint32_t kSignallingNan = 0x7fa00000u;
  for (std::size_t l = 0; l < lanes; ++l) {
    const std::size_t i = beat * lanes + l;
    set_bits(port, 32 * l, 32, i < row.size() ? row[i] : kSignallingNan);
  }
}

/// Appends the lanes of a beat of `width` bits each that belong to a row of `size` elements. Throws
/// std::logic_error if one of the others is not 0.
template <class Port, class Element>
void take_beat(const Port& port, std::uint32_t lanes, std::uint32_t width, std::size_t size,
               std::vector<Element>& row) {
  for (std::size_t l = 0; l < lanes; ++l) {
    const std::uint64_t value = get_bits(port, width * l, width);
    if (row.size() < size) {
      row.push_back(static_cast<Element>(value));
    } else if (value != 0) {
      throw std::logic_error("a lane past the end of the row is not 0");
    }
  }
}

/// The implementation for the verilated number of lanes.
template <class Base, class OneLane, class FourLanes>
std::unique_ptr<Base> for_lanes(std::uint32_t lanes) {
  if (lanes == 1) return std::make_unique<OneLane>();
  if (lanes == 4) return std::make_unique<FourLanes>();
  throw spec::SpecError(std::to_string(lanes) + " lanes were not verilated: rtl/CMakeLists.txt");
}

/// Whether the row behind row `index` is on offer before it ends. Checks run each row twice, in
/// time and late: both ways come before both.
bool next_row_early(std::uint64_t index) { return index / 2 % 2 == 1; }

}  // namespace

struct RtlFunctionUnit::Impl : ClockedBlock<Vfunction_unit> {};
RtlFunctionUnit::RtlFunctionUnit() : impl_(std::make_unique<Impl>()) {}
RtlFunctionUnit::~RtlFunctionUnit() = default;

RtlFunctionUnit::Outcome RtlFunctionUnit::run(const std::vector<Operand>& operands,
                                              const VectorPacing& pacing) {
  Vfunction_unit& top = impl_->top;
  std::mt19937_64 random(pacing.seed);
  BeatSource in(operands.size(), pacing.in);
  Outcome outcome;
  outcome.cycles = run_beats("function_unit", {&in}, operands.size(), [&] {
    top.in_valid_i = in.offer(random);
    if (top.in_valid_i) {
      top.function_i = static_cast<std::uint8_t>(operands[in.index()].function);
      top.x_i = operands[in.index()].x;
    }
    top.out_ready_i = is_ready(pacing, random, top.out_valid_o);
    impl_->settle();
    CycleMoves moves;
    moves.in = in.end_cycle(top.in_ready_o);
    moves.out = top.out_valid_o && top.out_ready_i;
    if (moves.out) outcome.y.push_back(top.y_o);
    impl_->finish_cycle();
    return moves;
  });
  return outcome;
}

// ---- softmax ----------------------------------------------------------------------------------

struct RtlSoftmax::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t max_elements() const = 0;
  virtual RowOutcome run(const std::vector<std::uint32_t>& x, const VectorPacing& pacing) = 0;
};

namespace {

template <class Top, class Elaborated>
struct Softmax : RtlSoftmax::Impl {
  ClockedBlock<Top> block;
  bool command_ahead = false, in_ahead = false;
  std::uint64_t rows = 0;

  std::uint32_t max_elements() const override { return Elaborated::MaxElements; }
  RowOutcome run(const std::vector<std::uint32_t>& x, const VectorPacing& pacing) override {
    Top& top = block.top;
    std::mt19937_64 random(pacing.seed);
    const std::size_t beats = spec::ceil_div(x.size(), Elaborated::Lanes);
    const bool early = next_row_early(rows++);
    BeatSource command(1, pacing.command, &command_ahead, early),
        in(beats, pacing.in, &in_ahead, early);
    top.cmd_elements_i = static_cast<std::uint16_t>(x.size());
    RowOutcome outcome;
    outcome.cycles = run_beats("softmax_sequencer", {&command, &in}, beats, [&] {
      top.cmd_valid_i = command.offer(random);
      top.in_valid_i = in.offer(random);
      if (top.in_valid_i) set_beat(top.in_i, Elaborated::Lanes, x, in.index());
      top.out_ready_i = is_ready(pacing, random, top.out_valid_o);
      block.settle();
      const bool commanded = command.end_cycle(top.cmd_ready_o);
      const bool taken = in.end_cycle(top.in_ready_o);
      const bool out = top.out_valid_o && top.out_ready_i;
      if (out) take_beat(top.out_o, Elaborated::Lanes, 32, x.size(), outcome.y);
      block.finish_cycle();
      return CycleMoves{commanded || taken, out};
    });
    return outcome;
  }
};

}  // namespace

RtlSoftmax::RtlSoftmax(std::uint32_t lanes)
    : impl_(
          for_lanes<Impl, Softmax<Vsoftmax_sequencer_1, Vsoftmax_sequencer_1_softmax_sequencer>,
                    Softmax<Vsoftmax_sequencer_4, Vsoftmax_sequencer_4_softmax_sequencer>>(lanes)) {
}
RtlSoftmax::~RtlSoftmax() = default;
std::uint32_t RtlSoftmax::max_elements() const { return impl_->max_elements(); }
RowOutcome RtlSoftmax::run(const std::vector<std::uint32_t>& x, const VectorPacing& pacing) {
  return impl_->run(x, pacing);
}

// ---- norms ------------------------------------------------------------------------------------

struct RtlNorm::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t max_elements() const = 0;
  virtual RowOutcome run(const NormRow& row, const VectorPacing& pacing) = 0;
};

namespace {

template <class Top, class Elaborated>
struct Norm : RtlNorm::Impl {
  ClockedBlock<Top> block;
  bool command_ahead = false, in_ahead = false, weights_ahead = false;
  std::uint64_t rows = 0;

  std::uint32_t max_elements() const override { return Elaborated::MaxElements; }
  RowOutcome run(const NormRow& row, const VectorPacing& pacing) override {
    Top& top = block.top;
    std::mt19937_64 random(pacing.seed);
    const std::size_t beats = spec::ceil_div(row.x.size(), Elaborated::Lanes);
    const bool early = next_row_early(rows++);
    BeatSource command(1, pacing.command, &command_ahead, early),
        in(beats, pacing.in, &in_ahead, early),
        weights(beats, pacing.weights, &weights_ahead, early);
    top.cmd_elements_i = static_cast<std::uint16_t>(row.x.size());
    top.cmd_layer_norm_i = row.layer_norm;
    top.cmd_reciprocal_i = row.reciprocal;
    top.cmd_epsilon_i = row.epsilon;
    RowOutcome outcome;
    outcome.cycles = run_beats("norm_sequencer", {&command, &in, &weights}, beats, [&] {
      top.cmd_valid_i = command.offer(random);
      top.in_valid_i = in.offer(random);
      if (top.in_valid_i) set_beat(top.in_i, Elaborated::Lanes, row.x, in.index());
      top.weight_valid_i = weights.offer(random);
      if (top.weight_valid_i) {
        set_beat(top.weight_i, Elaborated::Lanes, row.weight, weights.index());
        set_beat(top.bias_i, Elaborated::Lanes, row.bias, weights.index());
      }
      top.out_ready_i = is_ready(pacing, random, top.out_valid_o);
      block.settle();
      const bool commanded = command.end_cycle(top.cmd_ready_o);
      const bool taken = in.end_cycle(top.in_ready_o);
      const bool weighted = weights.end_cycle(top.weight_ready_o);
      const bool out = top.out_valid_o && top.out_ready_i;
      if (out) take_beat(top.out_o, Elaborated::Lanes, 32, row.x.size(), outcome.y);
      block.finish_cycle();
      return CycleMoves{commanded || taken || weighted, out};
    });
    return outcome;
  }
};

}  // namespace

RtlNorm::RtlNorm(std::uint32_t lanes)
    : impl_(for_lanes<Impl, Norm<Vnorm_sequencer_1, Vnorm_sequencer_1_norm_sequencer>,
                      Norm<Vnorm_sequencer_4, Vnorm_sequencer_4_norm_sequencer>>(lanes)) {}
RtlNorm::~RtlNorm() = default;
std::uint32_t RtlNorm::max_elements() const { return impl_->max_elements(); }
RowOutcome RtlNorm::run(const NormRow& row, const VectorPacing& pacing) {
  return impl_->run(row, pacing);
}

// ---- KV quantizer -----------------------------------------------------------------------------

struct RtlKvQuantizer::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t max_elements() const = 0;
  virtual Outcome run(const std::vector<std::uint32_t>& x, std::uint32_t bits,
                      const VectorPacing& pacing) = 0;
};

namespace {

template <class Top, class Elaborated>
struct KvQuantizer : RtlKvQuantizer::Impl {
  ClockedBlock<Top> block;
  bool command_ahead = false, in_ahead = false;
  std::uint64_t rows = 0;

  std::uint32_t max_elements() const override { return Elaborated::MaxElements; }
  RtlKvQuantizer::Outcome run(const std::vector<std::uint32_t>& x, std::uint32_t bits,
                              const VectorPacing& pacing) override {
    Top& top = block.top;
    std::mt19937_64 random(pacing.seed);
    const std::size_t beats = spec::ceil_div(x.size(), Elaborated::Lanes);
    const bool early = next_row_early(rows++);
    BeatSource command(1, pacing.command, &command_ahead, early),
        in(beats, pacing.in, &in_ahead, early);
    top.cmd_elements_i = static_cast<std::uint16_t>(x.size());
    top.cmd_eight_bits_i = bits == 8;
    RtlKvQuantizer::Outcome outcome;
    models::KvGroup& group = outcome.group;
    outcome.cycles = run_beats("kv_quantizer", {&command, &in}, beats, [&] {
      top.cmd_valid_i = command.offer(random);
      top.in_valid_i = in.offer(random);
      if (top.in_valid_i) set_beat(top.in_i, Elaborated::Lanes, x, in.index());
      top.out_ready_i = is_ready(pacing, random, top.out_valid_o);
      block.settle();
      const bool commanded = command.end_cycle(top.cmd_ready_o);
      const bool taken = in.end_cycle(top.in_ready_o);
      const bool out = top.out_valid_o && top.out_ready_i;
      if (out) {
        if (!group.codes.empty() && (group.scale != top.scale_o || group.zero != top.zero_o)) {
          throw std::logic_error("scale or zero point changed within a group");
        }
        group.scale = top.scale_o;
        group.zero = top.zero_o;
        take_beat(top.code_o, Elaborated::Lanes, 8, x.size(), group.codes);
      }
      block.finish_cycle();
      return CycleMoves{commanded || taken, out};
    });
    return outcome;
  }
};

}  // namespace

RtlKvQuantizer::RtlKvQuantizer(std::uint32_t lanes)
    : impl_(for_lanes<Impl, KvQuantizer<Vkv_quantizer_1, Vkv_quantizer_1_kv_quantizer>,
                      KvQuantizer<Vkv_quantizer_4, Vkv_quantizer_4_kv_quantizer>>(lanes)) {}
RtlKvQuantizer::~RtlKvQuantizer() = default;
std::uint32_t RtlKvQuantizer::max_elements() const { return impl_->max_elements(); }
RtlKvQuantizer::Outcome RtlKvQuantizer::run(const std::vector<std::uint32_t>& x, std::uint32_t bits,
                                            const VectorPacing& pacing) {
  return impl_->run(x, bits, pacing);
}

}  // namespace lutsim::rtl

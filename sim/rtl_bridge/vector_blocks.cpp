// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/vector_blocks.h"

#include <stdexcept>

#include "Vfunction_unit.h"
#include "sim/rtl_bridge/beat_stream.h"
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
    top.out_ready_i = random() % 100 < pacing.out;
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

}  // namespace lutsim::rtl

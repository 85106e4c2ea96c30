// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>

#ifdef LUTSIM_RTL_INSTRUMENTED
#include "sim/rtl_bridge/probed_top.h"
#endif

namespace lutsim::rtl {

/// What a block evaluates: the Verilated class, in the instrumented build with its probes.
#ifdef LUTSIM_RTL_INSTRUMENTED
template <class Top>
using TopOf = ProbedTop<Top>;
#else
template <class Top>
using TopOf = Top;
#endif

/// A Verilated top in a simulation context of its own, so that any number live in one process.
template <class Top>
class VerilatedBlock {
 public:
  /// A failed assertion ends no process: failed() tells.
  VerilatedBlock() { context_.fatalOnError(false); }
  ~VerilatedBlock() {
    top.final();
    // Verilator 5.006 takes a model's scopes out of the thread's latest context, whichever that is.
    Verilated::threadContextp(&context_);
  }
  VerilatedBlock(const VerilatedBlock&) = delete;
  VerilatedBlock& operator=(const VerilatedBlock&) = delete;

  /// An assertion of the RTL failed; its message went to standard error.
  bool failed() const { return context_.gotError(); }

  /// A rising edge of clk_i.
  void edge() {
    top.clk_i = 0;
    top.eval();
    top.clk_i = 1;
    top.eval();
  }

 private:
  VerilatedContext context_;

 public:
  TopOf<Top> top{&context_};
};

}  // namespace lutsim::rtl

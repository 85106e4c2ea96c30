// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>
#include <verilated_cov.h>
#include <verilated_fst_c.h>

#include <memory>
#include <string>

#include "sim/rtl_bridge/rtl_probe.h"

namespace lutsim::rtl {

/// A Verilated top of the instrumented build: counts its evaluations, writes the waveform and the
/// coverage that were requested.
template <class Top>
class ProbedTop : public Top {
 public:
  explicit ProbedTop(VerilatedContext* context) : Top(able_to_trace(context)), context_(context) {
    const ProbeRequest& request = probe_request();
    if (request.trace_file.empty() || request.trace_end.block != number_) return;
    waveform_ = std::make_unique<VerilatedFstC>();
    this->trace(waveform_.get(), 99);
    waveform_->open(request.trace_file.c_str());
  }
  ~ProbedTop() override {
    if (waveform_) waveform_->close();
    const std::string& folder = probe_request().coverage_folder;
    if (folder.empty()) return;
    context_->coveragep()->write((folder + "/" + std::to_string(number_) + ".dat").c_str());
  }
  ProbedTop(const ProbedTop&) = delete;
  ProbedTop& operator=(const ProbedTop&) = delete;

  /// Hides the Verilated one, which is not virtual: blocks are evaluated through this type.
  void eval() {
    Top::eval();
    if (waveform_) {
      const ProbeRequest& request = probe_request();
      if (count_ + request.trace_length > request.trace_end.count &&
          count_ <= request.trace_end.count) {
        waveform_->dump(count_);
      }
    }
    note_evaluation({number_, count_++});
  }

 private:
  static VerilatedContext* able_to_trace(VerilatedContext* context) {
    context->traceEverOn(true);
    return context;
  }

  VerilatedContext* context_;
  std::uint32_t number_ = number_block();
  std::uint64_t count_ = 0;
  std::unique_ptr<VerilatedFstC> waveform_;
};

}  // namespace lutsim::rtl

// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/rtl_probe.h"

namespace lutsim::rtl {
namespace {

struct State {
  ProbeRequest request;
  std::uint32_t blocks = 0;
  Evaluation last;
};
State& state() {
  static State only;
  return only;
}

}  // namespace

void request_probe(const ProbeRequest& request) { state().request = request; }
const ProbeRequest& probe_request() { return state().request; }
Evaluation last_evaluation() { return state().last; }
std::uint32_t number_block() { return state().blocks++; }
void note_evaluation(const Evaluation& evaluation) { state().last = evaluation; }

}  // namespace lutsim::rtl

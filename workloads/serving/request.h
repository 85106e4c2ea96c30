// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lutsim::workloads {

/// One request to a served model. Sizes may be zero: an empty prompt costs one row (the start
/// token), a request for nothing fills its cache and ends.
struct Request {
  double arrival_s = 0;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t output_tokens = 0;
  std::uint32_t model = 0;    ///< index of the served model
  std::uint32_t adapter = 0;  ///< scale vectors over the model's frozen integers; 0: its own
  /// Token ids of the prompt, where the trace has them: equal beginnings are cached once.
  std::vector<std::uint32_t> prompt_ids;
  /// Without ids: the first `shared_tokens` of the prompt are those of group `shared_group`.
  std::uint32_t shared_group = 0;
  std::uint32_t shared_tokens = 0;
};

/// Requests in the order of their arrival.
struct RequestTrace {
  std::string name;
  std::string source;  ///< where arrivals and lengths come from
  std::vector<Request> requests;
  bool names_adapters = false;  ///< the file says which; otherwise they are drawn
};

}  // namespace lutsim::workloads

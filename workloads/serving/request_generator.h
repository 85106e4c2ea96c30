// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "models/spec/field.h"
#include "workloads/serving/request.h"

namespace lutsim::workloads {

/// Lengths after a lognormal with the mean and median of published traces.
struct LengthStatistics {
  double mean = 1;
  double median = 1;
  std::uint32_t largest = 1;
};

/// Whose lengths: means, medians and maxima of the Azure LLM inference traces of 2023 (Splitwise,
/// ISCA 2024), 19,366 conversation and 8,819 code requests, and of 300 ShareGPT requests
/// (LLMServingSim 2.0). A lognormal is our choice: it fits two figures, not the tail.
enum class LengthProfile { azure_conv, azure_code, sharegpt };
inline auto enum_names(LengthProfile) {
  return std::array<spec::EnumName<LengthProfile>, 3>{{{LengthProfile::azure_conv, "azure-conv"},
                                                       {LengthProfile::azure_code, "azure-code"},
                                                       {LengthProfile::sharegpt, "sharegpt"}}};
}

LengthStatistics prompt_statistics(LengthProfile profile);
LengthStatistics output_statistics(LengthProfile profile);

struct GeneratorOptions {
  std::uint64_t seed = 1;
  double rate = 1;        ///< requests per second
  double duration_s = 1;  ///< arrivals lie in [0, duration_s)
  /// Coefficient of variation of the gamma-distributed gaps; 1: a Poisson process, more: bursts.
  double burstiness = 1;
  LengthProfile lengths = LengthProfile::azure_conv;
  double shared_share = 0;            ///< of the requests whose prompt begins like that of others
  std::uint32_t shared_groups = 8;    ///< different such beginnings
  std::uint32_t shared_tokens = 512;  ///< their length
  std::uint32_t models = 1;           ///< drawn evenly
  std::uint32_t adapters = 1;         ///< drawn evenly
};

/// The same options give the same requests on every machine. Throws std::invalid_argument for a
/// rate, duration or burstiness that is not above 0, and a share outside 0 to 1.
RequestTrace generate_requests(const GeneratorOptions& options);

/// Draws models, adapters and shared beginnings for requests of a trace that lacks them.
void assign(RequestTrace& trace, const GeneratorOptions& options);

}  // namespace lutsim::workloads

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "tools/figure/figure.h"

namespace lutsim::tools::figure {

Table roofline(const FigureRequest& request, RunStore& runs) {
  using List = std::vector<std::uint32_t>;
  const List batches = request.quick ? List{1, 4} : List{1, 4, 16, 64};
  const List bits = request.weight_bits == 2 ? List{2} : List{request.weight_bits, 2};
  std::vector<RunSpec> specs;
  for (const std::uint32_t b : bits) {
    for (const std::uint32_t batch : batches) {
      specs.push_back(decode_step(request, batch));
      specs.back().workload.weight_bits = b;
    }
    RunSpec prefill = decode_step(request);
    prefill.workload.weight_bits = b;
    prefill.workload.cached_tokens = 0;
    prefill.workload.prompt_tokens = request.quick ? 64 : 512;
    specs.push_back(std::move(prefill));
  }
  Table table({"chip", "model", "weight_bits", "phase", "batch", "prompt_tokens",
               "operations_per_byte", "tera_operations_per_s", "memory_gb_per_s",
               "peak_tera_operations_per_s"});
  const auto results = runs.results(specs);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    const auto& workload = result.at("workload");
    const auto& traffic = result.at("traffic_bytes");
    const double operations = 2 * workload.at("multiply_adds").get<double>();
    const double bytes =
        traffic.at("dram_read").get<double>() + traffic.at("dram_write").get<double>();
    const spec::ArchSpec& arch = specs[i].arch;
    const double weight_bits = workload.at("weight_bits");
    // One multiply-add takes a one-bit lane for as many cycles as the weight has planes.
    const double peak = 2.0 * static_cast<double>(arch.matrix.one_bit_lanes()) * arch.clock *
                        arch.system.chips / weight_bits;
    const auto prompt = workload.at("prompt_tokens").get<std::uint64_t>();
    table.add({arch.name, workload.at("model").get<std::string>(), weight_bits,
               prompt > 0 ? "prefill" : "decode", workload.at("batch").get<std::uint64_t>(), prompt,
               operations / bytes, result.at("throughput").at("tops").get<double>(),
               result.at("dram").at("peak_bytes_per_s").get<double>() / 1e9, peak / 1e12});
  }
  return table;
}

}  // namespace lutsim::tools::figure

// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/transformer/quantized_model.h"
#include "tools/figure/figure.h"
#include "tools/figure/result_values.h"
#include "workloads/llm/shape_library.h"
#include "workloads/serving/accelerator_server.h"

namespace lutsim::tools::figure {

namespace {

/// Positions of all sequences that the chip's DRAM has room for beside the weights.
std::uint64_t cache_positions(const RunSpec& run, const models::ModelShape& shape) {
  workloads::AcceleratorOptions o;
  o.arch = run.arch;
  o.memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, run.arch.memory.standard, "memory"));
  o.page_tokens = 1;
  workloads::AcceleratorModel model;
  model.shape = shape;
  model.formats.weight_bits = run.workload.weight_bits;
  model.formats.group_size = models::default_group_size(shape);
  model.formats.kv_bits = run.workload.kv_bits;
  o.models.push_back(std::move(model));
  return workloads::accelerator_memory(o).pages;
}

}  // namespace

Table ratio_map(const FigureRequest& request, RunStore& runs) {
  using List = std::vector<std::uint32_t>;
  const List batches = request.quick ? List{1, 4, 16} : List{1, 2, 4, 8, 16, 32, 64};
  const List contexts = request.quick ? List{128, 512} : List{256, 512, 1024, 2048, 4096};
  const models::ModelShape shape = workloads::find_shape(request.model);
  const std::uint64_t room = cache_positions(decode_step(request), shape);
  const auto fits = [room](std::uint64_t batch, std::uint64_t context) {
    return batch * context <= room;
  };
  std::vector<RunSpec> specs;
  for (const std::uint32_t batch : batches) {
    for (const std::uint32_t context : contexts) {
      if (!fits(batch, context)) continue;
      specs.push_back(decode_step(request, batch));
      // A context counts the row's own position.
      specs.back().workload.cached_tokens = context - 1;
      specs.back().gpus = request.gpu;
    }
  }
  if (specs.empty()) {
    throw config::InputError(request.arch.name, fmt::format("its DRAM has no room for {} with {} "
                                                            "cached positions",
                                                            shape.name, contexts.front()));
  }
  const auto results = runs.results(specs);
  auto result = results.begin();
  const std::string line = "served";
  const std::string low_bit = gpu_line(results.front(), true, line).at("precision");
  Table table({"chip", "model", "weight_bits", "gpu", "precision", "line", "batch", "context",
               "fits_chip", "fits_gpu", "ratio", "ratio_low", "ratio_high", "speed_ratio"});
  for (const std::uint32_t batch : batches) {
    for (const std::uint32_t context : contexts) {
      const bool is_run = fits(batch, context);
      for (const bool is_low_bit : {false, true}) {
        std::vector<Cell> cells{request.arch.name,
                                shape.name,
                                request.weight_bits,
                                request.gpu,
                                is_low_bit ? low_bit : std::string("fp16"),
                                line,
                                batch,
                                context,
                                is_run};
        if (is_run) {
          const auto& gpu = gpu_line(*result, is_low_bit, line);
          const auto& comparison = gpu.at("comparison");
          const auto& interval = comparison.at("interval");
          for (const auto& cell : {Cell(gpu.at("fits_memory").get<bool>()),
                                   Cell(comparison.at("power_efficiency_ratio").get<double>()),
                                   Cell(interval[0].get<double>()), Cell(interval[1].get<double>()),
                                   Cell(comparison.at("speed_ratio").get<double>())}) {
            cells.push_back(cell);
          }
        } else {
          cells.insert(cells.end(), 5, Cell(""));
        }
        table.add(cells);
      }
      if (is_run) ++result;
    }
  }
  return table;
}

}  // namespace lutsim::tools::figure

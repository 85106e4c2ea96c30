// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/transformer/quantized_model.h"
#include "tools/figure/figure.h"
#include "tools/run/gpu_comparison.h"
#include "tools/run/prepared_workload.h"
#include "tools/serve/simulated_points.h"
#include "workloads/llm/shape_library.h"
#include "workloads/serving/accelerator_server.h"

namespace lutsim::tools::figure {

namespace {

using workloads::OperatingPoint;

/// Cached positions that the chip's DRAM has room for beside the weights.
std::uint64_t cache_positions(const RunSpec& run, const models::ModelShape& shape) {
  workloads::AcceleratorOptions o;
  o.arch = run.arch;
  o.memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, run.arch.memory.standard, "memory"));
  o.page_tokens = 1;
  workloads::AcceleratorModel model;
  model.shape = shape;
  model.formats.weight_bits = run.workload.weight_bits;
  model.formats.group_size = run.workload.group_size;
  model.formats.kv_bits = run.workload.kv_bits;
  o.models.push_back(std::move(model));
  return workloads::accelerator_memory(o).pages;
}

}  // namespace

Table ratio_map(const FigureRequest& request, RunStore& runs) {
  using List = std::vector<std::uint32_t>;
  const List batches = request.quick ? List{1, 4, 16} : List{1, 2, 4, 8, 16, 32, 64};
  const List contexts = request.quick ? List{128, 512} : List{256, 512, 1024, 2048, 4096};
  RunSpec base = decode_step(request);
  const models::ModelShape shape = workloads::find_shape(request.model);
  base.workload.group_size = models::default_group_size(shape);
  const std::uint64_t room = cache_positions(base, shape);

  // A context counts the row's own position.
  std::vector<OperatingPoint> points;
  for (const std::uint32_t batch : batches) {
    for (const std::uint32_t context : contexts) {
      if (std::uint64_t{batch} * context <= room) points.push_back({false, batch, context - 1});
    }
  }
  SimulatedPoints simulated(base, Layers::few, runs.program(), runs.folder(), runs.jobs());
  simulated.prepare(points, runs.progress());
  const auto energies = models::read_energy_table(
      config::find_named(config::kEnergyFolder, base.arch.energy_table, "energy table").string());

  Table table({"chip", "model", "weight_bits", "gpu", "precision", "line", "batch", "context",
               "fits_chip", "fits_gpu", "ratio", "ratio_low", "ratio_high", "speed_ratio"});
  for (const std::uint32_t batch : batches) {
    for (const std::uint32_t context : contexts) {
      RunSpec run = base;
      run.workload.batch = batch;
      run.workload.cached_tokens = context - 1;
      const PreparedWorkload prepared = prepare_workload(run.workload);
      const bool fits = std::uint64_t{batch} * context <= room;
      double seconds = 1;
      models::EnergyReport energy;
      if (fits) {
        const workloads::PointCost cost = simulated({false, batch, context - 1});
        seconds = cost.seconds;
        energy = models::account(run.arch, energies, workloads::event_counts(cost), seconds);
      }
      for (const GpuComparison& gpu :
           compare_with_gpus(request.gpu, prepared.trace, prepared.weight_bits, batch / seconds,
                             energy, run.seed)) {
        if (gpu.line != models::GpuLine::served) continue;
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        const auto& ratio = gpu.power_efficiency_ratio;
        table.add({run.arch.name, prepared.model_name, prepared.weight_bits, gpu.name,
                   gpu.precision_name(), spec::to_string_of(gpu.line), batch, context, fits,
                   gpu.result.fits_memory, fits ? ratio.nominal : kNone, fits ? ratio.low : kNone,
                   fits ? ratio.high : kNone, fits ? gpu.speed_ratio.value : kNone});
      }
    }
  }
  return table;
}

}  // namespace lutsim::tools::figure

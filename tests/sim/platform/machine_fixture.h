// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/spec/memory_standard.h"
#include "models/transformer/golden_transformer.h"
#include "sim/platform/functional_computation.h"
#include "tests/models/transformer/random_model.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::test {

/// A random model, its trace, and a machine to run it on.
struct MachineFixture {
  spec::ArchSpec arch;
  spec::MemoryStandard memory;
  models::QuantizedModel model;
  std::vector<std::uint32_t> prompt{1, 20, 37, 4, 251, 90, 8};
  spec::NumberFormat kv_format;
  workloads::OperatorTrace trace;

  explicit MachineFixture(const std::string& arch_name, std::vector<std::string> sets = {},
                          std::uint32_t generate = 5, std::uint32_t kv_bits = 16)
      : arch(config::load_arch(arch_name, sets)),
        memory(config::read_yaml<spec::MemoryStandard>(
            config::find_named(config::kMemoryFolder, arch.memory.standard, "memory"))),
        kv_format(workloads::kv_cache_format(kv_bits)) {
    models::QuantizationRecipe recipe;
    recipe.weight_bits = 3;
    recipe.group_size = 16;
    model = models::quantize(random_model(), recipe);
    workloads::TraceRequest request;
    request.prompt_tokens = static_cast<std::uint32_t>(prompt.size());
    request.generated_tokens = generate;
    request.weight_bits = recipe.weight_bits;
    request.group_size = recipe.group_size;
    request.kv_bits = kv_bits;
    trace = workloads::build_trace(model.shape, request);
  }

  std::unique_ptr<sim::FunctionalComputation> computation(
      sim::FunctionalComputation::TileExecutor executor = {}) const {
    if (!executor) {
      auto psums = std::make_shared<sim::PsumMemory>(arch.matrix);
      executor = [spec = arch.matrix, psums](const workloads::Operator&,
                                             const sim::MatrixTile& tile) {
        return sim::golden_tile(spec, tile, *psums);
      };
    }
    return std::make_unique<sim::FunctionalComputation>(arch, trace, model, prompt,
                                                        models::SamplingOptions{}, executor);
  }

  std::vector<std::uint32_t> golden_tokens() const {
    models::GoldenTransformer golden(model, arch.matrix, kv_format, arch.attention);
    models::Sampler sampler;
    std::vector<std::uint32_t> tokens, input = prompt;
    while (tokens.size() < trace.generated_tokens) {
      tokens.push_back(golden.sample(sampler, golden.forward(input)));
      input = {tokens.back()};
    }
    return tokens;
  }
};

/// Small odd machine whose activations do not fit on chip: every operator loads and stores.
inline std::vector<std::string> starved_sets() {
  return {"activation_buffer.capacity=4 KiB", "activation_buffer.tile_slots=4",
          "command.queue_depth=2", "dma.read_channels=1", "dma.write_channels=1"};
}

}  // namespace lutsim::test

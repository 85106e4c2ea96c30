// SPDX-License-Identifier: Apache-2.0
// Speed of the encoder and decoder of pruned planes, and what the planes of a matrix of the
// embedded model cost.
#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <vector>

#include "models/bcq/bcq_storage.h"
#include "models/bcq/quantize.h"
#include "models/sparsity/pruned_planes.h"
#include "models/transformer/prune_model.h"
#include "tools/support/parallel.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim {
namespace {

constexpr std::uint32_t kWeightBits = 4, kGroup = 128;

/// Pruned and quantised as lutsim quantize does it.
models::BcqMatrix pruned_matrix(double sparsity) {
  workloads::Checkpoint model = workloads::load_checkpoint(workloads::find_model("kjv-1m"));
  models::prune(*model.weights, sparsity);
  const models::DenseMatrix& w = model.weights->layers[0].w_gate;
  return models::quantize_rtn(w.values.data(), w.n, w.k, kWeightBits, kGroup);
}

models::ForEach on_threads(unsigned threads) {
  return [threads](std::size_t count, const std::function<void(std::size_t)>& task) {
    tools::for_each_parallel(count, threads, task);
  };
}

void report(benchmark::State& state, const models::BcqMatrix& w,
            const models::PrunedPlanes& planes) {
  const models::PlaneCounts counts = count_planes(planes);
  const double weights = static_cast<double>(w.n) * w.k;
  const double code = static_cast<double>(counts.code_bits) / weights;
  const double scales = 8 * static_cast<double>(scale_bytes(w.storage())) / weights;
  state.counters["weights/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * weights, benchmark::Counter::kIsRate);
  state.counters["E_%"] = 100 * counts.efficiency(kWeightBits);
  state.counters["kept_%"] = 100 * static_cast<double>(counts.kept) / weights;
  state.counters["code_bits"] = code;
  state.counters["all_bits"] = code + 1 + scales;  // with mask, scales and offsets
  state.counters["plain_bits"] = kWeightBits + scales;
}

/// Arguments: sparsity in percent, stages, threads.
void encode(benchmark::State& state) {
  const double sparsity = static_cast<double>(state.range(0)) / 100;
  const models::BcqMatrix w = pruned_matrix(sparsity);
  const auto code = models::code_of_sparsity(sparsity, static_cast<std::uint32_t>(state.range(1)));
  const models::ForEach for_each = on_threads(static_cast<unsigned>(state.range(2)));
  models::PrunedPlanes planes;
  for ([[maybe_unused]] auto _ : state) planes = encode_planes(code, w, for_each);
  report(state, w, planes);
}

/// The same arguments.
void decode(benchmark::State& state) {
  const double sparsity = static_cast<double>(state.range(0)) / 100;
  models::BcqMatrix w = pruned_matrix(sparsity);
  const auto code = models::code_of_sparsity(sparsity, static_cast<std::uint32_t>(state.range(1)));
  const models::ForEach for_each = on_threads(static_cast<unsigned>(state.range(2)));
  const models::PrunedPlanes planes = encode_planes(code, w, on_threads(1));
  for ([[maybe_unused]] auto _ : state) decode_planes(planes, w, for_each);
  report(state, w, planes);
}

const std::vector<std::string> kNames{"sparsity", "stages", "threads"};
BENCHMARK(encode)
    ->ArgNames(kNames)
    ->ArgsProduct({{50, 70, 90}, {0, 1, 2}, {1}})
    ->Args({90, 1, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(decode)
    ->ArgNames(kNames)
    ->Args({90, 1, 1})
    ->Args({90, 1, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace lutsim

BENCHMARK_MAIN();

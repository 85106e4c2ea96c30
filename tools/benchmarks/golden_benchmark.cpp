// SPDX-License-Identifier: Apache-2.0
// Speed of the golden lut-i arithmetic beside Eigen's FP32 product of the same shape in the same
// run.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <random>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/engine/engine.h"

namespace lutsim {
namespace {

constexpr std::uint32_t kGroup = 128;

std::vector<float> normal_values(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// Weights per second, whatever their width: what the two have in common.
void report(benchmark::State& state, std::uint64_t weights, double bytes_per_weight) {
  const auto done = static_cast<double>(state.iterations() * weights);
  state.counters["weights/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["weight_bytes/s"] =
      benchmark::Counter(done * bytes_per_weight, benchmark::Counter::kIsRate);
}

/// Arguments: edge of the square matrix, weight_bits, tokens.
void lut_i(benchmark::State& state) {
  const auto edge = static_cast<std::uint32_t>(state.range(0));
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  const auto tokens = static_cast<std::uint32_t>(state.range(2));
  const std::vector<float> values = normal_values(std::size_t{edge} * edge);
  const models::BcqMatrix w =
      models::quantize_rtn(values.data(), edge, edge, bits, std::min(edge, kGroup));
  const std::vector<float> x = normal_values(std::size_t{tokens} * edge);
  std::vector<float> y(x.size());
  for ([[maybe_unused]] auto _ : state) {
    models::engine_gemm(spec::MatrixSpec{}, x.data(), tokens, w, y.data());
    benchmark::DoNotOptimize(y.data());
  }
  report(state, std::uint64_t{edge} * edge * tokens, bits / 8.0);
}

/// Arguments: edge of the square matrix, tokens.
void eigen_fp32(benchmark::State& state) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Index edge = state.range(0), tokens = state.range(1);
  const Matrix w = Matrix::Random(edge, edge);
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(edge, tokens);
  Eigen::MatrixXf y(edge, tokens);
  for ([[maybe_unused]] auto _ : state) {
    if (tokens == 1) {
      y.col(0).noalias() = w * x.col(0);
    } else {
      y.noalias() = w * x;
    }
    benchmark::DoNotOptimize(y.data());
  }
  report(state, static_cast<std::uint64_t>(edge) * edge * tokens, sizeof(float));
}

BENCHMARK(lut_i)
    ->ArgNames({"edge", "bits", "tokens"})
    ->ArgsProduct({{4096}, {2, 4}, {1}})
    ->Args({4096, 4, 4})
    ->Args({4096, 4, 32})
    ->Args({64, 4, 1})
    ->Args({64, 4, 32});
BENCHMARK(eigen_fp32)
    ->ArgNames({"edge", "tokens"})
    ->Args({4096, 1})
    ->Args({4096, 32})
    ->Args({64, 1});

}  // namespace
}  // namespace lutsim

BENCHMARK_MAIN();

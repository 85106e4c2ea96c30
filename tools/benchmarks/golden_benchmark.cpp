// SPDX-License-Identifier: Apache-2.0
// Speed of the golden engines beside Eigen's FP32 product of the same shape in the same run, and of
// the embedded model, token by token.
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <memory>
#include <random>
#include <vector>

#include "models/bcq/quantize.h"
#include "models/engine/engine.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "workloads/checkpoint/checkpoint.h"

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

/// Arguments: engine, weight_bits. One token, 4096 x 4096.
void engine(benchmark::State& state) {
  constexpr std::uint32_t kEdge = 4096;
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  const spec::MatrixSpec spec =
      spec::with_engine(spec::MatrixSpec{}, static_cast<spec::Engine>(state.range(0)));
  const std::vector<float> values = normal_values(std::size_t{kEdge} * kEdge);
  const models::BcqMatrix w = models::quantize_rtn(values.data(), kEdge, kEdge, bits, kGroup);
  const std::vector<float> x = normal_values(kEdge);
  std::vector<float> y(kEdge);
  for ([[maybe_unused]] auto _ : state) {
    models::engine_gemm(spec, x.data(), 1, w, y.data());
    benchmark::DoNotOptimize(y.data());
  }
  state.SetLabel(spec::to_string_of(spec.engine));
  report(state, std::uint64_t{kEdge} * kEdge, bits / 8.0);
}

/// Argument: engine, or -1 for the FP32 reference. Decodes 64 tokens of kjv-1m, RTN at 4 bits.
void embedded_model(benchmark::State& state) {
  constexpr std::uint32_t kTokens = 64;
  const workloads::Checkpoint checkpoint =
      workloads::load_checkpoint(workloads::find_model("kjv-1m"));
  const models::QuantizedModel quantized = models::quantize(*checkpoint.weights, {});
  std::unique_ptr<models::LanguageModel> model;
  if (state.range(0) < 0) {
    model = std::make_unique<models::ReferenceTransformer>(*checkpoint.weights);
    state.SetLabel("fp32 reference");
  } else {
    const spec::MatrixSpec spec =
        spec::with_engine(spec::MatrixSpec{}, static_cast<spec::Engine>(state.range(0)));
    model = std::make_unique<models::GoldenTransformer>(quantized, spec);
    state.SetLabel(spec::to_string_of(spec.engine));
  }
  for ([[maybe_unused]] auto _ : state) {
    model->reset();
    for (std::uint32_t t = 0; t < kTokens; ++t) {
      benchmark::DoNotOptimize(model->forward({t == 0 ? workloads::Tokenizer::kBos : 300 + t}));
    }
  }
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(state.iterations() * kTokens),
                                                  benchmark::Counter::kIsRate);
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
BENCHMARK(engine)->ArgNames({"engine", "bits"})->ArgsProduct({{0, 1, 2, 3, 4}, {4}});
BENCHMARK(embedded_model)->ArgName("engine")->DenseRange(-1, 4);
BENCHMARK(eigen_fp32)
    ->ArgNames({"edge", "tokens"})
    ->Args({4096, 1})
    ->Args({4096, 32})
    ->Args({64, 1});

}  // namespace
}  // namespace lutsim

BENCHMARK_MAIN();

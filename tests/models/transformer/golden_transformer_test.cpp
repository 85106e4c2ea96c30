// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/golden_transformer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "models/numerics/float_format.h"
#include "models/transformer/reference_transformer.h"
#include "tests/models/transformer/random_model.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::models {
namespace {

QuantizedModel quantized(std::uint32_t bits = 4, bool tied = true) {
  ModelShape shape = test::random_shape();
  shape.tied_embedding = tied;
  QuantizationRecipe recipe;
  recipe.weight_bits = bits;
  recipe.group_size = 16;
  return quantize(test::random_model(shape), recipe);
}

/// FNV-1a over the bits of FP32 values.
std::uint64_t hash(const std::vector<float>& values) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const float v : values) {
    const std::uint32_t bits = fp32_bits(v);
    for (int byte = 0; byte < 4; ++byte) h = (h ^ ((bits >> (8 * byte)) & 0xffu)) * 0x100000001b3u;
  }
  return h;
}

TEST(GoldenTransformer, OnePassOverThePromptEqualsTokenByTokenBitForBit) {
  const QuantizedModel model = quantized(3, false);
  const std::vector<std::uint32_t> tokens = test::random_tokens(model.shape.vocab, 23);
  GoldenTransformer one(model, {});
  const std::vector<float> all = one.forward_all(tokens);
  for (const std::size_t chunk : {1u, 5u, 17u}) {
    GoldenTransformer many(model, {});
    std::vector<float> logits;
    for (std::size_t i = 0; i < tokens.size(); i += chunk) {
      const auto end = std::min(tokens.size(), i + chunk);
      const std::vector<float> part = many.forward_all(
          {tokens.begin() + static_cast<long>(i), tokens.begin() + static_cast<long>(end)});
      logits.insert(logits.end(), part.begin(), part.end());
    }
    EXPECT_EQ(logits, all) << "chunks of " << chunk;
    for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
      EXPECT_EQ(many.k_cache(l), one.k_cache(l));
      EXPECT_EQ(many.v_cache(l), one.v_cache(l));
    }
  }
}

TEST(GoldenTransformer, AttentionOnTheMatrixUnitDoesNotDependOnHowTheSequenceIsCut) {
  const QuantizedModel model = quantized(3, false);
  const std::vector<std::uint32_t> tokens = test::random_tokens(model.shape.vocab, 23);
  for (const auto engine : {spec::Engine::lut_i, spec::Engine::lut_f, spec::Engine::fp}) {
    const spec::MatrixSpec matrix = spec::with_engine({}, engine);
    const auto golden = [&] {
      return GoldenTransformer(model, matrix, spec::NumberFormat::int4,
                               spec::AttentionUnit::matrix);
    };
    GoldenTransformer one = golden(), many = golden();
    const std::vector<float> all = one.forward_all(tokens);
    std::vector<float> logits;
    for (const std::uint32_t token : tokens) {
      const std::vector<float> part = many.forward_all({token});
      logits.insert(logits.end(), part.begin(), part.end());
    }
    EXPECT_EQ(logits, all) << spec::to_string_of(engine);
  }
}

/// Root of the mean squared difference of logits.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

TEST(GoldenTransformer, TheMatrixUnitAttendsToTheSameCacheAsTheLanes) {
  const QuantizedModel model = quantized();
  const std::vector<std::uint32_t> tokens = test::random_tokens(model.shape.vocab, 30);
  const auto logits = [&](spec::NumberFormat format, spec::AttentionUnit attention) {
    return GoldenTransformer(model, {}, format, attention).forward_all(tokens);
  };
  using spec::AttentionUnit;
  using spec::NumberFormat;
  const auto exact = logits(NumberFormat::fp16, AttentionUnit::lanes);
  const double eight = distance(logits(NumberFormat::int8, AttentionUnit::lanes), exact);
  const double four = distance(logits(NumberFormat::int4, AttentionUnit::lanes), exact);
  const double eight_m = distance(logits(NumberFormat::int8, AttentionUnit::matrix), exact);
  const double four_m = distance(logits(NumberFormat::int4, AttentionUnit::matrix), exact);
  // 17 times coarser steps: what is lost is lost in the cache, not in the unit that reads it.
  EXPECT_LT(eight, four / 5);
  EXPECT_NEAR(eight_m, eight, 0.3 * eight);
  EXPECT_NEAR(four_m, four, 0.1 * four);
  EXPECT_LT(distance(logits(NumberFormat::int4, AttentionUnit::matrix),
                     logits(NumberFormat::int4, AttentionUnit::lanes)),
            four / 10);
}

TEST(GoldenTransformer, TheLastRowIsTheSameWhetherAllLogitsAreAskedForOrOne) {
  const QuantizedModel model = quantized();
  const std::vector<std::uint32_t> tokens = test::random_tokens(model.shape.vocab, 12);
  GoldenTransformer golden(model, {});
  const std::vector<float> all = golden.forward_all(tokens);
  golden.reset();
  const std::vector<float> last = golden.forward(tokens);
  EXPECT_EQ(last, std::vector<float>(all.end() - model.shape.vocab, all.end()));
}

TEST(GoldenTransformer, ItsBitsArePinned) {
  // A change of any operation, rounding or order anywhere in the exact path changes this number. It
  // must not change with machine, compiler or optimisation.
  const QuantizedModel model = quantized(4, false);
  GoldenTransformer golden(model, {});
  EXPECT_EQ(hash(golden.forward_all(test::random_tokens(model.shape.vocab, 30))),
            8929412090804676351u);
}

TEST(GoldenTransformer, DiffersFromTheReferenceOnItsOwnWeightsByRoundingAlone) {
  const QuantizedModel model = quantized(8);
  const ModelWeights weights = dequantize(model);
  const std::vector<std::uint32_t> tokens = test::random_tokens(model.shape.vocab, 20);
  spec::MatrixSpec exact;
  exact.act_format = spec::NumberFormat::fp32;
  exact.align_bits = 32;
  GoldenTransformer golden(model, exact, spec::NumberFormat::fp32);
  const std::vector<float> got = golden.forward_all(tokens);
  const std::vector<float> want = ReferenceTransformer(weights).forward_all(tokens);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], 2e-4) << i;

  // In FP16 it is off by the rounding of the activations: more, but not much more.
  const std::vector<float> half = GoldenTransformer(model, {}).forward_all(tokens);
  double worst = 0.0;
  for (std::size_t i = 0; i < half.size(); ++i) {
    worst = std::max(worst, static_cast<double>(std::abs(half[i] - want[i])));
  }
  EXPECT_GT(worst, 2e-4);
  EXPECT_LT(worst, 5e-2);
}

TEST(GoldenTransformer, FormatsThatAreNotFloatingPointAreRefused) {
  const QuantizedModel model = quantized();
  spec::MatrixSpec matrix;
  EXPECT_THROW(GoldenTransformer(model, matrix, spec::NumberFormat::int32), spec::SpecError);
  matrix.act_format = spec::NumberFormat::int8;
  EXPECT_THROW(GoldenTransformer(model, matrix), spec::SpecError);
}

TEST(GoldenTransformer, TokensAndContextsThatDoNotExistAreRefused) {
  const QuantizedModel model = quantized();
  GoldenTransformer golden(model, {});
  EXPECT_THROW(golden.forward({}), std::invalid_argument);
  EXPECT_THROW(golden.forward({model.shape.vocab}), std::invalid_argument);
  golden.forward(test::random_tokens(model.shape.vocab, model.shape.max_context));
  EXPECT_THROW(golden.forward({0}), std::invalid_argument);
  golden.reset();
  EXPECT_NO_THROW(golden.forward({0}));
}

// ---- observer ---------------------------------------------------------------------------------

struct Recorder : OperatorObserver {
  std::vector<ExecutedOperator> operators;
  std::vector<std::vector<float>> values;
  void on_operator(const ExecutedOperator& op) override {
    operators.push_back(op);
    values.emplace_back(op.values, op.values + op.count);
  }
};

class ObservedRun : public testing::TestWithParam<bool> {};

TEST_P(ObservedRun, ShowsTheOperatorsOfTheTraceBuilderOneByOne) {
  const QuantizedModel model = quantized(4, GetParam());
  GoldenTransformer golden(model, {});
  Recorder recorder;
  golden.observe_with(&recorder);
  Sampler sampler;
  const auto prompt = test::random_tokens(model.shape.vocab, 7);
  generate(golden, prompt, 3, sampler, model.shape.vocab);

  workloads::TraceRequest request;
  request.prompt_tokens = 7;
  request.generated_tokens = 3;
  request.group_size = 16;
  const workloads::OperatorTrace trace = workloads::build_trace(model.shape, request);
  ASSERT_EQ(recorder.operators.size(), trace.operators.size());
  for (std::size_t i = 0; i < trace.operators.size(); ++i) {
    const workloads::Operator& want = trace.operators[i];
    const ExecutedOperator& got = recorder.operators[i];
    SCOPED_TRACE(std::to_string(i) + " " + want.name);
    EXPECT_EQ(got.kind, want.kind);
    EXPECT_EQ(got.name, want.name);
    EXPECT_EQ(got.step, want.step);
    EXPECT_EQ(got.layer, want.layer);
    EXPECT_EQ(got.m, want.m);
    EXPECT_EQ(got.n, want.n);
    EXPECT_EQ(got.k, want.k);
    EXPECT_EQ(got.heads, want.heads);
    EXPECT_EQ(got.kv_heads, want.kv_heads);
    EXPECT_EQ(got.head_dim, want.head_dim);
    EXPECT_EQ(got.context, want.context);
    EXPECT_EQ(got.position, want.position);
    std::vector<std::string> inputs;
    for (const auto id : want.inputs) inputs.push_back(trace.tensors[id].name);
    EXPECT_EQ(got.inputs, inputs);
    EXPECT_EQ(got.output, trace.tensors[want.outputs.at(0)].name);
  }
}
INSTANTIATE_TEST_SUITE_P(TiedAndUntied, ObservedRun, testing::Bool());

TEST(GoldenTransformer, TheObserverSeesTheValuesThatTheOperatorsWrote) {
  const QuantizedModel model = quantized();
  GoldenTransformer golden(model, {});
  Recorder recorder;
  golden.observe_with(&recorder);
  const auto tokens = test::random_tokens(model.shape.vocab, 4);
  const std::vector<float> logits = golden.forward(tokens);
  std::map<std::string, std::vector<float>> written;
  for (std::size_t i = 0; i < recorder.operators.size(); ++i) {
    written[recorder.operators[i].output] = recorder.values[i];
  }
  EXPECT_EQ(written.at("lm_head@0"), logits);
  EXPECT_EQ(written.at("layers.1.v_cache"), golden.v_cache(1));
  const auto& normed = written.at("layers.1.ffn_norm@0");
  std::vector<float> again(normed.size());
  ops::rms_norm(spec::NumberFormat::fp16, written.at("layers.1.attention_add@0").data(), 4,
                model.shape.hidden, model.layers[1].ffn_norm.data(), 1e-5f, again.data());
  EXPECT_EQ(normed, again);
}

}  // namespace
}  // namespace lutsim::models

// SPDX-License-Identifier: Apache-2.0
// Real models in the integers of other programs: through BCQ they are the same numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>

#include "models/bcq/quantize.h"
#include "models/transformer/golden_transformer.h"
#include "models/transformer/reference_transformer.h"
#include "tests/models/engine/reference_engines.h"
#include "tests/workloads/checkpoint/llama2c_writer.h"
#include "tests/workloads/checkpoint/llama_folder_writer.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::workloads {
namespace {

using models::ModelWeights;
using models::UniformMatrix;

/// The model with its feed-forward layer filled up with zeros to a multiple of `multiple`, which
/// changes no logit: packed formats hold whole words only.
ModelWeights padded(ModelWeights model, std::uint32_t multiple) {
  const std::uint32_t old = model.shape.ffn;
  const std::uint32_t ffn = spec::ceil_div(old, multiple) * multiple;
  model.shape.ffn = ffn;
  for (models::LayerWeights& layer : model.layers) {
    for (models::DenseMatrix* m : {&layer.w_gate, &layer.w_up}) {
      m->n = ffn;
      m->values.resize(std::size_t{ffn} * m->k, 0.0f);
    }
    models::DenseMatrix down{layer.w_down.n, ffn, std::vector<float>(layer.w_down.n * ffn, 0.0f)};
    for (std::uint32_t row = 0; row < down.n; ++row) {
      std::copy_n(layer.w_down.row(row), old, down.values.begin() + std::ptrdiff_t{row} * ffn);
    }
    layer.w_down = down;
  }
  return model;
}

ModelWeights kjv() { return padded(*load_checkpoint(find_model("kjv-1m")).weights, 16); }

using IntegerModel = std::map<std::string, UniformMatrix>;  ///< by name in traces

IntegerModel quantised(const ModelWeights& model, std::uint32_t bits, std::uint32_t group_size) {
  IntegerModel integers;
  for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
    for (const auto& m : decoder_matrices(model.shape)) {
      UniformMatrix u = models::quantize_uniform(matrix_of(model.layers[l], m.id).values.data(),
                                                 m.n, m.k, bits, group_size);
      // A stored GPTQ zero stands for 1..2^bits: a group without negative weights moves up by one.
      for (std::size_t i = 0; i < u.zero.size(); ++i) {
        if (u.zero[i] > 0) continue;
        u.zero[i] = 1;
        const std::size_t row = i % m.n, group = i / m.n;
        for (std::size_t k = group * group_size;
             k < std::min<std::size_t>(m.k, (group + 1) * group_size); ++k) {
          std::uint8_t& q = u.q[row * m.k + k];
          q = static_cast<std::uint8_t>(std::min<int>(q + 1, (1 << bits) - 1));
        }
      }
      integers[models::layer_prefix(l) + m.tensor] = std::move(u);
    }
  }
  return integers;
}

/// The model with those integers in BCQ, without any file.
models::QuantizedModel in_bcq(const ModelWeights& model, const IntegerModel& integers) {
  models::QuantizedModel q;
  q.shape = model.shape;
  q.embedding = to_fp16(model.embedding, "embedding");
  q.final_norm = model.final_norm;
  for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
    models::QuantizedLayer layer;
    layer.attention_norm = model.layers[l].attention_norm;
    layer.ffn_norm = model.layers[l].ffn_norm;
    for (const auto& m : decoder_matrices(model.shape)) {
      matrix_of(layer, m.id) = to_bcq(integers.at(models::layer_prefix(l) + m.tensor));
    }
    q.layers.push_back(std::move(layer));
  }
  return q;
}

spec::MatrixSpec fp_engine() { return spec::with_engine(spec::MatrixSpec{}, spec::Engine::fp); }

class ImportedModel : public testing::Test {
 protected:
  /// Writes the folder in the format and loads it again.
  Checkpoint through(const ModelWeights& model, const IntegerModel& integers,
                     const std::string& format, std::uint32_t group_size) {
    test::SafetensorsWriter out;
    test::add_plain_tensors(model, "F32", out);
    std::uint32_t bits = 0;
    for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
      for (const auto& m : decoder_matrices(model.shape)) {
        const UniformMatrix& u = integers.at(models::layer_prefix(l) + m.tensor);
        bits = u.weight_bits;
        test::add_packed("model.layers." + std::to_string(l) + "." + test::module_name(m.id),
                         test::transposed(u, test::is_rotated(m.id), model.shape.head_dim), format,
                         out);
      }
    }
    auto config = test::llama_config(model.shape);
    config["quantization_config"] = {
        {"quant_method", format}, {"bits", bits}, {"group_size", group_size}};
    if (format == "awq") config["quantization_config"]["version"] = "gemm";
    test::write_file(folder_ / "config.json", config.dump());
    test::write_file(folder_ / "model.safetensors", out.file());
    test::write_file(folder_ / "tokenizer.bin",
                     test::llama2c_tokenizer(test::small_tokenizer(model.shape.vocab)));
    return load_checkpoint(folder_ / ".");
  }

  test::TemporaryFolder folder_;
};

TEST_F(ImportedModel, PaddingChangesNoLogit) {
  const ModelWeights plain = *load_checkpoint(find_model("kjv-1m")).weights;
  const ModelWeights wide = kjv();
  ASSERT_GT(wide.shape.ffn, plain.shape.ffn);
  const auto tokens = test::small_tokenizer(plain.shape.vocab).encode("abc");
  const auto a = models::ReferenceTransformer(plain).forward_all(tokens);
  const auto b = models::ReferenceTransformer(wide).forward_all(tokens);
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4);
}

TEST_F(ImportedModel, GptqAndAwqOfARealModelRunAsTheIntegersThatTheyHold) {
  const ModelWeights model = kjv();
  for (const auto& [format, bits] : {std::pair{"gptq", 4u}, {"gptq", 8u}, {"awq", 4u}}) {
    const IntegerModel integers = quantised(model, bits, 16);
    const Checkpoint checkpoint = through(model, integers, format, 16);
    EXPECT_EQ(checkpoint.format, std::string("safetensors/") + format);
    EXPECT_EQ(checkpoint.note, "");
    const models::QuantizedModel want = in_bcq(model, integers);
    const auto tokens = std::vector<std::uint32_t>{1, 300, 400, 41, 290};
    EXPECT_EQ(models::GoldenTransformer(*checkpoint.quantized, {}).forward_all(tokens),
              models::GoldenTransformer(want, {}).forward_all(tokens));
    EXPECT_EQ(
        models::ReferenceTransformer(models::dequantize(*checkpoint.quantized)).forward_all(tokens),
        models::ReferenceTransformer(models::dequantize(want)).forward_all(tokens));
  }
}

/// Recomputes every matmul that the golden transformer executes from the integers, by the
/// definition of the FP engine, and counts the values that differ in any bit.
class IntegerForm : public models::OperatorObserver {
 public:
  IntegerForm(const IntegerModel& integers, const spec::MatrixSpec& spec)
      : integers_(integers), spec_(spec) {}
  std::size_t matmuls = 0, values = 0, different = 0;

  void on_operator(const models::ExecutedOperator& op) override {
    const std::vector<float> y(op.values, op.values + op.count);
    if (op.kind == models::OperatorKind::matmul && integers_.count(op.inputs.at(1)) > 0) {
      compare(integers_.at(op.inputs[1]), written_.at(op.inputs[0]), op.m, y);
    }
    written_[op.output] = y;
  }

 private:
  void compare(const UniformMatrix& w, const std::vector<float>& x, std::uint64_t m,
               const std::vector<float>& y) {
    ++matmuls;
    for (std::uint64_t row = 0; row < m; ++row) {
      for (std::uint32_t n = 0; n < w.n; ++n, ++values) {
        const float want = dot(w, n, x.data() + row * w.k);
        different += models::fp32_bits(want) != models::fp32_bits(y[row * w.n + n]) ? 1 : 0;
      }
    }
  }

  float dot(const UniformMatrix& w, std::uint32_t n, const float* x) const {
    const spec::NumberFormat acc = spec_.float_acc();
    float sum = 0;
    for (std::uint32_t begin = 0; begin < w.k;) {
      const std::uint32_t group_end = std::min(w.k, (begin / w.group_size + 1) * w.group_size);
      const std::uint32_t end = std::min(group_end, begin + spec_.lanes_k());
      std::vector<float> products(spec_.lanes_k(), 0.0f);
      for (std::uint32_t k = begin; k < end; ++k) {
        const float weight = models::round_to(spec_.act_format, w.weight(n, k));
        products[k - begin] =
            models::round_to(acc, models::round_to(spec_.act_format, x[k]) * weight);
      }
      sum += test::reference_tree(acc, products);
      begin = end;
    }
    return sum;
  }

  const IntegerModel& integers_;
  const spec::MatrixSpec spec_;
  std::map<std::string, std::vector<float>> written_;
};

TEST_F(ImportedModel, AnInt4CheckpointGivesTheLogitsOfItsIntegersBitForBit) {
  const ModelWeights model = kjv();
  const IntegerModel integers = quantised(model, 4, 16);
  const Checkpoint checkpoint = through(model, integers, "gptq", 16);
  const spec::MatrixSpec spec = fp_engine();
  models::GoldenTransformer golden(*checkpoint.quantized, spec);
  IntegerForm form(integers, spec);
  golden.observe_with(&form);
  golden.forward_all({1, 300, 400, 41});
  golden.forward_all({290});
  EXPECT_EQ(form.matmuls, 2u * 7 * model.shape.layers);
  EXPECT_GT(form.values, 10000u);
  EXPECT_EQ(form.different, 0u);
}

/// Act-order: K in another order, groups cut there. The same weights give the logits of a model
/// whose every weight has a group of its own, in FP32 up to its order of summation.
TEST_F(ImportedModel, ActOrderComputesWithEachActivationsOwnWeight) {
  const ModelWeights model = kjv();
  std::mt19937 random(5);
  IntegerModel integers = quantised(model, 4, 16);
  ModelWeights dense = model;
  models::QuantizedModel ordered = in_bcq(model, integers);
  for (std::uint32_t l = 0; l < model.shape.layers; ++l) {
    for (const auto& m : decoder_matrices(model.shape)) {
      UniformMatrix& u = integers.at(models::layer_prefix(l) + m.tensor);
      u.input_order.resize(m.k);
      std::iota(u.input_order.begin(), u.input_order.end(), 0u);
      std::shuffle(u.input_order.begin(), u.input_order.end(), random);
      matrix_of(ordered.layers[l], m.id) = to_bcq(u);
      std::vector<float>& values = matrix_of(dense.layers[l], m.id).values;
      for (std::uint32_t n = 0; n < m.n; ++n) {
        for (std::uint32_t col = 0; col < m.k; ++col) {
          values[std::size_t{n} * m.k + u.input_order[col]] = u.weight(n, col);
        }
      }
    }
  }
  const std::vector<std::uint32_t> tokens{1, 300, 400, 41};
  dense.embedding = models::dequantize(ordered).embedding;
  const auto want = models::ReferenceTransformer(dense).forward_all(tokens);
  EXPECT_EQ(models::ReferenceTransformer(models::dequantize(ordered)).forward_all(tokens), want);
  const auto got = models::GoldenTransformer(ordered, {}).forward_all(tokens);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += std::pow(got[i] - want[i], 2);
    size += std::pow(want[i], 2);
  }
  EXPECT_LT(std::sqrt(error / size), 0.02) << "FP16 activations";
}

TEST_F(ImportedModel, Stories260KInEveryWidthOfGptq) {
  LUTSIM_NEEDS_OUTSIDE_DATA("model/stories260K.bin");
  const ModelWeights model =
      padded(*load_checkpoint(test::outside_data() / "model/stories260K.bin").weights, 32);
  for (const std::uint32_t bits : {2u, 3u, 4u, 8u}) {
    const IntegerModel integers = quantised(model, bits, 32);
    const Checkpoint checkpoint = through(model, integers, "gptq", 32);
    const std::vector<std::uint32_t> tokens{1, 403, 407, 261, 378};
    EXPECT_EQ(models::GoldenTransformer(*checkpoint.quantized, {}).forward_all(tokens),
              models::GoldenTransformer(in_bcq(model, integers), {}).forward_all(tokens))
        << bits;
  }
}

}  // namespace
}  // namespace lutsim::workloads

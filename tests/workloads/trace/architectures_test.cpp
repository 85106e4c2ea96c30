// SPDX-License-Identifier: Apache-2.0
// Traces of every architecture: what they hold, and that nothing is lost on the way to a file or to
// a GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <sstream>

#include "models/config/diagnostics.h"
#include "tests/workloads/trace/variant_shapes.h"
#include "workloads/llm/shape_library.h"
#include "workloads/trace/gpu_kernels.h"
#include "workloads/trace/trace_builder.h"
#include "workloads/trace/trace_json.h"

namespace lutsim::workloads {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TraceRequest request_of(std::uint32_t batch, std::uint32_t prompt, std::uint32_t generated,
                        std::uint32_t cached = 0) {
  TraceRequest request;
  request.batch = batch;
  request.prompt_tokens = prompt;
  request.generated_tokens = generated;
  request.cached_tokens = cached;
  request.group_size = 4;
  return request;
}

const Operator& find(const OperatorTrace& trace, const std::string& name) {
  for (const Operator& op : trace.operators) {
    if (op.name == name) return op;
  }
  throw std::out_of_range(name);
}

std::vector<std::string> names_of_layer(const OperatorTrace& trace, std::uint32_t layer) {
  const std::string prefix = "layers." + std::to_string(layer) + ".";
  std::vector<std::string> names;
  for (const Operator& op : trace.operators) {
    if (op.name.rfind(prefix, 0) == 0) names.push_back(op.name.substr(prefix.size()));
  }
  return names;
}

std::uint64_t elements(const Tensor& tensor) {
  return std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::uint64_t{1},
                         std::multiplies<>());
}

std::string text_of(const OperatorTrace& trace) {
  std::ostringstream out;
  print_trace(trace, out);
  return out.str();
}

class Architectures : public testing::TestWithParam<models::ModelShape> {};

TEST_P(Architectures, TheWeightsOfTheTraceAreThoseOfTheModel) {
  const OperatorTrace trace = build_trace(GetParam(), request_of(1, 3, 1));
  std::uint64_t weights = 0;
  for (const Tensor& tensor : trace.tensors) {
    if (tensor.role == TensorRole::weight) weights += elements(tensor);
  }
  EXPECT_EQ(weights, count_parameters(GetParam()).total());
}

TEST_P(Architectures, ATokenIsMultipliedWithTheActiveMatricesAndTheHead) {
  const OperatorTrace trace = build_trace(GetParam(), request_of(1, 0, 1, 7));
  std::uint64_t products = 0;
  for (const Operator& op : trace.operators) {
    if (op.kind == OperatorKind::matmul) products += multiply_adds(op);
  }
  const ParameterCount count = count_parameters(GetParam());
  std::uint64_t expected = count.active_matrices + count.head;
  if (GetParam().tied_embedding) expected += count.embedding;
  EXPECT_EQ(products, expected);
}

TEST_P(Architectures, EveryInputIsWrittenBeforeItIsReadAndEveryOutputIsRead) {
  const OperatorTrace trace = build_trace(GetParam(), request_of(2, 4, 3));
  std::set<TensorId> written, read;
  for (const Operator& op : trace.operators) {
    for (const TensorId input : op.inputs) {
      const TensorRole role = trace.tensors[input].role;
      read.insert(input);
      if (role == TensorRole::activation || role == TensorRole::kv_cache) {
        EXPECT_TRUE(written.count(input)) << op.name << " reads " << trace.tensors[input].name;
      }
    }
    written.insert(op.outputs.begin(), op.outputs.end());
  }
  for (const TensorId output : written) {
    if (trace.tensors[output].role == TensorRole::token) continue;
    EXPECT_TRUE(read.count(output)) << "nobody reads " << trace.tensors[output].name;
  }
}

TEST_P(Architectures, AFileGivesTheSameTrace) {
  const OperatorTrace trace = build_trace(GetParam(), request_of(2, 7, 3));
  const std::string text = text_of(trace);
  EXPECT_THAT(text, HasSubstr(GetParam().name == "tiny" ? "lutsim.trace/1" : "lutsim.trace/2"));
  EXPECT_EQ(parse_trace(text, "t.json"), trace);
}

TEST_P(Architectures, TheGpuComputesEveryMultiplyAdd) {
  const OperatorTrace trace = build_trace(GetParam(), request_of(2, 7, 2));
  double expected = 0, flops = 0;
  for (const Operator& op : trace.operators)
    expected += 2.0 * static_cast<double>(multiply_adds(op));
  const auto workload = gpu_workload(trace);
  for (const auto& step : workload.steps) {
    for (const auto& kernel : step.kernels) flops += kernel.count * kernel.flops;
  }
  EXPECT_DOUBLE_EQ(flops, expected);
  EXPECT_DOUBLE_EQ(workload.decoder_weights + workload.other_weights,
                   static_cast<double>(count_parameters(GetParam()).total()));
}

INSTANTIATE_TEST_SUITE_P(Shapes, Architectures, testing::ValuesIn(test::variant_shapes()),
                         test::ShapeName());

TEST(ArchitectureTrace, AnOptLayerHasBiasesAfterItsMatricesAndNoRotation) {
  const OperatorTrace trace = build_trace(test::variant("opt"), request_of(1, 3, 1));
  EXPECT_THAT(
      names_of_layer(trace, 1),
      ElementsAre("attention_norm", "attention.q", "attention.k", "attention.v", "attention.q_bias",
                  "attention.k_bias", "attention.v_bias", "attention.kv_append_k",
                  "attention.kv_append_v", "attention.score", "attention.softmax",
                  "attention.value", "attention.o", "attention.o_bias", "attention_add", "ffn_norm",
                  "ffn.up", "ffn.up_bias", "ffn.relu", "ffn.down", "ffn.down_bias", "ffn_add"));
  EXPECT_EQ(trace.operators[1].kind, OperatorKind::position_add);
  EXPECT_EQ(find(trace, "layers.0.attention_norm").inputs.size(), 3u) << "weights and biases";
}

TEST(ArchitectureTrace, BothHalvesOfAParallelLayerReadItsInput) {
  for (const char* name : {"falcon", "bloom"}) {
    const OperatorTrace trace = build_trace(test::variant(name), request_of(1, 3, 1));
    const Operator& first = find(trace, "layers.1.attention_norm");
    const Operator& up = find(trace, "layers.1.ffn.up");
    if (std::string(name) == "falcon") {
      EXPECT_EQ(up.inputs[0], first.outputs[0]) << "one norm";
      EXPECT_THROW(find(trace, "layers.1.ffn_norm"), std::out_of_range);
    } else {
      EXPECT_EQ(find(trace, "layers.1.ffn_norm").inputs[0], first.inputs[0]) << "one input";
    }
    EXPECT_EQ(find(trace, "layers.1.ffn_add").inputs[0],
              find(trace, "layers.1.attention_add").outputs[0]);
  }
}

TEST(ArchitectureTrace, NormsStandWhereTheShapeSays) {
  EXPECT_THAT(names_of_layer(build_trace(test::variant("gemma"), request_of(1, 3, 1)), 0),
              testing::IsSupersetOf({"attention_norm", "attention_post_norm", "ffn_norm",
                                     "ffn_post_norm", "attention.q_norm", "attention.k_norm"}));
  const OperatorTrace after = build_trace(test::variant("post_norm"), request_of(2, 3, 1));
  const Operator& norm = find(after, "layers.0.attention_norm");
  EXPECT_EQ(norm.inputs[0], find(after, "layers.0.attention_add").outputs[0]);
  EXPECT_EQ(find(after, "layers.0.ffn.up").inputs[0], norm.outputs[0]);
  EXPECT_THROW(find(after, "final_norm"), std::out_of_range);
  EXPECT_EQ(find(after, "embedding").n, 16u);
  EXPECT_EQ(find(after, "embedding.project_in").n, 24u);
  EXPECT_EQ(find(after, "lm_head").k, 16u);
  EXPECT_EQ(find(after, "lm_head.project_out").m, 2u) << "the last row of each sequence";
}

TEST(ArchitectureTrace, AWindowedRowSeesNoMoreThanItsWindow) {
  for (const std::uint64_t window : {1, 3, 4, 100}) {
    for (const std::uint64_t position : {0, 2, 5}) {
      Operator op;
      op.kind = OperatorKind::attention_score;
      op.batch = 2;
      op.m = 2 * 6;
      op.position = position;
      op.window = window;
      std::uint64_t pairs = 0;
      for (std::uint64_t row = 0; row < 6; ++row) pairs += std::min(window, position + row + 1);
      EXPECT_EQ(causal_pairs(op), 2 * pairs) << window << " " << position;
    }
  }
}

TEST(ArchitectureTrace, WindowedLayersReadTheirWindowAndTheOthersAll) {
  const OperatorTrace trace = build_trace(test::variant("gemma"), request_of(1, 0, 1, 15));
  const Operator& windowed = find(trace, "layers.0.attention.score");
  EXPECT_EQ(windowed.window, 5u);
  EXPECT_EQ(windowed.context, 5u);
  EXPECT_EQ(windowed.position, 15u);
  EXPECT_EQ(cost_of(trace, windowed).kv_bytes, 5u * 8 * 2);
  EXPECT_EQ(trace.tensors[windowed.outputs[0]].shape.back(), 5u);
  const Operator& full = find(trace, "layers.1.attention.score");
  EXPECT_EQ(full.window, 0u);
  EXPECT_EQ(cost_of(trace, full).kv_bytes, 16u * 8 * 2);
  // Within its window an operator is an ordinary one.
  EXPECT_EQ(
      find(build_trace(test::variant("gemma"), request_of(1, 5, 1)), "layers.0.attention.score")
          .window,
      0u);
}

TEST(ArchitectureTrace, ALatentCacheHoldsOneRowOfLatentAndRotaryKey) {
  const OperatorTrace trace = build_trace(test::variant("latent"), request_of(2, 0, 1, 9));
  const Operator& score = find(trace, "layers.0.attention.score");
  const Operator& value = find(trace, "layers.0.attention.value");
  EXPECT_EQ(trace.tensors[score.inputs.back()].shape, (std::vector<std::uint64_t>{20, 12 + 2}));
  EXPECT_EQ(score.inputs.back(), value.inputs.back());
  EXPECT_EQ(cost_of(trace, score).kv_bytes, 2u * 10 * 14 * 2);
  EXPECT_EQ(cost_of(trace, value).kv_bytes, 2u * 10 * 12 * 2);
  EXPECT_EQ(multiply_adds(score), 2u * 10 * 6 * 14);
  EXPECT_EQ(multiply_adds(value), 2u * 10 * 6 * 12);
  // Six heads: 4 plain elements into the latent of 12, and 12 into 8 of a value.
  EXPECT_EQ(multiply_adds(find(trace, "layers.0.attention.q_absorb")), 2u * 6 * 4 * 12);
  EXPECT_EQ(multiply_adds(find(trace, "layers.0.attention.v_absorb")), 2u * 6 * 12 * 8);
  const auto workload = gpu_workload(trace);
  for (const auto& kernel : workload.steps[0].kernels) {
    if (kernel.kind == models::GpuKernelKind::attention) {
      EXPECT_DOUBLE_EQ(kernel.kv_bytes, 2.0 * 10 * 14 * 2) << "a fused kernel reads it once";
    }
  }
}

TEST(ArchitectureTrace, OnlyTheWeightsOfChosenExpertsMove) {
  const OperatorTrace trace = build_trace(test::variant("oss"), request_of(1, 0, 1, 9));
  const Operator& gate = find(trace, "layers.0.ffn.experts.gate");
  EXPECT_EQ(group_count(gate), 2u);
  EXPECT_EQ(gate.m, 2u);
  const Tensor& weight = trace.tensors[gate.inputs[1]];
  EXPECT_EQ(weight.shape, (std::vector<std::uint64_t>{24, 6 * 20}));
  EXPECT_EQ(cost_of(trace, gate).weight_bytes * 3, stored_bytes(weight));
  EXPECT_EQ(cost_of(trace, find(trace, "layers.0.ffn.experts.gate_bias")).weight_bytes,
            2u * 20 * 4);
  // The router's choice comes before the experts.
  std::vector<std::string> needed;
  for (const OperatorId id : gate.depends_on) needed.push_back(trace.operators[id].name);
  EXPECT_THAT(needed, ElementsAre("layers.0.ffn_norm", "layers.0.ffn.route"));
}

TEST(ArchitectureTrace, FirstLayersAreDenseAndSharedExpertsRunForEveryToken) {
  const OperatorTrace trace = build_trace(test::variant("latent"), request_of(3, 0, 1, 9));
  EXPECT_EQ(find(trace, "layers.0.ffn.gate").n, 40u);
  EXPECT_THROW(find(trace, "layers.0.ffn.router"), std::out_of_range);
  EXPECT_EQ(find(trace, "layers.1.ffn.shared.gate").n, 2u * 14);
  EXPECT_EQ(find(trace, "layers.1.ffn.shared.gate").m, 3u);
  EXPECT_EQ(find(trace, "layers.1.ffn.experts.down").m, 9u);
  EXPECT_EQ(find(trace, "layers.1.ffn.combine").k, 3u);
}

/// The file of a trace with experts, with one change.
std::string error_of(const std::string& from, const std::string& to) {
  std::string text = text_of(build_trace(test::variant("oss"), request_of(1, 0, 1, 9)));
  const std::size_t at = text.find(from, text.find("ffn.experts.gate\""));
  text.replace(at, from.size(), to);
  try {
    parse_trace(text, "t.json");
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ArchitectureTrace, AFileWithWrongGroupsIsRefused) {
  EXPECT_THAT(error_of("\"groups\": [[", "\"groups\": [[9"), HasSubstr("which has 120"));
  EXPECT_THAT(error_of("\"groups\": [[", "\"groups\": [[0,1,7],["), HasSubstr("groups"));
  EXPECT_THAT(error_of("\"groups\": [[", "\"groups\": [[1,1],["),
              HasSubstr("[first, count, rows]"));
}

TEST(ArchitectureTrace, RefusesShapesThatContradictThemselves) {
  const auto error_with = [](const std::function<void(models::ModelShape&)>& change) {
    models::ModelShape shape = test::variant("latent");
    change(shape);
    return models::shape_problem(shape);
  };
  EXPECT_EQ(error_with([](auto&) {}), "");
  EXPECT_THAT(error_with([](auto& s) { s.experts_per_token = 9; }), HasSubstr("1 to experts = 8"));
  EXPECT_THAT(error_with([](auto& s) { s.expert_ffn = 0; }), HasSubstr("expert_ffn"));
  EXPECT_THAT(error_with([](auto& s) { s.experts = 0; }), HasSubstr("experts = 0"));
  EXPECT_THAT(error_with([](auto& s) { s.rope_head_dim = 6; }), HasSubstr("rope_head_dim = 6"));
  EXPECT_THAT(error_with([](auto& s) { s.kv_latent = 0; }), HasSubstr("need a latent"));
  EXPECT_THAT(error_with([](auto& s) { s.window_period = 0; }), HasSubstr("window_period"));
}

}  // namespace
}  // namespace lutsim::workloads

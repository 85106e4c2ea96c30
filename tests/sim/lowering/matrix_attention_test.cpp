// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/vector/kv_storage.h"
#include "tests/sim/lowering/lowered.h"
#include "tests/workloads/trace/variant_shapes.h"

namespace lutsim::sim {
namespace {

using workloads::OperatorKind;

struct Case {
  std::string name;
  spec::Engine engine = spec::Engine::lut_i;
  std::uint64_t weight_bytes = 0, activation_bytes = 0;
  std::uint32_t prompt = 0, batch = 1;
};

workloads::OperatorTrace quantized_trace(const models::ModelShape& shape, std::uint32_t prompt,
                                         std::uint32_t batch, std::uint32_t kv_bits = 8) {
  workloads::TraceRequest request;
  request.batch = batch;
  request.prompt_tokens = prompt;
  request.generated_tokens = 2;
  request.group_size = 32;
  request.kv_bits = kv_bits;
  return workloads::build_trace(shape, request);
}

spec::ArchSpec on_matrix(const Case& c) {
  spec::ArchSpec arch = arch_with_buffers(c.weight_bytes, c.activation_bytes);
  arch.attention = spec::AttentionUnit::matrix;
  arch.matrix.engine = c.engine;
  if (c.engine == spec::Engine::figna) {
    arch.matrix.mu = arch.matrix.racs_per_lut = 1;
    arch.matrix.planes = 8;
  }
  return arch;
}

class MatrixAttentionLowering : public testing::TestWithParam<Case> {
 protected:
  const spec::ArchSpec arch_ = on_matrix(GetParam());
  const workloads::OperatorTrace trace_ =
      quantized_trace(tiny_shape(), GetParam().prompt, GetParam().batch);
  const Lowered lowered_{arch_, trace_};
};

TEST_P(MatrixAttentionLowering, EveryScoreThatARowSeesIsFormedAndFinishedOnce) {
  struct Counts {
    int products = 0, finishes = 0;
  };
  std::map<workloads::OperatorId, std::map<std::vector<std::uint64_t>, Counts>> scores;
  for (const auto& command : lowered_.commands) {
    const auto& op = trace_.operators[command->op];
    if (op.kind != OperatorKind::attention_score) continue;
    auto& of_op = scores[command->op];
    const std::uint64_t group = op.heads / op.kv_heads;
    if (const auto* work = std::get_if<MatrixWork>(&command->work)) {
      EXPECT_EQ(work->k, op.head_dim);
      EXPECT_TRUE(work->first && work->last);
      for (std::uint64_t r = work->m_begin; r < work->m_begin + work->m_count; ++r) {
        for (std::uint64_t t = work->position; t < work->position + work->n_count; ++t) {
          ++of_op[{work->sequence, work->kv_head, r / group, r % group, t}].products;
        }
      }
    } else if (const auto* work = std::get_if<VectorWork>(&command->work)) {
      EXPECT_EQ(work->step, AttentionStep::finish_scores);
      for (std::uint64_t r = work->row_begin; r < work->row_begin + work->row_count; ++r) {
        for (std::uint64_t member = 0; member < group; ++member) {
          for (std::uint64_t t = work->position_begin;
               t < work->position_begin + work->position_count; ++t) {
            ++of_op[{work->sequence, work->kv_head_begin, r, member, t}].finishes;
          }
        }
      }
    }
  }
  int operators = 0;
  for (workloads::OperatorId id = 0; id < trace_.operators.size(); ++id) {
    const auto& op = trace_.operators[id];
    if (op.kind != OperatorKind::attention_score) continue;
    ++operators;
    for (std::uint64_t s = 0; s < op.batch; ++s) {
      for (std::uint64_t h = 0; h < op.kv_heads; ++h) {
        for (std::uint64_t r = 0; r < op.rows(); ++r) {
          for (std::uint64_t g = 0; g < op.heads / op.kv_heads; ++g) {
            for (std::uint64_t t = 0; t <= op.position + r; ++t) {
              const Counts c = scores[id][{s, h, r, g, t}];
              ASSERT_EQ(c.products, 1) << op.name << " row " << r << " position " << t;
              ASSERT_EQ(c.finishes, 1) << op.name << " row " << r << " position " << t;
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(operators, 4);
}

TEST_P(MatrixAttentionLowering, ValuesAreSummedByIncreasingSegmentWithoutAnotherProductBetween) {
  const MatrixWork* open = nullptr;
  for (const auto& command : lowered_.commands) {
    const auto* work = std::get_if<MatrixWork>(&command->work);
    if (!work) continue;
    if (open) {
      EXPECT_FALSE(work->first);
      EXPECT_EQ(work->segment_begin, open->segment_begin + open->segment_count);
      EXPECT_EQ(work->m_begin, open->m_begin);
      EXPECT_EQ(work->n_begin, open->n_begin);
    } else {
      EXPECT_TRUE(work->first);
      EXPECT_EQ(work->segment_begin, 0u);
    }
    if (work->last && trace_.operators[command->op].kind == OperatorKind::attention_value) {
      EXPECT_EQ(work->segment_begin + work->segment_count,
                spec::ceil_div(work->k, arch_.matrix.lanes_k()));
    }
    open = work->last ? nullptr : work;
  }
  EXPECT_EQ(open, nullptr);
}

TEST_P(MatrixAttentionLowering, APositionIsReadAfterItWasStored) {
  std::vector<const DmaTransfer*> transfers;
  int checked = 0;
  for (const auto& command : lowered_.commands) {
    const auto& op = trace_.operators[command->op];
    const auto* load = std::get_if<DmaTransfer>(&command->work);
    if (!load || load->write || load->buffer != Buffer::weight ||
        (op.kind != OperatorKind::attention_score && op.kind != OperatorKind::attention_value)) {
      continue;
    }
    for (CommandId earlier = 0; earlier < command->id; ++earlier) {
      const auto* store = std::get_if<DmaTransfer>(&lowered_.commands[earlier]->work);
      if (!store || !store->write ||
          trace_.operators[lowered_.commands[earlier]->op].kind != OperatorKind::kv_append) {
        continue;
      }
      for (std::uint32_t piece = 0; piece < store->pieces; ++piece) {
        const std::uint64_t begin = store->address + piece * store->stride;
        if (begin >= end_of(*load) || load->address >= begin + store->piece_bytes) continue;
        EXPECT_TRUE(lowered_.waits_for(command->id, earlier)) << op.name;
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 0);
}

TEST_P(MatrixAttentionLowering, ProductsWaitForTheStepsBeforeThem) {
  // Before a product of values its probabilities are scaled, before that softmax is done, before
  // that the scores are finished.
  std::map<OperatorKind, CommandId> last;
  for (const auto& command : lowered_.commands) {
    const auto& op = trace_.operators[command->op];
    const bool is_product = std::holds_alternative<MatrixWork>(command->work);
    const auto* step = std::get_if<VectorWork>(&command->work);
    if (op.kind == OperatorKind::softmax) {
      EXPECT_TRUE(lowered_.waits_for(command->id, last.at(OperatorKind::attention_score)));
    }
    if (op.kind == OperatorKind::attention_value && step &&
        step->step == AttentionStep::scale_probabilities) {
      EXPECT_TRUE(lowered_.waits_for(command->id, last.at(OperatorKind::softmax)));
    }
    if (op.kind == OperatorKind::attention_value && (is_product || step)) {
      if (is_product || step->step == AttentionStep::finish_values) {
        EXPECT_TRUE(lowered_.waits_for(command->id, last.at(op.kind)));
      }
    }
    if (is_product || step) last[op.kind] = command->id;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MatrixAttentionLowering,
    testing::Values(Case{"resident", spec::Engine::lut_i, 16384, 1 << 20, 20, 2},
                    Case{"spilled", spec::Engine::lut_i, 16384, 8192, 20, 1},
                    Case{"manyRows", spec::Engine::lut_i, 2048, 1 << 20, 40, 1},
                    Case{"manyChunks", spec::Engine::lut_i, 2048, 1 << 20, 150, 1},
                    Case{"integers", spec::Engine::figna, 4096, 16384, 30, 1}),
    [](const auto& info) { return info.param.name; });

TEST(MatrixAttentionRefusals, SayWhatToDo) {
  const auto message = [](const spec::ArchSpec& arch, const workloads::OperatorTrace& trace) {
    try {
      check_lowering(arch, trace, kGib);
    } catch (const spec::SpecError& error) {
      return std::string(error.what());
    }
    return std::string("lowered");
  };
  const spec::ArchSpec arch = on_matrix({"", spec::Engine::lut_i, 65536, 1 << 20, 8, 1});
  EXPECT_EQ(message(arch, quantized_trace(tiny_shape(), 8, 1, 4)), "lowered");
  EXPECT_NE(message(arch, quantized_trace(tiny_shape(), 8, 1, 16)).find("the KV cache is fp16"),
            std::string::npos);
  models::ModelShape sinks = tiny_shape();
  sinks.attention_sinks = true;
  EXPECT_NE(message(arch, quantized_trace(sinks, 8, 1)).find("attention sinks"), std::string::npos);
  // Half of 4 slots of 256 B: 64 scores and sums of 2 heads.
  const spec::ArchSpec small = on_matrix({"", spec::Engine::lut_i, 65536, 4096, 8, 1});
  EXPECT_NE(message(small, quantized_trace(tiny_shape(), 100, 1)).find("a row of scores"),
            std::string::npos);
}

TEST(CacheLayoutBytes, AnAppendAndALoadMoveCodesScalesAndZeroPoints) {
  for (const auto attention : {spec::AttentionUnit::lanes, spec::AttentionUnit::matrix}) {
    spec::ArchSpec arch = on_matrix({"", spec::Engine::lut_i, 65536, 1 << 20, 0, 1});
    arch.attention = attention;
    for (const std::uint32_t bits : {8u, 4u}) {
      const auto trace = quantized_trace(tiny_shape(), 10, 1, bits);
      std::map<OperatorKind, std::uint64_t> bytes;
      for (const auto& command : Lowered(arch, trace).commands) {
        const auto& op = trace.operators[command->op];
        const auto* transfer = std::get_if<DmaTransfer>(&command->work);
        if (transfer && op.phase == workloads::Phase::decode) bytes[op.kind] += transfer->bytes();
      }
      // Two layers, two KV heads of 12 elements, one new position; old ones are read.
      const std::uint64_t row = 2 * 2 * (12 * bits / 8 + 4);
      EXPECT_EQ(bytes[OperatorKind::kv_append], 2 * row) << bits;
      const std::uint64_t read = attention == spec::AttentionUnit::lanes ? 10 : 11;
      EXPECT_EQ(bytes[OperatorKind::attention_score], read * row) << bits;
      EXPECT_EQ(bytes[OperatorKind::attention_value], read * row) << bits;
    }
  }
}

}  // namespace
}  // namespace lutsim::sim

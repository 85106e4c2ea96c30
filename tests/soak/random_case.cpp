// SPDX-License-Identifier: Apache-2.0
#include "tests/soak/random_case.h"

#include <algorithm>
#include <initializer_list>
#include <random>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::soak {

namespace {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint32_t between(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random_() % (high - low + 1));
  }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[between(0, static_cast<std::uint32_t>(values.size()) - 1)];
  }
  bool one_in(std::uint32_t n) { return between(1, n) == 1; }

 private:
  std::mt19937_64 random_;
};

spec::MatrixSpec matrix(Draw& draw) {
  using spec::Engine;
  spec::MatrixSpec m;
  m.engine = draw.one_of({Engine::fp, Engine::ifpu, Engine::figna, Engine::lut_f, Engine::lut_i});
  const bool is_lut = spec::is_lut(m.engine);
  m.mu = is_lut ? draw.between(2, 5) : 1;
  m.racs_per_lut = is_lut ? draw.between(1, 6) : 1;
  m.array_rows = draw.between(1, 9);
  m.array_cols = draw.between(1, 9);
  m.planes = spec::is_bit_serial(m.engine) ? draw.between(1, 4) : 4;
  m.acc_format = spec::is_aligned(m.engine) ? spec::AccFormat::integer : spec::AccFormat::fp32;
  m.align_bits = draw.between(8, 20);
  m.psum_depth = draw.one_of({1u, 2u, 7u, 64u});
  return m;
}

spec::ScratchpadSpec scratchpad(Draw& draw, std::initializer_list<std::uint32_t> capacities) {
  spec::ScratchpadSpec pad;
  pad.capacity = draw.one_of(capacities);
  pad.banks = draw.between(1, 8);
  pad.bank_width = draw.one_of({8u, 12u, 64u});
  pad.tile_slots = draw.between(2, 9);
  return pad;
}

spec::ArchSpec machine(Draw& draw) {
  spec::ArchSpec arch;
  arch.name = "random";
  arch.clock = draw.one_of({100e6, 500e6, 1e9});
  arch.matrix = matrix(draw);
  arch.vector = {draw.between(1, 70), draw.between(1, 9), draw.between(1, 5), draw.between(1, 9)};
  arch.weight_buffer = scratchpad(draw, {2048u, 5000u, 16384u, 262144u});
  arch.activation_buffer = scratchpad(draw, {4096u, 9000u, 16384u, 50000u, 262144u});
  arch.noc = {draw.between(1, 512), draw.between(1, 512), draw.between(1, 64)};
  arch.dma = {draw.between(1, 5), draw.between(1, 3), draw.between(1, 256), draw.between(0, 9),
              draw.between(1, 17)};
  if (draw.one_in(4)) {
    arch.decoder.decoders = draw.between(1, 40);
    arch.decoder.code = {draw.between(1, 12), draw.between(1, 90), draw.between(0, 3), 12};
  }
  arch.command = {draw.one_of({1u, 2u, 16u}), draw.between(1, 9)};
  arch.memory.standard = draw.one_of<const char*>(
      {"lpddr5-6400", "lpddr5x-8533", "hbm2-2000", "hbm3-6400", "ddr4-3200", "ddr5-6400"});
  arch.memory.channels = draw.between(1, 5);
  arch.memory.mapping = draw.one_of({spec::AddressMapping::ro, spec::AddressMapping::mop});
  arch.memory.refresh =
      draw.one_of({spec::Refresh::off, spec::Refresh::all_bank, spec::Refresh::per_bank});
  arch.system.chips = draw.one_in(3) ? draw.between(2, 4) : 1;
  arch.system.topology = draw.one_of({spec::Topology::ring, spec::Topology::switched});
  arch.system.link_bandwidth = draw.one_of({1e9, 63e9});
  arch.system.link_latency = draw.one_of({0.0, 1e-6});
  arch.energy_table = "literature-28nm";
  return arch;
}

models::ModelShape shape(Draw& draw) {
  models::ModelShape s;
  s.name = "random";
  s.layers = draw.between(1, 2);
  s.hidden = draw.between(1, 60);
  s.kv_heads = draw.one_of({1u, 2u, 3u, 4u, 4u});
  s.heads = s.kv_heads * draw.between(1, 3);
  s.head_dim = 2 * draw.between(1, 9);
  s.ffn = draw.between(1, 90);
  s.vocab = draw.between(2, 90);
  s.max_context = 200;
  s.tied_embedding = draw.one_in(2);
  if (draw.one_in(2)) return s;
  // Not a Llama.
  s.norm = draw.one_of({models::NormKind::rms_norm, models::NormKind::layer_norm});
  s.norm_placement = draw.one_of(
      {models::NormPlacement::before, models::NormPlacement::after, models::NormPlacement::around});
  s.activation = draw.one_of({models::Activation::silu, models::Activation::relu,
                              models::Activation::gelu, models::Activation::gelu_tanh});
  s.gated_ffn = draw.one_in(2);
  s.positions = draw.one_of(
      {models::Positions::rotary, models::Positions::learned, models::Positions::alibi});
  s.qkv_bias = draw.one_in(2);
  s.output_bias = draw.one_in(2);
  s.ffn_bias = draw.one_in(2);
  s.head_bias = draw.one_in(4);
  s.qk_norm = draw.one_in(3);
  s.attention_sinks = draw.one_in(3);
  if (draw.one_in(3)) s.sliding_window = draw.between(1, 30);
  if (draw.one_in(3)) {
    s.experts = draw.between(1, 6);
    s.experts_per_token = draw.between(1, s.experts);
    s.expert_ffn = draw.between(1, 40);
    s.shared_experts = draw.between(0, 2);
  }
  if (draw.one_in(4)) {
    s.kv_heads = s.heads;
    s.rope_head_dim = 2;
    s.head_dim += 2;
    s.value_head_dim = draw.between(1, 12);
    s.kv_latent = draw.between(1, 30);
    s.q_latent = draw.one_in(2) ? draw.between(1, 20) : 0;
    s.positions = models::Positions::rotary;
    s.qk_norm = false;
  }
  return s;
}

workloads::TraceRequest request(Draw& draw, bool needs_offset) {
  workloads::TraceRequest r;
  r.batch = draw.one_in(2) ? 1 : draw.between(2, 5);
  r.prompt_tokens = draw.one_in(3) ? 0 : draw.between(1, 40);
  r.cached_tokens = draw.one_in(2) || r.prompt_tokens == 0 ? draw.between(1, 60) : 0;
  r.generated_tokens = draw.between(1, 3);
  r.weight_bits = draw.one_in(8) ? 16 : draw.between(1, 4);
  r.has_offset = needs_offset || draw.one_in(2);
  r.group_size = draw.one_of({1u, 5u, 16u, 128u});
  r.kv_bits = draw.one_of({16u, 8u, 4u});
  return r;
}

}  // namespace

RandomCase random_case(std::uint64_t seed) {
  Draw draw(seed);
  RandomCase result;
  result.arch = machine(draw);
  const models::ModelShape of_model = shape(draw);
  const workloads::TraceRequest of_trace =
      request(draw, !spec::is_bit_serial(result.arch.matrix.engine));
  spec::validate(result.arch);
  result.memory = config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, result.arch.memory.standard, "memory"));
  result.trace = workloads::build_trace(of_model, of_trace);
  if (result.arch.decoder.decoders > 0) {
    const spec::XorCodeSpec& code = result.arch.decoder.code;
    for (workloads::Tensor& tensor : result.trace.tensors) {
      if (!tensor.weight.is_bcq()) continue;
      tensor.weight.code = {code.n_in, code.n_out, code.patch_bits, draw.between(0, 600000),
                            draw.between(0, 900000)};
    }
  }
  if (draw.one_in(4)) {
    result.task_switch =
        draw.one_of({workloads::TaskSwitch::scales, workloads::TaskSwitch::weights});
  }
  // The matrix unit refuses caches of FP16, and of 8 bits with the integer weights of 4 above.
  const std::uint32_t widest = spec::is_bit_serial(result.arch.matrix.engine) ? 8 : 4;
  if (of_trace.kv_bits <= widest && draw.one_in(2)) {
    result.arch.attention = spec::AttentionUnit::matrix;
  }
  return result;
}

}  // namespace lutsim::soak

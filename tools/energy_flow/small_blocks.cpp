// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/small_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "models/config/data_root.h"
#include "models/engine/align.h"
#include "models/engine/half_lut.h"
#include "models/numerics/float_format.h"
#include "models/sparsity/prune.h"
#include "models/sparsity/xor_encoder.h"
#include "models/vector/function_unit.h"
#include "tools/support/read_file.h"

namespace lutsim::gates {
namespace {

using Simulate = std::function<void(GateSimulator&)>;

/// Both simulations of a block that `drive` feeds and checks.
BlockRun measure(const std::string& name, const std::string& operands, std::uint64_t operations,
                 const Netlist& netlist, const CellLibrary& library, const PartRule& rule,
                 const Simulate& drive) {
  BlockRun run{name, operands, operations, {}, {}};
  const PartMap parts = map_parts(netlist, rule);
  for (const auto delays : {GateSimulator::Delays::zero, GateSimulator::Delays::liberty}) {
    GateSimulator simulator(netlist, delays);
    drive(simulator);
    (delays == GateSimulator::Delays::zero ? run.zero_delay : run.with_glitches) =
        energy_by_part(netlist, simulator, parts, library);
  }
  return run;
}

std::string one_part(const Place&) { return "all"; }

void set(GateSimulator& simulator, const Netlist& netlist, const char* name, std::uint64_t value) {
  const Port& port = netlist.port(name);
  simulator.set_port(port, 0, static_cast<std::uint32_t>(port.nets.size()), value);
}

std::uint64_t get(const GateSimulator& simulator, const Netlist& netlist, const char* name) {
  const Port& port = netlist.port(name);
  return simulator.port_value(port, 0, static_cast<std::uint32_t>(port.nets.size()));
}

void cycle(GateSimulator& simulator) {
  simulator.settle();
  simulator.clock();
}

void reset(GateSimulator& simulator, const Netlist& netlist) {
  set(simulator, netlist, "rst_ni", 0);
  cycle(simulator);
  set(simulator, netlist, "rst_ni", 1);
  simulator.reset_counts();
}

void run_functions(GateSimulator& simulator, const Netlist& netlist,
                   models::VectorFunction function, const std::vector<float>& operands) {
  set(simulator, netlist, "in_valid_i", 0);
  set(simulator, netlist, "out_ready_i", 1);
  set(simulator, netlist, "function_i", static_cast<std::uint64_t>(function));
  reset(simulator, netlist);
  std::size_t given = 0, checked = 0;
  while (checked < operands.size()) {
    set(simulator, netlist, "in_valid_i", given < operands.size());
    if (given < operands.size())
      set(simulator, netlist, "x_i", models::fp32_bits(operands[given++]));
    simulator.settle();
    if (get(simulator, netlist, "out_valid_o") != 0) {
      const float golden = models::evaluate(function, operands[checked++]);
      if (get(simulator, netlist, "y_o") != models::fp32_bits(golden)) {
        throw std::runtime_error("the gates of function_unit differ from the golden function at " +
                                 std::to_string(operands[checked - 1]));
      }
    }
    simulator.clock();
  }
}

void run_stream(GateSimulator& simulator, const Netlist& netlist, const spec::XorCodeSpec& code,
                const models::XorStream& stream) {
  for (const char* name : {"in_valid_i", "in_last_i", "patch_valid_i"})
    set(simulator, netlist, name, 0);
  set(simulator, netlist, "out_ready_i", 1);
  reset(simulator, netlist);
  const models::BitVector golden = models::decode(code, stream);
  const Port& out = netlist.port("out_o");
  std::size_t blocks = 0, patches = 0, done = 0;
  while (done < stream.blocks.size()) {
    const bool offer_block = blocks < stream.blocks.size(),
               offer_patch = patches < stream.patches.size();
    set(simulator, netlist, "in_valid_i", offer_block);
    if (offer_block) {
      set(simulator, netlist, "in_i", stream.blocks[blocks]);
      set(simulator, netlist, "in_last_i", blocks + 1 == stream.blocks.size());
    }
    set(simulator, netlist, "patch_valid_i", offer_patch);
    if (offer_patch) set(simulator, netlist, "patch_i", stream.patches[patches]);
    simulator.settle();
    if (get(simulator, netlist, "out_valid_o") != 0) {
      for (std::uint32_t i = 0; i < code.n_out; ++i) {
        const std::size_t bit = done * code.n_out + i;
        if (bit < golden.size() && simulator.value(out.nets[i]) != (golden[bit] != 0)) {
          throw std::runtime_error(
              "the gates of xor_decoder differ from the golden decoder in block " +
              std::to_string(done));
        }
      }
      ++done;
    }
    blocks += offer_block && get(simulator, netlist, "in_ready_o") != 0;
    patches += offer_patch && get(simulator, netlist, "patch_ready_o") != 0;
    simulator.clock();
  }
}

/// Half LUTs of consecutive columns of the run, and keys of a bit-plane of its weights.
struct TableOperands {
  std::vector<models::HalfLut> tables;
  std::vector<std::uint32_t> keys;
};

constexpr std::uint32_t kMu = 4;
constexpr std::size_t kTableCycles = 1000;

TableOperands table_operands(const Stimulus& stimulus) {
  const spec::MatrixSpec matrix;
  TableOperands operands;
  // The same column of one token after the other, as the array sees it.
  for (const CapturedMatmul& matmul : stimulus.matmuls) {
    for (std::uint64_t column = 0; column < 2; ++column) {
      for (std::uint64_t row = 0; row < matmul.m && operands.tables.size() < kTableCycles; ++row) {
        const auto length =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(matmul.k, matrix.lanes_k()));
        std::vector<float> x(
            matmul.x.begin() + static_cast<std::ptrdiff_t>(row * matmul.k),
            matmul.x.begin() + static_cast<std::ptrdiff_t>(row * matmul.k + length));
        for (float& value : x) value = models::round_to_fp16(value);
        const models::AlignedSegment aligned = models::align(matrix, x.data(), length);
        operands.tables.emplace_back(kMu, aligned.mantissa.data() + column * kMu);
      }
    }
    const models::BcqMatrix& weights = *models::matrices_by_name(stimulus.model).at(matmul.weight);
    for (std::uint32_t n = 0; n < weights.n; ++n) {
      for (std::uint32_t p = 0; p < weights.weight_bits && operands.keys.size() < 32 * kTableCycles;
           ++p) {
        operands.keys.push_back(static_cast<std::uint32_t>(weights.bits(p, n, 0, kMu)));
      }
    }
  }
  return operands;
}

void run_table(GateSimulator& simulator, const Netlist& netlist, const TableOperands& operands,
               bool half, std::uint32_t readers, bool rewritten) {
  const std::uint32_t entry_bits = spec::MatrixSpec{}.entry_bits();
  const std::uint32_t entries = half ? 1u << (kMu - 1) : 1u << kMu;
  const std::size_t count = std::min(operands.tables.size(), operands.keys.size() / readers);
  const std::uint64_t mask = (std::uint64_t{1} << entry_bits) - 1;
  const models::HalfLut* table = nullptr;
  std::vector<std::uint32_t> keys(readers);
  for (std::size_t i = 0; i <= count; ++i) {
    const bool load_table = i < count && (rewritten || i == 0),
               load_keys = i < count && (!rewritten || i == 0);
    set(simulator, netlist, "load_lut_i", load_table);
    set(simulator, netlist, "load_key_i", load_keys);
    if (load_table) {
      for (std::uint32_t e = 0; e < entries; ++e) {
        simulator.set_port(netlist.port("entry_i"), std::size_t{e} * entry_bits, entry_bits,
                           static_cast<std::uint64_t>(operands.tables[i].entry(e)) & mask);
      }
    }
    for (std::uint32_t r = 0; load_keys && r < readers; ++r) {
      simulator.set_port(netlist.port("key_i"), std::size_t{r} * kMu, kMu,
                         operands.keys[i * readers + r]);
    }
    simulator.settle();
    for (std::uint32_t r = 0; table != nullptr && r < readers; ++r) {
      const std::uint64_t value =
          simulator.port_value(netlist.port("value_o"), std::size_t{r} * entry_bits, entry_bits);
      if (value != (static_cast<std::uint64_t>(table->entry(keys[r])) & mask)) {
        throw std::runtime_error("the gates of table_study read a wrong entry");
      }
    }
    simulator.clock();
    if (i == 0) simulator.reset_counts();
    if (load_table) table = &operands.tables[i];
    for (std::uint32_t r = 0; load_keys && r < readers; ++r)
      keys[r] = operands.keys[i * readers + r];
  }
}

std::string table_part(const Place& place) {
  if (place.signal.find("entry_q") != std::string::npos) return "lut";
  if (!place.signal.empty() || place.feeds == "key") return "key";
  return place.path.find("u_mux") != std::string::npos ? "mux" : "decoder";
}

}  // namespace

std::vector<BlockRun> run_function_unit(const FlowPaths& paths, const CellLibrary& library,
                                        const Stimulus& stimulus) {
  const Netlist netlist =
      synthesize(paths, library, "function_unit", "function_unit", spec::MatrixSpec{});
  std::vector<BlockRun> runs;
  const auto add = [&](const char* name, models::VectorFunction function,
                       const std::vector<float>& x) {
    runs.push_back(
        measure(name, "run", x.size(), netlist, library, one_part,
                [&](GateSimulator& simulator) { run_functions(simulator, netlist, function, x); }));
  };
  add("function_exp", models::VectorFunction::exponential, stimulus.vector.exponential);
  add("function_sigmoid", models::VectorFunction::sigmoid, stimulus.vector.sigmoid);
  return runs;
}

std::vector<BlockRun> run_decoder_block(const FlowPaths& paths, const CellLibrary& library,
                                        const Stimulus& stimulus) {
  const spec::XorCodeSpec code;
  const models::BcqMatrix& weights = stimulus.model.layers.front().w_gate;
  std::vector<float> values;
  models::BitVector bits;
  constexpr std::size_t kBits = 16000;
  for (std::uint32_t n = 0; n < weights.n && bits.size() < kBits; ++n) {
    for (std::uint32_t k = 0; k < weights.k && bits.size() < kBits; ++k) {
      values.push_back(weights.weight(n, k));
      bits.push_back(weights.bit(weights.weight_bits - 1, n, k));
    }
  }
  const auto mask = models::magnitude_mask(values.data(), values.size(), 0.9);
  const models::XorStream stream = models::xor_encode(code, bits, mask).stream;
  const Netlist netlist =
      synthesize(paths, library, "xor_decoder", "xor_decoder", spec::MatrixSpec{});
  return {measure("xor_decoder", "run", stream.blocks.size(), netlist, library, one_part,
                  [&](GateSimulator& simulator) { run_stream(simulator, netlist, code, stream); })};
}

std::vector<BlockRun> run_tables(const FlowPaths& paths, const CellLibrary& library,
                                 const Stimulus& stimulus) {
  const TableOperands operands = table_operands(stimulus);
  const std::string study =
      tools::read_file(config::data_root() / "tools" / "energy_flow" / "table_study.sv");
  std::vector<BlockRun> runs;
  for (const bool half : {false, true}) {
    for (const std::uint32_t readers : {1u, 32u}) {
      const std::string name =
          std::string(half ? "half" : "full") + "_table_" + std::to_string(readers);
      const std::uint32_t entry_bits = spec::MatrixSpec{}.entry_bits();
      const std::string top = fmt::format(
          "{}module table_top (\n  input logic clk_i,\n  input logic load_lut_i,\n"
          "  input logic [{}:0] entry_i,\n  input logic load_key_i,\n  input logic [{}:0] key_i,\n"
          "  output logic [{}:0] value_o\n);\n"
          "  table_study #(.EntryBits({}), .Readers({}), .Half({})) u_table (.*);\nendmodule\n",
          study, (half ? 8 : 16) * entry_bits - 1, readers * kMu - 1, readers * entry_bits - 1,
          entry_bits, readers, half ? 1 : 0);
      const Netlist netlist =
          synthesize(paths, library, name, "table_top", spec::MatrixSpec{}, top);
      for (const bool rewritten : {true, false}) {
        const std::size_t count = std::min(operands.tables.size(), operands.keys.size() / readers);
        runs.push_back(measure(name + (rewritten ? "_rewritten" : "_held"), "run", count, netlist,
                               library, table_part, [&](GateSimulator& simulator) {
                                 run_table(simulator, netlist, operands, half, readers, rewritten);
                               }));
      }
    }
  }
  return runs;
}

}  // namespace lutsim::gates

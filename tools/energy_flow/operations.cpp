// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>

#include "models/numerics/float_arithmetic.h"
#include "tools/energy_flow/small_blocks.h"

namespace lutsim::gates {
namespace {

using models::bits_of;
using models::value_of;
using spec::NumberFormat;

/// y = f(a, b) of one RTL expression or block.
struct Operation {
  std::string name;
  std::uint32_t a_bits, b_bits, y_bits;
  std::string body;  ///< SystemVerilog between the ports a_i, b_i and y_o
  std::function<std::uint64_t(std::uint64_t, std::uint64_t)> golden;
};

using Operands = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

std::string range(std::uint32_t bits) { return "[" + std::to_string(bits - 1) + ":0] "; }

std::string wrapper(const Operation& op) {
  return "module operation (\n  input  logic " + range(op.a_bits) + "a_i,\n  input  logic " +
         range(op.b_bits) + "b_i,\n  output logic " + range(op.y_bits) + "y_o\n);\n  " + op.body +
         "\nendmodule\n";
}

EnergyByPart simulate(const Operation& op, const Netlist& netlist, const CellLibrary& library,
                      const Operands& operands, GateSimulator::Delays delays,
                      std::uint64_t* transitions = nullptr) {
  GateSimulator simulator(netlist, delays);
  const Port &a = netlist.port("a_i"), &b = netlist.port("b_i"), &y = netlist.port("y_o");
  for (std::size_t i = 0; i < operands.size(); ++i) {
    simulator.set_port(a, 0, op.a_bits, operands[i].first);
    simulator.set_port(b, 0, op.b_bits, operands[i].second);
    simulator.settle();
    simulator.clock();
    // The first operation starts from a state that no operand left.
    if (i == 0) simulator.reset_counts();
    const std::uint64_t gates = simulator.port_value(y, 0, op.y_bits);
    const std::uint64_t golden = op.golden(operands[i].first, operands[i].second);
    if (gates != golden) {
      throw std::runtime_error("the gates of " + op.name + " give " + std::to_string(gates) +
                               ", the golden function " + std::to_string(golden));
    }
  }
  const PartMap parts = map_parts(netlist, [](const Place&) { return std::string("all"); });
  if (transitions != nullptr) {
    *transitions = 0;
    for (std::uint32_t net = 0; net < netlist.nets; ++net)
      *transitions += simulator.rises()[net] + simulator.falls()[net];
  }
  return energy_by_part(netlist, simulator, parts, library);
}

/// What cross_check.sh runs in another simulator.
void write_cross_check(const FlowPaths& paths, const Operation& op, const Operands& operands,
                       std::uint64_t transitions) {
  const std::string stem = (paths.work / op.name).string();
  std::ofstream vectors(stem + ".vectors");
  for (const auto& [a, b] : operands) {
    char text[64];
    std::snprintf(text, sizeof text, "%04x%04x%04x\n", static_cast<unsigned>(a),
                  static_cast<unsigned>(b), static_cast<unsigned>(op.golden(a, b)));
    vectors << text;
  }
  std::ofstream(stem + ".transitions") << transitions << "\n";
}

std::uint64_t mask(std::uint32_t bits) { return (std::uint64_t{1} << bits) - 1; }

Operation int_add(std::uint32_t bits) {
  return {"int" + std::to_string(bits) + "_add",
          bits,
          bits,
          bits,
          "assign y_o = a_i + b_i;",
          [bits](std::uint64_t a, std::uint64_t b) { return (a + b) & mask(bits); }};
}

/// Signed, all bits of the product.
Operation int_multiply(std::uint32_t bits) {
  const auto value = [bits](std::uint64_t x) {
    const std::uint32_t unused = 64 - bits;
    return static_cast<std::int64_t>(x << unused) >> unused;
  };
  return {"int" + std::to_string(bits) + "_multiply",
          bits,
          bits,
          2 * bits,
          "assign y_o = $signed(a_i) * $signed(b_i);",
          [bits, value](std::uint64_t a, std::uint64_t b) {
            const auto product = static_cast<std::uint64_t>(value(a) * value(b));
            return bits == 32 ? product : product & mask(2 * bits);
          }};
}

/// Logic, by b: what the shift of an aligner is made of.
Operation shift() {
  return {"shift32", 32, 5, 32, "assign y_o = a_i >> b_i;", [](std::uint64_t a, std::uint64_t b) {
            return a >> b;
          }};
}

std::string parameters(NumberFormat format, const char* prefix = "") {
  const spec::FloatEncoding e = spec::float_encoding(format);
  return std::string(".") + prefix + "ExpBits(" + std::to_string(e.exponent_bits) + "), ." +
         prefix + "ManBits(" + std::to_string(e.mantissa_bits) + ")";
}

/// An operation of two numbers of one format.
template <class Function>
Operation float_operation(const char* name, NumberFormat format, const std::string& instance,
                          Function function) {
  const std::uint32_t width = spec::width_bits(format);
  return {
      name, width, width, width, instance, [format, function](std::uint64_t a, std::uint64_t b) {
        const auto of = [&](std::uint64_t x) {
          return value_of(format, static_cast<std::uint32_t>(x));
        };
        return std::uint64_t{bits_of(format, function(of(a), of(b)))};
      }};
}

Operation float_add(const char* name, NumberFormat format) {
  return float_operation(
      name, format, "fp_adder #(" + parameters(format) + ") u_adder (.a_i, .b_i, .sum_o(y_o));",
      [format](auto a, auto b) { return models::fp_add(format, a, b); });
}

Operation float_multiply(const char* name, NumberFormat format) {
  return float_operation(
      name, format,
      "fp_multiplier #(" + parameters(format) + ") u_multiplier (.a_i, .b_i, .product_o(y_o));",
      [format](auto a, auto b) { return models::fp_multiply(format, format, a, b); });
}

Operation convert() {
  return {"fp32_to_fp16",
          32,
          1,
          16,
          "logic unused; assign unused = b_i[0]; fp_converter u_converter (.value_i(a_i), "
          ".value_o(y_o));",
          [](std::uint64_t a, std::uint64_t) {
            return std::uint64_t{bits_of(
                NumberFormat::fp16, value_of(NumberFormat::fp32, static_cast<std::uint32_t>(a)))};
          }};
}

constexpr std::size_t kRandomOperands = 2000;

/// Uniform bits, or numbers of a normal distribution for a floating-point format.
Operands random_bits(std::uint32_t a_bits, std::uint32_t b_bits) {
  std::mt19937_64 random(1);
  Operands operands;
  for (std::size_t i = 0; i < kRandomOperands; ++i) {
    const std::uint64_t a = random() & mask(a_bits);
    operands.emplace_back(a, random() & mask(b_bits));
  }
  return operands;
}

/// Box and Muller, so that every C++ library draws the same numbers.
Operands random_numbers(NumberFormat format) {
  std::mt19937_64 random(1);
  const auto uniform = [&] {
    return (static_cast<double>(random() >> 11) + 1) / 9007199254740993.0;
  };
  const auto normal = [&] {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return static_cast<float>(radius * std::cos(6.283185307179586 * uniform()));
  };
  Operands operands;
  for (std::size_t i = 0; i < kRandomOperands; ++i) {
    const std::uint32_t a = bits_of(format, normal());
    operands.emplace_back(a, bits_of(format, normal()));
  }
  return operands;
}

Operands of_pairs(NumberFormat format, const std::vector<std::pair<float, float>>& pairs) {
  Operands operands;
  for (const auto& pair : pairs) {
    operands.emplace_back(bits_of(format, pair.first), bits_of(format, pair.second));
  }
  return operands;
}

}  // namespace

std::vector<BlockRun> run_operations(const FlowPaths& paths, const CellLibrary& library,
                                     const Stimulus& stimulus) {
  std::vector<BlockRun> runs;
  const auto measure = [&](const Operation& op,
                           const std::vector<std::pair<std::string, Operands>>& sets) {
    const Netlist netlist =
        synthesize(paths, library, op.name, "operation", spec::MatrixSpec{}, wrapper(op));
    for (const auto& [kind, operands] : sets) {
      BlockRun run{op.name, kind, operands.size() - 1, {}, {}};
      std::uint64_t transitions = 0;
      run.zero_delay =
          simulate(op, netlist, library, operands, GateSimulator::Delays::zero, &transitions);
      if (op.name == "fp16_add" && kind == "random")
        write_cross_check(paths, op, operands, transitions);
      run.with_glitches = simulate(op, netlist, library, operands, GateSimulator::Delays::liberty);
      runs.push_back(std::move(run));
    }
  };
  for (const std::uint32_t bits : {8u, 16u, 32u})
    measure(int_add(bits), {{"random", random_bits(bits, bits)}});
  for (const std::uint32_t bits : {8u, 16u, 32u})
    measure(int_multiply(bits), {{"random", random_bits(bits, bits)}});
  measure(shift(), {{"random", random_bits(32, 5)}});
  const struct {
    const char *add, *multiply;
    NumberFormat format;
  } formats[] = {{"fp16_add", "fp16_multiply", NumberFormat::fp16},
                 {"bf16_add", "bf16_multiply", NumberFormat::bf16},
                 {"fp32_add", "fp32_multiply", NumberFormat::fp32}};
  for (const auto& f : formats) {
    measure(float_add(f.add, f.format), {{"random", random_numbers(f.format)},
                                         {"run", of_pairs(f.format, stimulus.vector.add)}});
    measure(float_multiply(f.multiply, f.format),
            {{"random", random_numbers(f.format)},
             {"run", of_pairs(f.format, stimulus.vector.multiply)}});
  }
  Operands converted;
  for (const float x : stimulus.vector.convert)
    converted.emplace_back(bits_of(NumberFormat::fp32, x), 0);
  measure(convert(), {{"run", converted}});
  return runs;
}

}  // namespace lutsim::gates

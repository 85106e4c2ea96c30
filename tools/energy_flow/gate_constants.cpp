// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_constants.h"

#include <algorithm>
#include <stdexcept>

#include "models/energy/energy_table.h"
#include "models/energy/geometry.h"
#include "models/engine/half_lut.h"

namespace lutsim::gates {
namespace {

using models::MatrixGeometry;

/// Sum of energies over sum of what they are for, so that long runs weigh more.
class Mean {
 public:
  void add(const GateEnergy& energy, double amount) {
    energy_ += energy;
    amount_ += amount;
  }
  GateEnergy value() const { return energy_ * (1 / amount_); }

 private:
  GateEnergy energy_;
  double amount_ = 0;
};

/// Adders of a tree over `leaves` for one leaf: what an event "one addition of the tree" has.
double additions_for_a_leaf(double leaves) { return (leaves - 1) / leaves; }

class Derivation {
 public:
  explicit Derivation(const Measurements& measured)
      : measured_(measured),
        lut_i_(measured.unit("lut-i")),
        lut_f_(measured.unit("lut-f")),
        ifpu_(measured.unit("ifpu")),
        figna_(measured.unit("figna")),
        fp_(measured.unit("fp")) {}

  std::vector<GateConstant> run() {
    generic();
    front();
    lut();
    lanes();
    output();
    vector();
    return std::move(constants_);
  }

 private:
  void add(const std::string& name, const GateEnergy& energy, const std::string& origin) {
    // A net of many readers is mostly wire: 2 fF beside 1 fF of pin, literature-28nm.
    const bool is_fanout = name.rfind("lut_fanout_bit", 0) == 0;
    constants_.push_back({name, energy, is_fanout ? 3.0 : 1.0,
                          is_fanout ? origin + "; high: wires of twice the pins" : origin});
  }
  void add(const std::string& name, const char* event, const GateEnergy& energy,
           const std::string& origin) {
    add(models::for_event(name, event), energy, origin);
  }
  GateEnergy operation(const char* name, const char* operands, double per = 1) const {
    return measured_.block(name, operands).each() * (1 / per);
  }
  const GateEnergy& of(const std::string& name) const {
    for (const GateConstant& constant : constants_) {
      if (constant.name == name) return constant.energy;
    }
    throw std::logic_error("constant " + name + " is not derived yet");
  }

  void generic() {
    add("int_add_bit", operation("int32_add", "random", 32), "32-bit adder / 32, random operands");
    add("shift_bit", operation("shift32", "random", 32), "32-bit shifter / 32, random operands");
    add("int_multiply_bit2", operation("int16_multiply", "random", 256),
        "16 x 16 bit multiplier / 256, random operands");
    for (const char* name : {"fp16_add", "fp16_multiply", "fp32_add", "fp32_multiply"}) {
      add(name, operation(name, "run"), "block on residual additions or SiLU products of the run");
    }
    const MatrixGeometry m(lut_i_.matrix);
    const double reads = lut_i_.count("matrix.lut_read");
    add("mux_bit", lut_i_.energy({"read"}) * (1 / (reads * m.mu * m.entry_bits)),
        "readers of lut-i / (mu x entry bits)");
    const double sums = fp_.count("matrix.fp_mac") * additions_for_a_leaf(fp_.matrix.array_cols);
    add("register_write_bit", fp_.energy({"sum.rest"}) * (1 / (sums * fp_.matrix.sum_bits())),
        "registers of the trees of fp / bits");
    const double writes = lut_i_.count("matrix.lut_write");
    add("lut_fanout_bit", lut_i_.load({"lut"}) * (1 / (writes * m.lut_bits * m.racs_per_lut)),
        "pins that the entries of lut-i drive / (entry bits x entries x readers)");
  }

  /// Every constant of a formula times the same factor, so that the formula gives what was
  /// measured.
  struct Amount {
    const char* name;
    double amount;
  };
  void ratio(const char* event, const std::vector<Amount>& formula, const GateEnergy& each,
             const std::string& origin) {
    GateEnergy sum;
    for (const Amount& term : formula) sum += of(term.name) * term.amount;
    for (const Amount& term : formula) {
      const GateEnergy& generic = of(term.name);
      add(term.name, event,
          {generic.zero_delay * each.zero_delay / sum.zero_delay,
           generic.with_glitches * each.with_glitches / sum.with_glitches},
          origin);
    }
  }

  void front() {
    Mean align;
    for (const MeasuredUnit* unit : {&lut_i_, &ifpu_, &figna_}) {
      align.add(unit->energy({"align"}), unit->count("matrix.align"));
    }
    const MatrixGeometry m(lut_i_.matrix);
    ratio("matrix.align",
          {{"int_add_bit", 2 * m.act_exponent_bits + m.align_bits}, {"shift_bit", m.align_bits}},
          align.value(), "aligners of lut-i, ifpu and figna with their registers");
    Mean registers, fanout;
    for (const MeasuredUnit* unit : {&ifpu_, &figna_, &fp_}) {
      const MatrixGeometry g(unit->matrix);
      const double count = unit->count("matrix.activation_write");
      const double bits = spec::is_aligned(unit->matrix.engine) ? g.align_bits : 2 * g.act_bits;
      registers.add(unit->energy({"activation"}) - unit->load({"activation"}), count * bits);
      const double read = spec::is_aligned(unit->matrix.engine) ? g.align_bits : g.act_bits;
      fanout.add(unit->load({"activation"}), count * read * g.rows);
    }
    add("register_write_bit", "matrix.activation_write", registers.value(),
        "operand registers of ifpu, figna and fp / bits");
    add("lut_fanout_bit", "matrix.activation_write", fanout.value(),
        "pins that operand registers drive / (bits x rows)");
    Mean keys, bus;
    for (const MeasuredUnit* unit : {&lut_i_, &lut_f_}) {
      keys.add(unit->energy({"key"}), unit->count("matrix.key_write") * unit->matrix.mu);
    }
    for (const MeasuredUnit* unit : {&ifpu_, &figna_}) {
      const MatrixGeometry g(unit->matrix);
      const double bits = unit->count("matrix.key_write") * g.weight_bits;
      bus.add(unit->energy({"key"}) - keys.value() * bits, bits * g.columns / 2);
    }
    add("register_write_bit", "matrix.key_write", keys.value(),
        "key registers of lut-i and lut-f / bits");
    add("lut_fanout_bit", "matrix.key_write", bus.value(),
        "weight registers of ifpu and figna, less their bits, / (bits x columns / 2)");
  }

  void lut() {
    const MatrixGeometry i(lut_i_.matrix), f(lut_f_.matrix);
    const double additions = models::generator_additions(lut_i_.matrix.mu);
    add("int_add_bit", "matrix.lut_generate",
        lut_i_.energy({"lut_generate"}) *
            (1 / (lut_i_.count("matrix.lut_generate") * additions * i.entry_bits)),
        "generators of lut-i / (14 additions x entry bits)");
    add("fp32_add", "matrix.lut_generate",
        lut_f_.energy({"lut_generate", "activation"}) *
            (1 / (lut_f_.count("matrix.lut_generate") * additions)),
        "generators, converters and activation registers of lut-f / 14 additions");
    Mean registers;
    for (const MeasuredUnit* unit : {&lut_i_, &lut_f_}) {
      registers.add(unit->energy({"lut"}) - unit->load({"lut"}),
                    unit->count("matrix.lut_write") * MatrixGeometry(unit->matrix).lut_bits);
    }
    add("register_write_bit", "matrix.lut_write", registers.value(),
        "table registers of lut-i and lut-f / bits, without what they drive");
    Mean select;
    for (const MeasuredUnit* unit : {&lut_i_, &lut_f_}) {
      const MatrixGeometry g(unit->matrix);
      select.add(unit->energy({"read"}), unit->count("matrix.lut_read") * g.mu * g.entry_bits);
    }
    add("mux_bit", "matrix.lut_read", select.value(),
        "readers of lut-i and lut-f / (mu x entry bits)");
    add("int_add_bit", "matrix.lut_read",
        lut_i_.energy({"sum.rest"}) * (1 / (lut_i_.count("matrix.lut_read") * i.sum_bits)),
        "adder trees of lut-i over 16 columns / (leaves x sum bits)");
    const double sums = lut_f_.count("matrix.lut_read") * additions_for_a_leaf(f.columns);
    add("fp32_add", "matrix.lut_read", lut_f_.energy({"sum.adder"}) * (1 / sums),
        "adders of the trees of lut-f");
    add("register_write_bit", "matrix.lut_read",
        lut_f_.energy({"sum.rest"}) * (1 / (sums * f.sum_bits)),
        "registers of the trees of lut-f / bits");
  }

  void lanes() {
    const MatrixGeometry a(ifpu_.matrix), g(figna_.matrix), f(fp_.matrix);
    const double adds = ifpu_.count("matrix.add_sub");
    add("mux_bit", "matrix.add_sub", ifpu_.energy({"read"}) * (1 / (adds * a.align_bits)),
        "sign inversion of ifpu / align bits");
    add("int_add_bit", "matrix.add_sub", ifpu_.energy({"sum.rest"}) * (1 / (adds * a.sum_bits)),
        "adder trees of ifpu over 64 lanes / (leaves x sum bits)");
    const double macs = figna_.count("matrix.integer_mac");
    add("int_multiply_bit2", "matrix.integer_mac",
        figna_.energy({"read"}) * (1 / (macs * g.align_bits * (g.planes + 1))),
        "multipliers of figna / (align bits x 5)");
    add("int_add_bit", "matrix.integer_mac",
        figna_.energy({"sum.rest"}) * (1 / (macs * g.sum_bits)),
        "adder trees of figna over 64 lanes / (leaves x sum bits)");
    ratio("matrix.dequantize",
          {{"int_add_bit", f.planes + 1}, {"shift_bit", f.planes + 1}, {"fp16_multiply", 1}},
          fp_.energy({"dequantize"}) * (1 / fp_.count("matrix.dequantize")), "dequantisers of fp");
    const double products = fp_.count("matrix.fp_mac");
    add("fp16_multiply", "matrix.fp_mac", fp_.energy({"multiply", "read"}) * (1 / products),
        "FP16 to FP32 multipliers of fp");
    const double sums = products * additions_for_a_leaf(f.columns);
    add("fp32_add", "matrix.fp_mac", fp_.energy({"sum.adder"}) * (1 / sums),
        "adders of the trees of fp");
  }

  void output() {
    Mean convert, multiply, accumulate;
    for (const MeasuredUnit* unit : {&lut_i_, &ifpu_})
      convert.add(unit->energy({"scale.convert"}), unit->count("matrix.scale"));
    for (const MeasuredUnit* unit : {&lut_i_, &ifpu_, &figna_, &lut_f_}) {
      multiply.add(unit->energy({"scale.multiply", "scale.rest"}), unit->count("matrix.scale"));
    }
    for (const MeasuredUnit* unit : {&lut_i_, &ifpu_, &figna_, &lut_f_, &fp_}) {
      accumulate.add(unit->energy({"accumulate.adder", "accumulate.rest"}),
                     unit->count("matrix.accumulate"));
    }
    const MatrixGeometry m(lut_i_.matrix);
    ratio("matrix.scale",
          {{"int_add_bit", m.sum_bits + models::kFp32ExponentBits}, {"shift_bit", m.sum_bits}},
          convert.value(), "converters of lut-i and ifpu");
    add("fp32_multiply", "matrix.scale", multiply.value(),
        "scale multipliers with their registers, all engines with scales");
    add("fp32_add", "matrix.accumulate", accumulate.value(), "accumulation adders of all engines");
  }

  void vector() {
    GateEnergy function = operation("function_exp", "run");
    function += operation("function_sigmoid", "run");
    add("vector.function", function * 0.5, "function unit on exponentials and sigmoids of the run");
    GateEnergy convert = operation("fp32_to_fp16", "run");
    convert += of("register_write_bit") * models::kFp32Bits;
    add("vector.convert", convert,
        "converter on matmul results of the run, and a register of 32 bit");
  }

  const Measurements& measured_;
  const MeasuredUnit &lut_i_, &lut_f_, &ifpu_, &figna_, &fp_;
  std::vector<GateConstant> constants_;
};

}  // namespace

std::vector<GateConstant> gate_constants(const Measurements& measured) {
  return Derivation(measured).run();
}

std::vector<GateArea> gate_areas(const Measurements& measured) {
  const MeasuredUnit &lut = measured.unit("lut-i"), &figna = measured.unit("figna"),
                     &fp = measured.unit("fp");
  const MatrixGeometry m(lut.matrix), g(figna.matrix), f(fp.matrix);
  const auto block = [&](const char* name) { return measured.block(name, "random").area_um2(); };
  const auto& registers = lut.runs.front().parts.at("lut");
  const double register_bit = registers.area_um2 / static_cast<double>(registers.registers);
  const double sum_registers =
      static_cast<double>(lut.runs.front().parts.at("sum.rest").registers) * register_bit;
  const double int_add_bit = (lut.area_um2({"sum.rest"}) - sum_registers) / (m.racs * m.sum_bits);
  const double align_lane = lut.area_um2({"align"}) / m.lanes_k;
  const double shift_bit = (align_lane - (2 * m.act_exponent_bits + m.align_bits) * int_add_bit -
                            (m.act_bits + m.align_bits) * register_bit) /
                           m.align_bits;
  return {
      {"area.int_add_bit", int_add_bit, "adder trees of lut-i / (leaves x sum bits)"},
      {"area.shift_bit", shift_bit,
       "aligner of lut-i, less its adder bits and registers, / align bits"},
      {"area.mux_bit", lut.area_um2({"read"}) / (m.racs * m.lut_bits),
       "readers of lut-i / (entries x entry bits)"},
      {"area.register_bit", register_bit, "flip-flop with its share of a clock gate for 32"},
      {"area.int_multiply_bit2", figna.area_um2({"read"}) / (g.pes * g.align_bits * (g.planes + 1)),
       "multipliers of figna / (align bits x 5)"},
      {"area.fp16_add", block("fp16_add"), "block"},
      {"area.fp16_multiply", fp.area_um2({"multiply", "read"}) / f.pes,
       "FP16 to FP32 multipliers of fp"},
      {"area.fp32_add", block("fp32_add"), "block"},
      {"area.fp32_multiply", block("fp32_multiply"), "block"},
  };
}

ClockDensity gate_clock(const Measurements& measured) {
  constexpr double kWires = 3;
  ClockDensity density;
  double idle = 0, cells = 0;
  for (const char* name : {"lut-i", "lut-f", "ifpu", "figna", "fp"}) {
    double unit_idle = 0, unit_ungated = 0, unit_cells = 0;
    for (const MeasuredRun& run : measured.unit(name).runs) {
      for (const auto& [part, p] : run.parts) {
        unit_idle += p.idle_clock_pj;
        unit_ungated += p.ungated_clock_pj;
        unit_cells += p.area_um2 * static_cast<double>(run.cycles);
      }
    }
    idle += unit_idle;
    cells += unit_cells;
    const double least = unit_idle / unit_cells;
    density.low = density.low == 0 ? least : std::min(density.low, least);
    density.high = std::max(density.high, unit_ungated / unit_cells);
  }
  density.value = kWires * idle / cells;
  return density;
}

}  // namespace lutsim::gates

// SPDX-License-Identifier: Apache-2.0
//
// Fills one half LUT with floating-point sums: entry(key) = sum over t of (key[t] ? +a[t] : -a[t])
// for the keys whose most significant bit is 0, in the two levels of lut_generator, every addition
// rounded to nearest even. Golden model: FloatHalfLut of models/engine/lut_f.cpp. Combinational.
module fp_lut_generator #(
  parameter int unsigned Mu         /*verilator public*/ = lutsim_pkg::Mu,
  parameter int unsigned LutEntries /*verilator public*/ = lutsim_pkg::LutEntries,
  parameter int unsigned ExpBits    /*verilator public*/ = lutsim_pkg::AccExpBits,
  parameter int unsigned ManBits    /*verilator public*/ = lutsim_pkg::AccManBits
) (
  input  logic [Mu*(1+ExpBits+ManBits)-1:0]         activation_i,
  output logic [LutEntries*(1+ExpBits+ManBits)-1:0] entry_o
);

  localparam int unsigned Width    = 1 + ExpBits + ManBits;
  localparam int unsigned Low      = Mu / 2;
  localparam int unsigned High     = Mu - Low;
  localparam int unsigned LowSums  = 2**Low;

  if (LutEntries != 2**(Mu-1)) begin : gen_entries_check
    $fatal(1, "fp_lut_generator: LutEntries must be 2^(Mu-1)");
  end

  logic [Width-1:0] positive [Mu];
  logic [Width-1:0] negative [Mu];

  for (genvar t = 0; t < Mu; t++) begin : gen_signs
    assign positive[t] = activation_i[t*Width+:Width];
    assign negative[t] = {~positive[t][Width-1], positive[t][Width-2:0]};
  end

  // Sum `key` of the first t + 1 low elements.
  for (genvar t = 0; t < Low; t++) begin : gen_low
    logic [Width-1:0] sum [2**(t+1)];

    for (genvar key = 0; key < 2**(t+1); key++) begin : gen_key
      if (t == 0) begin : gen_first
        assign sum[key] = (key == 1) ? positive[0] : negative[0];
      end else begin : gen_add
        fp_adder #(
          .ExpBits(ExpBits),
          .ManBits(ManBits)
        ) u_adder (
          .a_i  (gen_low[t-1].sum[key % 2**t]),
          .b_i  ((key >= 2**t) ? positive[t] : negative[t]),
          .sum_o(sum[key])
        );
      end
    end
  end

  // Sum `key` of the most significant element, always subtracted, and the t high ones next to the
  // low elements.
  for (genvar t = 0; t < High; t++) begin : gen_high
    logic [Width-1:0] sum [2**t];

    for (genvar key = 0; key < 2**t; key++) begin : gen_key
      if (t == 0) begin : gen_first
        assign sum[key] = negative[Mu-1];
      end else begin : gen_add
        fp_adder #(
          .ExpBits(ExpBits),
          .ManBits(ManBits)
        ) u_adder (
          .a_i  (gen_high[t-1].sum[key % 2**(t-1)]),
          .b_i  ((key >= 2**(t-1)) ? positive[Low+t-1] : negative[Low+t-1]),
          .sum_o(sum[key])
        );
      end
    end
  end

  for (genvar key = 0; key < LutEntries; key++) begin : gen_entry
    fp_adder #(
      .ExpBits(ExpBits),
      .ManBits(ManBits)
    ) u_adder (
      .a_i  (gen_high[High-1].sum[key/LowSums]),
      .b_i  (gen_low[Low-1].sum[key%LowSums]),
      .sum_o(entry_o[key*Width+:Width])
    );
  end

endmodule : fp_lut_generator

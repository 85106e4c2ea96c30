// SPDX-License-Identifier: Apache-2.0
//
// Fills one half LUT: entry(key) = sum over t of (key[t] ? +a[t] : -a[t]) for the keys whose most
// significant bit is 0. Combinational.
//
// Two levels: the signed sums of the low elements and those of the high elements (most significant
// sign fixed) grow element by element, then one addition combines them for each entry. For Mu = 4
// that is 2 + 4 + 8 = 14 additions instead of 24 (FIGLUT, section III-E); the negated inputs are Mu
// negations beside them.
module lut_generator #(
  parameter int unsigned Mu         = lutsim_pkg::Mu,
  parameter int unsigned AlignBits  = lutsim_pkg::AlignBits,
  parameter int unsigned EntryBits  = lutsim_pkg::EntryBits,
  parameter int unsigned LutEntries = lutsim_pkg::LutEntries
) (
  input  logic [Mu*AlignBits-1:0]         activation_i,
  output logic [LutEntries*EntryBits-1:0] entry_o
);

  localparam int unsigned Low       = Mu / 2;
  localparam int unsigned High      = Mu - Low;
  localparam int unsigned LowSums   = 2**Low;

  if (LutEntries != 2**(Mu-1)) begin : gen_entries_check
    $fatal(1, "lut_generator: LutEntries must be 2^(Mu-1)");
  end
  if (EntryBits < AlignBits + $clog2(Mu)) begin : gen_width_check
    $fatal(1, "lut_generator: EntryBits must hold a sum of Mu activations");
  end

  logic signed [EntryBits-1:0] positive [Mu];
  logic signed [EntryBits-1:0] negative [Mu];

  for (genvar t = 0; t < Mu; t++) begin : gen_signs
    assign positive[t] = EntryBits'($signed(activation_i[t*AlignBits+:AlignBits]));
    assign negative[t] = -positive[t];
  end

  // Sum `key` of the first t + 1 low elements.
  for (genvar t = 0; t < Low; t++) begin : gen_low
    logic signed [EntryBits-1:0] sum [2**(t+1)];

    for (genvar key = 0; key < 2**(t+1); key++) begin : gen_key
      if (t == 0) begin : gen_first
        assign sum[key] = (key == 1) ? positive[0] : negative[0];
      end else begin : gen_add
        assign sum[key] = gen_low[t-1].sum[key % 2**t] +
                          ((key >= 2**t) ? positive[t] : negative[t]);
      end
    end
  end

  // Sum `key` of the most significant element, always subtracted, and the t high ones next to the
  // low elements.
  for (genvar t = 0; t < High; t++) begin : gen_high
    logic signed [EntryBits-1:0] sum [2**t];

    for (genvar key = 0; key < 2**t; key++) begin : gen_key
      if (t == 0) begin : gen_first
        assign sum[key] = negative[Mu-1];
      end else begin : gen_add
        assign sum[key] = gen_high[t-1].sum[key % 2**(t-1)] +
                          ((key >= 2**(t-1)) ? positive[Low+t-1] : negative[Low+t-1]);
      end
    end
  end

  for (genvar key = 0; key < LutEntries; key++) begin : gen_entry
    assign entry_o[key*EntryBits+:EntryBits] = gen_high[High-1].sum[key / LowSums] +
                                               gen_low[Low-1].sum[key % LowSums];
  end

endmodule : lut_generator

// SPDX-License-Identifier: Apache-2.0
//
// Fills one half LUT: entry(key) = sum over t of (key[t] ? +a[t] : -a[t]) for the keys whose most
// significant bit is 0. Combinational.
//
// Two levels: the signed sums of the high elements (most significant sign fixed) and those of the
// low elements are formed once and combined. For Mu = 4 that is 2 + 4 + 8 = 14 additions instead of
// 24 (FIGLUT, section III-E); the negated inputs are Mu negations beside them.
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
  localparam int unsigned HighSums  = 2**(High-1);

  if (LutEntries != 2**(Mu-1)) begin : gen_entries_check
    $fatal(1, "lut_generator: LutEntries must be 2^(Mu-1)");
  end
  if (EntryBits < AlignBits + $clog2(Mu)) begin : gen_width_check
    $fatal(1, "lut_generator: EntryBits must hold a sum of Mu activations");
  end

  logic signed [EntryBits-1:0] positive [Mu];
  logic signed [EntryBits-1:0] negative [Mu];
  logic signed [EntryBits-1:0] low_sum  [LowSums];
  logic signed [EntryBits-1:0] high_sum [HighSums];

  for (genvar t = 0; t < Mu; t++) begin : gen_signs
    assign positive[t] = EntryBits'($signed(activation_i[t*AlignBits+:AlignBits]));
    assign negative[t] = -positive[t];
  end

  for (genvar key = 0; key < LowSums; key++) begin : gen_low
    always_comb begin
      low_sum[key] = (key % 2 == 1) ? positive[0] : negative[0];
      for (int unsigned t = 1; t < Low; t++) begin
        low_sum[key] = low_sum[key] + ((((key >> t) % 2) == 1) ? positive[t] : negative[t]);
      end
    end
  end

  // The most significant sign is minus in every stored entry.
  for (genvar key = 0; key < HighSums; key++) begin : gen_high
    always_comb begin
      high_sum[key] = negative[Mu-1];
      for (int unsigned t = 1; t < High; t++) begin
        high_sum[key] = high_sum[key] +
                        ((((key >> (t-1)) % 2) == 1) ? positive[Low+t-1] : negative[Low+t-1]);
      end
    end
  end

  for (genvar key = 0; key < LutEntries; key++) begin : gen_entry
    assign entry_o[key*EntryBits+:EntryBits] = high_sum[key / LowSums] + low_sum[key % LowSums];
  end

endmodule : lut_generator

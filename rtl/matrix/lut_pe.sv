// SPDX-License-Identifier: Apache-2.0
//
// One processing element: a half LUT in registers, the key registers, and the readers that share
// the LUT. A key whose most significant bit is 1 reads the entry of its complement, negated: two's
// complement, or the sign of a floating-point entry.
//
// Latency: 1 cycle from keys to values. Throughput: 1 key a reader and cycle.
module lut_pe #(
  parameter int unsigned Mu           /*verilator public*/ = lutsim_pkg::Mu,
  parameter int unsigned Readers      /*verilator public*/ = lutsim_pkg::RacsPerLut,
  parameter int unsigned EntryBits    /*verilator public*/ = lutsim_pkg::EntryBits,
  parameter int unsigned LutEntries   /*verilator public*/ = lutsim_pkg::LutEntries,
  parameter bit          FloatEntries = 1'b0
) (
  input  logic                            clk_i,

  input  logic                            load_lut_i,
  input  logic [LutEntries*EntryBits-1:0] entry_i,
  input  logic                            load_key_i,
  input  logic [Readers*Mu-1:0]           key_i,

  output logic [Readers*EntryBits-1:0]    value_o
);
  /*verilator inline_module*/

  logic [EntryBits-1:0] entry_q [LutEntries];
  logic [Mu-1:0]        key_q   [Readers];

  for (genvar e = 0; e < LutEntries; e++) begin : gen_entry
    always_ff @(posedge clk_i) begin
      if (load_lut_i) begin
        entry_q[e] <= entry_i[e*EntryBits+:EntryBits];
      end
    end
  end

  for (genvar r = 0; r < Readers; r++) begin : gen_reader
    logic                 negate;
    logic [Mu-2:0]        index;
    logic [EntryBits-1:0] entry, negated;

    always_ff @(posedge clk_i) begin
      if (load_key_i) begin
        key_q[r] <= key_i[r*Mu+:Mu];
      end
    end

    assign negate  = key_q[r][Mu-1];
    assign index   = key_q[r][Mu-2:0] ^ {(Mu-1){negate}};
    assign entry   = entry_q[index];
    assign negated = FloatEntries ? {~entry[EntryBits-1], entry[EntryBits-2:0]} : -entry;
    assign value_o[r*EntryBits+:EntryBits] = negate ? negated : entry;
  end

endmodule : lut_pe

// SPDX-License-Identifier: Apache-2.0
//
// The two tables that FIGLUT (arXiv 2503.06862, Table III) compares, for one key width: all 2^Mu sums
// in flip-flops, or half of them with the complement and the sign behind a decoder. The multiplexer is
// an instance of its own, so that its energy can be told from the decoder's. Not part of the machine:
// that has rtl/matrix/lut_pe.sv, whose multiplexer and decoder are merged by synthesis.
module table_study #(
  parameter int unsigned Mu        = 4,
  parameter int unsigned EntryBits = 18,
  parameter int unsigned Readers   = 1,
  parameter bit          Half      = 1'b1,
  parameter int unsigned Entries   = Half ? 2**(Mu-1) : 2**Mu
) (
  input  logic                         clk_i,
  input  logic                         load_lut_i,
  input  logic [Entries*EntryBits-1:0] entry_i,
  input  logic                         load_key_i,
  input  logic [Readers*Mu-1:0]        key_i,
  output logic [Readers*EntryBits-1:0] value_o
);

  localparam int unsigned IndexBits = Half ? Mu - 1 : Mu;

  logic [Entries*EntryBits-1:0] entry_q;
  logic [Readers*Mu-1:0]        key_q;

  always_ff @(posedge clk_i) begin
    if (load_lut_i) begin
      entry_q <= entry_i;
    end
    if (load_key_i) begin
      key_q <= key_i;
    end
  end

  for (genvar r = 0; r < Readers; r++) begin : gen_reader
    logic [Mu-1:0]        key;
    logic [IndexBits-1:0] index;
    logic [EntryBits-1:0] entry;

    assign key = key_q[r*Mu+:Mu];
    if (Half) begin : gen_half
      assign index = key[IndexBits-1:0] ^ {IndexBits{key[Mu-1]}};
      assign value_o[r*EntryBits+:EntryBits] = key[Mu-1] ? -entry : entry;
    end else begin : gen_full
      assign index = key;
      assign value_o[r*EntryBits+:EntryBits] = entry;
    end

    table_mux #(
      .Entries  (Entries),
      .EntryBits(EntryBits),
      .IndexBits(IndexBits)
    ) u_mux (
      .entry_i(entry_q),
      .index_i(index),
      .value_o(entry)
    );
  end

endmodule : table_study

// The entry that an index chooses.
module table_mux #(
  parameter int unsigned Entries   = 8,
  parameter int unsigned EntryBits = 18,
  parameter int unsigned IndexBits = 3
) (
  input  logic [Entries*EntryBits-1:0] entry_i,
  input  logic [IndexBits-1:0]         index_i,
  output logic [EntryBits-1:0]         value_o
);

  logic [EntryBits-1:0] entry [Entries];

  for (genvar e = 0; e < Entries; e++) begin : gen_entry
    assign entry[e] = entry_i[e*EntryBits+:EntryBits];
  end

  assign value_o = entry[index_i];

endmodule : table_mux

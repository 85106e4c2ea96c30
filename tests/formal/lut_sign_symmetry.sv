// SPDX-License-Identifier: Apache-2.0
//
// The half LUT: whatever a processing element held before, after it has loaded the entries that the
// generator makes of four activations
//   - every reader returns the signed sum of the activations that its key names, also for the keys
//     whose entries are not stored;
//   - complementary keys return values that add up to zero.
// Three bits an activation, all values: the most negative one is included although the aligner never
// makes it.
//
// prove: sources rtl/matrix/lut_generator.sv rtl/matrix/lut_pe.sv
// prove: every_state 2
// prove: mutant rtl/matrix/lut_pe.sv s/negate ? -entry : entry/entry/
// prove: mutant rtl/matrix/lut_pe.sv s/ \^ {(Mu-1){negate}}//
// prove: mutant rtl/matrix/lut_generator.sv s/positive\[0\] : negative\[0\]/negative[0] : positive[0]/
module lut_sign_symmetry #(
  parameter int unsigned Mu        = 4,
  parameter int unsigned AlignBits = 3,
  parameter int unsigned EntryBits = 5
) (
  input logic                    clk_i,
  input logic [Mu*AlignBits-1:0] activation_i,
  input logic [Mu-1:0]           key_i
);

  localparam int unsigned LutEntries = 2**(Mu-1);

  logic [LutEntries*EntryBits-1:0] entry;
  logic [2*EntryBits-1:0]          value;

  lut_generator #(
    .Mu        (Mu),
    .AlignBits (AlignBits),
    .EntryBits (EntryBits),
    .LutEntries(LutEntries)
  ) u_generator (
    .activation_i,
    .entry_o(entry)
  );

  // Reader 0 has the key, reader 1 its complement.
  lut_pe #(
    .Mu        (Mu),
    .RacsPerLut(2),
    .EntryBits (EntryBits),
    .LutEntries(LutEntries)
  ) u_pe (
    .clk_i,
    .load_lut_i(1'b1),
    .entry_i   (entry),
    .load_key_i(1'b1),
    .ones_i    (1'b0),
    .key_i     ({~key_i, key_i}),
    .value_o   (value)
  );

  // What was loaded, from the second cycle on.
  logic                    loaded_q = 1'b0;
  logic [Mu*AlignBits-1:0] activation_q;
  logic [Mu-1:0]           key_q;

  always_ff @(posedge clk_i) begin
    loaded_q     <= 1'b1;
    activation_q <= activation_i;
    key_q        <= key_i;
  end

  logic signed [EntryBits-1:0] element;
  logic signed [EntryBits-1:0] expected;

  always_comb begin
    element  = '0;
    expected = '0;
    for (int unsigned t = 0; t < Mu; t++) begin
      element  = EntryBits'($signed(activation_q[t*AlignBits+:AlignBits]));
      expected = key_q[t] ? expected + element : expected - element;
    end
  end

  always_comb begin
    if (loaded_q) begin
      assert (value[0+:EntryBits] == expected);
      assert (value[EntryBits+:EntryBits] == -value[0+:EntryBits]);
    end
  end

endmodule : lut_sign_symmetry

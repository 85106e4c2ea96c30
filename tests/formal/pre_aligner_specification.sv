// SPDX-License-Identifier: Apache-2.0
//
// The pre-aligner, all inputs of three lanes in a small format (3 exponent and 2 mantissa bits into 5
// bits), from every state:
//   - exponent, NaN flag and mantissas are those of docs/units/matrix.md, "Align";
//   - the order of the lanes does not matter: a second aligner has them rotated;
//   - what was loaded and aligned is kept while other activations are on the port.
//
// prove: sources rtl/matrix/pre_aligner.sv
// prove: sat 5
// prove: mutant rtl/matrix/pre_aligner.sv s/for (int unsigned j = 0; j < LanesK/for (int unsigned j = 0; j < LanesK - 1/
// prove: mutant rtl/matrix/pre_aligner.sv s/? ActExpBits'(1) : exponent_field;/? '0 : exponent_field;/
// prove: mutant rtl/matrix/pre_aligner.sv s/? -magnitude : magnitude/? ~magnitude : magnitude/
module pre_aligner_specification (
  input logic        clk_i,
  input logic [17:0] activation_i
);

  localparam int unsigned LanesK       = 3;
  localparam int unsigned ExpBits      = 3;
  localparam int unsigned ManBits      = 2;
  localparam int unsigned ActBits      = 1 + ExpBits + ManBits;
  localparam int unsigned AlignBits    = 5;
  localparam int unsigned ExponentBits = 5;

  // Load, align, wait, compare.
  logic [1:0]  phase_q = 2'd0;
  logic [17:0] loaded_q;

  always_ff @(posedge clk_i) begin
    phase_q <= (phase_q == 2'd3) ? 2'd3 : phase_q + 2'd1;
    if (phase_q == 2'd0) begin
      loaded_q <= activation_i;
    end
  end

  logic        [LanesK*AlignBits-1:0] mantissa, rotated_mantissa;
  logic signed [ExponentBits-1:0]     exponent, rotated_exponent;
  logic                               nan, rotated_nan;

  pre_aligner #(
    .LanesK      (LanesK),
    .AlignBits   (AlignBits),
    .ActExpBits  (ExpBits),
    .ActManBits  (ManBits),
    .ExponentBits(ExponentBits)
  ) u_aligner (
    .clk_i,
    .load_i      (phase_q == 2'd0),
    .activation_i(activation_i),
    .shift_i     (phase_q == 2'd1),
    .mantissa_o  (mantissa),
    .exponent_o  (exponent),
    .nan_o       (nan)
  );

  pre_aligner #(
    .LanesK      (LanesK),
    .AlignBits   (AlignBits),
    .ActExpBits  (ExpBits),
    .ActManBits  (ManBits),
    .ExponentBits(ExponentBits)
  ) u_rotated (
    .clk_i,
    .load_i      (phase_q == 2'd0),
    .activation_i({activation_i[ActBits-1:0], activation_i[LanesK*ActBits-1:ActBits]}),
    .shift_i     (phase_q == 2'd1),
    .mantissa_o  (rotated_mantissa),
    .exponent_o  (rotated_exponent),
    .nan_o       (rotated_nan)
  );

  // e_j = max(1, biased exponent), E = max e_j.
  logic [ExpBits-1:0] field, each, greatest;
  logic [ManBits:0]   significand;
  logic [15:0]        magnitude;

  always_comb begin : greatest_exponent
    greatest = ExpBits'(1);
    for (int unsigned j = 0; j < LanesK; j++) begin
      if (loaded_q[j*ActBits+ManBits+:ExpBits] >= greatest) begin
        greatest = loaded_q[j*ActBits+ManBits+:ExpBits];
      end
    end
  end

  // mag_j = floor(s_j * 2^(A-1-p) / 2^(E-e_j)) with p = 3, A - 1 = 4; bias 3, so that the exponent of
  // the last place is E - 3 - 5 + 2.
  always_comb begin : specification
    field       = '0;
    each        = '0;
    significand = '0;
    magnitude   = '0;
    if (phase_q[1]) begin
      assert (nan == (greatest == '1));
      assert (exponent == ExponentBits'(greatest) - ExponentBits'(6));
      assert (rotated_nan == nan);
      assert (rotated_exponent == exponent);
      assert (rotated_mantissa ==
              {mantissa[AlignBits-1:0], mantissa[LanesK*AlignBits-1:AlignBits]});
      for (int unsigned j = 0; j < LanesK; j++) begin
        field       = loaded_q[j*ActBits+ManBits+:ExpBits];
        each        = (field == '0) ? ExpBits'(1) : field;
        significand = {field != '0, loaded_q[j*ActBits+:ManBits]};
        magnitude   = (16'(significand) << 1) >> (greatest - each);
        assert (mantissa[j*AlignBits+:AlignBits] ==
                (loaded_q[j*ActBits+ActBits-1] ? -magnitude[AlignBits-1:0]
                                               : magnitude[AlignBits-1:0]));
      end
    end
  end

endmodule : pre_aligner_specification

// SPDX-License-Identifier: Apache-2.0
//
// Rounds a value to FP32, nearest even, once: normal, subnormal, zero or infinity.
//
// The value is (-1)^sign_i * significand_i/2^26 * 2^(exponent_i-127). Bit 26 of `significand_i` is
// set unless the value is 0; bits 2..0 are guard, round and sticky. `exponent_i` is a biased
// exponent without limits. Combinational.
module fp32_rounder (
  input  logic               sign_i,
  input  logic signed [11:0] exponent_i,
  input  logic        [26:0] significand_i,
  output logic        [31:0] value_o
);

  logic               subnormal;
  logic signed [11:0] below;
  logic        [4:0]  shift;
  logic        [26:0] shifted;
  logic               lost;
  logic               round_up;
  logic        [7:0]  exponent_field;

  assign subnormal = exponent_i < 12'sd1;
  assign below     = 12'sd1 - exponent_i;
  // 27 places move everything below the guard bit: one sticky bit is left of the value.
  assign shift     = !subnormal ? 5'd0 : (below > 12'sd27) ? 5'd27 : below[4:0];
  assign shifted   = significand_i >> shift;
  assign lost      = (shifted << shift) != significand_i;
  assign round_up  = shifted[2] && (shifted[3] || shifted[1] || shifted[0] || lost);

  // A carry out of the fraction steps into the exponent field, up to infinity.
  assign exponent_field = subnormal ? 8'd0 : exponent_i[7:0];

  always_comb begin
    if (significand_i == '0) begin
      value_o = {sign_i, 31'd0};
    end else if (exponent_i > 12'sd254) begin
      value_o = {sign_i, 8'hff, 23'd0};
    end else begin
      value_o = {sign_i, {exponent_field, shifted[25:3]} + 31'(round_up)};
    end
  end

  // shifted[26] is the hidden bit: the exponent field stands for it.
  logic unused_hidden;
  assign unused_hidden = shifted[26];

endmodule : fp32_rounder

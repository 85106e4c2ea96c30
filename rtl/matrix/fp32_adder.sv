// SPDX-License-Identifier: Apache-2.0
//
// FP32 sum, IEEE-754 nearest even with subnormals. A NaN result is the canonical quiet NaN.
// Combinational.
module fp32_adder (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] sum_o
);

  localparam logic [31:0] CanonicalNan = 32'h7fc0_0000;

  // The operand of greater magnitude keeps its place, the other is shifted to its exponent.
  logic        swap, subtract;
  logic [31:0] big, little;
  logic [7:0]  big_exponent, little_exponent, distance;
  logic [4:0]  shift;
  logic [26:0] big_significand, little_significand, aligned;
  logic        lost;
  logic [27:0] total, normalized;
  logic [4:0]  leading_zeros;
  logic        sign;
  logic [31:0] rounded;

  assign swap     = a_i[30:0] < b_i[30:0];
  assign big    = swap ? b_i : a_i;
  assign little    = swap ? a_i : b_i;
  assign subtract = big[31] ^ little[31];

  // A subnormal has no hidden bit and exponent 1. Three more bits: guard, round, sticky.
  assign big_exponent    = (big[30:23] == '0) ? 8'd1 : big[30:23];
  assign little_exponent    = (little[30:23] == '0) ? 8'd1 : little[30:23];
  assign big_significand = {big[30:23] != '0, big[22:0], 3'b000};
  assign little_significand = {little[30:23] != '0, little[22:0], 3'b000};

  assign distance = big_exponent - little_exponent;
  assign shift    = (distance > 8'd27) ? 5'd27 : distance[4:0];
  assign aligned  = little_significand >> shift;
  assign lost     = (aligned << shift) != little_significand;

  assign total = subtract ? {1'b0, big_significand} - {1'b0, aligned[26:1], aligned[0] | lost}
                          : {1'b0, big_significand} + {1'b0, aligned[26:1], aligned[0] | lost};

  normalizer #(
    .Width    (28),
    .ShiftBits(5)
  ) u_normalizer (
    .value_i(total),
    .value_o(normalized),
    .shift_o(leading_zeros)
  );

  // x + (-x) is +0; a sum of zeros of one sign keeps it.
  assign sign = (total == '0 && subtract) ? 1'b0 : big[31];

  fp32_rounder u_rounder (
    .sign_i       (sign),
    .exponent_i   (12'(big_exponent) + 12'd1 - 12'(leading_zeros)),
    .significand_i({normalized[27:2], normalized[1] | normalized[0]}),
    .value_o      (rounded)
  );

  // The larger magnitude is NaN if any operand is, and infinite if any is.
  always_comb begin
    sum_o = rounded;
    if (big[30:23] == 8'hff) begin
      if (big[22:0] != '0 || (little[30:23] == 8'hff && subtract)) begin
        sum_o = CanonicalNan;
      end else begin
        sum_o = big;
      end
    end
  end

endmodule : fp32_adder

// SPDX-License-Identifier: Apache-2.0
//
// Sum of two floating-point values of one format, IEEE-754 nearest even with subnormals. A NaN
// result is the canonical quiet NaN. Golden model: fp_add() of models/numerics. Combinational.
module fp_adder #(
  parameter int unsigned ExpBits = 8,
  parameter int unsigned ManBits = 23
) (
  input  logic [ExpBits+ManBits:0] a_i,
  input  logic [ExpBits+ManBits:0] b_i,
  output logic [ExpBits+ManBits:0] sum_o
);

  localparam int unsigned Width = 1 + ExpBits + ManBits;
  // The hidden bit, the fraction, and three more: guard, round, sticky.
  localparam int unsigned SignificandBits = ManBits + 4;
  localparam int unsigned ShiftBits       = $clog2(SignificandBits + 1);
  localparam int unsigned ExponentBits    = ExpBits + 2;

  localparam logic [Width-1:0] CanonicalNan = {1'b0, {(ExpBits+1){1'b1}}, {(ManBits-1){1'b0}}};

  if (ShiftBits > ExpBits) begin : gen_shift_bits_check
    $fatal(1, "fp_adder: the distance of two exponents must be able to exceed ManBits + 4");
  end

  // The operand of greater magnitude keeps its place, the other is shifted to its exponent.
  logic                       swap, subtract;
  logic [Width-1:0]           big, little;
  logic [ExpBits-1:0]         big_field, little_field;
  logic [ManBits-1:0]         big_fraction, little_fraction;
  logic [ExpBits-1:0]         big_exponent, little_exponent, distance;
  logic [ShiftBits-1:0]       shift;
  logic [SignificandBits-1:0] big_significand, little_significand, shifted, aligned;
  logic                       lost;
  logic [SignificandBits:0]   total, normalized;
  logic [ShiftBits-1:0]       leading_zeros;
  logic                       sign;
  logic [Width-1:0]           rounded;

  assign swap     = a_i[Width-2:0] < b_i[Width-2:0];
  assign big      = swap ? b_i : a_i;
  assign little   = swap ? a_i : b_i;
  assign subtract = big[Width-1] ^ little[Width-1];

  assign {big_field, big_fraction}       = big[Width-2:0];
  assign {little_field, little_fraction} = little[Width-2:0];

  // A subnormal has no hidden bit and exponent 1.
  assign big_exponent       = (big_field == '0) ? ExpBits'(1) : big_field;
  assign little_exponent    = (little_field == '0) ? ExpBits'(1) : little_field;
  assign big_significand    = {big_field != '0, big_fraction, 3'b000};
  assign little_significand = {little_field != '0, little_fraction, 3'b000};

  assign distance = big_exponent - little_exponent;
  assign shift    = (distance > ExpBits'(SignificandBits)) ? ShiftBits'(SignificandBits)
                                                           : distance[ShiftBits-1:0];
  assign shifted  = little_significand >> shift;
  assign lost     = (little_significand & ~({SignificandBits{1'b1}} << shift)) != '0;
  assign aligned  = {shifted[SignificandBits-1:1], shifted[0] | lost};

  assign total = subtract ? {1'b0, big_significand} - {1'b0, aligned}
                          : {1'b0, big_significand} + {1'b0, aligned};

  normalizer #(
    .Width    (SignificandBits + 1),
    .ShiftBits(ShiftBits)
  ) u_normalizer (
    .value_i(total),
    .value_o(normalized),
    .shift_o(leading_zeros)
  );

  // x + (-x) is +0; a sum of zeros of one sign keeps it.
  assign sign = (total == '0 && subtract) ? 1'b0 : big[Width-1];

  fp_rounder #(
    .ExpBits     (ExpBits),
    .ManBits     (ManBits),
    .ExponentBits(ExponentBits)
  ) u_rounder (
    .sign_i       (sign),
    .exponent_i   (ExponentBits'(big_exponent) + ExponentBits'(1) - ExponentBits'(leading_zeros)),
    .significand_i({normalized[SignificandBits:3], |normalized[2:0]}),
    .value_o      (rounded)
  );

  // The larger magnitude is NaN if any operand is, and infinite if any is.
  always_comb begin
    sum_o = rounded;
    if (&big_field) begin
      if (big_fraction != '0 || (&little_field && subtract)) begin
        sum_o = CanonicalNan;
      end else begin
        sum_o = big;
      end
    end
  end

endmodule : fp_adder

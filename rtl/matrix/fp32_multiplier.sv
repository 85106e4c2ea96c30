// SPDX-License-Identifier: Apache-2.0
//
// FP32 product, IEEE-754 nearest even with subnormals. A NaN result is the canonical quiet NaN.
// Combinational.
module fp32_multiplier (
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] product_o
);

  localparam logic [31:0] CanonicalNan = 32'h7fc0_0000;

  logic        sign;
  logic        a_nan, b_nan, a_infinite, b_infinite, a_zero, b_zero;
  logic [23:0] a_significand, b_significand;
  logic [4:0]  a_shift, b_shift;
  logic [11:0] exponent;
  logic [47:0] product;
  logic [26:0] significand;
  logic [31:0] rounded;

  assign sign       = a_i[31] ^ b_i[31];
  assign a_nan      = a_i[30:23] == 8'hff && a_i[22:0] != '0;
  assign b_nan      = b_i[30:23] == 8'hff && b_i[22:0] != '0;
  assign a_infinite = a_i[30:23] == 8'hff && a_i[22:0] == '0;
  assign b_infinite = b_i[30:23] == 8'hff && b_i[22:0] == '0;
  assign a_zero     = a_i[30:0] == '0;
  assign b_zero     = b_i[30:0] == '0;

  // Subnormal operands are brought to a leading one, their exponents lowered by as much.
  normalizer #(
    .Width    (24),
    .ShiftBits(5)
  ) u_a_normalizer (
    .value_i({a_i[30:23] != '0, a_i[22:0]}),
    .value_o(a_significand),
    .shift_o(a_shift)
  );

  normalizer #(
    .Width    (24),
    .ShiftBits(5)
  ) u_b_normalizer (
    .value_i({b_i[30:23] != '0, b_i[22:0]}),
    .value_o(b_significand),
    .shift_o(b_shift)
  );

  // In [1, 4): the leading one is bit 47 or 46.
  assign product  = 48'(a_significand) * 48'(b_significand);
  assign exponent = 12'(a_i[30:23]) + 12'(a_i[30:23] == '0) - 12'(a_shift) +
                    12'(b_i[30:23]) + 12'(b_i[30:23] == '0) - 12'(b_shift) -
                    12'd127 + 12'(product[47]);
  assign significand = product[47] ? {product[47:22], |product[21:0]}
                                   : {product[46:21], |product[20:0]};

  fp32_rounder u_rounder (
    .sign_i       (sign),
    .exponent_i   (exponent),
    .significand_i(significand),
    .value_o      (rounded)
  );

  always_comb begin
    product_o = rounded;
    if (a_nan || b_nan || (a_infinite && b_zero) || (a_zero && b_infinite)) begin
      product_o = CanonicalNan;
    end else if (a_infinite || b_infinite) begin
      product_o = {sign, 8'hff, 23'd0};
    end
  end

endmodule : fp32_multiplier

// SPDX-License-Identifier: Apache-2.0
//
// Product of two floating-point values of one format, rounded once to another (by default the
// same), IEEE-754 nearest even with subnormals. A NaN result is the canonical quiet NaN. Golden
// model: fp_multiply() of models/numerics. Combinational.
//
// Where the output format holds every product (FP16 x FP16 to FP32), the parameters of the rounder
// and constant zeros below the product leave nothing of it but the multiplexer of the fields.
module fp_multiplier #(
  parameter int unsigned ExpBits    = 8,
  parameter int unsigned ManBits    = 23,
  parameter int unsigned OutExpBits = ExpBits,
  parameter int unsigned OutManBits = ManBits
) (
  input  logic [ExpBits+ManBits:0]       a_i,
  input  logic [ExpBits+ManBits:0]       b_i,
  output logic [OutExpBits+OutManBits:0] product_o
);

  localparam int unsigned OutWidth     = 1 + OutExpBits + OutManBits;
  localparam int unsigned ProductBits  = 2 * (ManBits + 1);
  localparam int unsigned ExponentBits = ((ExpBits > OutExpBits) ? ExpBits : OutExpBits) + 3;

  localparam int unsigned Bias    = 2**(ExpBits-1) - 1;
  localparam int unsigned OutBias = 2**(OutExpBits-1) - 1;
  // The least product is 2^(2*(1-Bias-ManBits)), the greatest is below 2^(2*Bias+2); normal values
  // of the output are those from 2^(1-OutBias) to below 2^(OutBias+1).
  localparam bit MayUnderflow = 2 * (Bias + ManBits) > OutBias + 1;
  localparam bit MayOverflow  = 2 * Bias + 1 > OutBias;

  localparam logic [OutWidth-1:0] CanonicalNan = {1'b0, {(OutExpBits+1){1'b1}},
                                                  {(OutManBits-1){1'b0}}};

  logic                           sign, a_sign, b_sign;
  logic signed [ExpBits+1:0]      a_exponent, b_exponent;
  logic        [ManBits:0]        a_significand, b_significand;
  logic                           a_zero, a_infinite, a_nan;
  logic                           b_zero, b_infinite, b_nan;
  logic        [ProductBits-1:0]  product;
  logic signed [ExponentBits-1:0] exponent;
  logic                           carry;
  // The product from its leading one on, and zeros as far as the sticky bit.
  logic [ProductBits+OutManBits+2:0] extended;
  logic [OutManBits+2:0]             significand;
  logic [OutWidth-1:0]               rounded;

  fp_unpacker #(
    .ExpBits(ExpBits),
    .ManBits(ManBits)
  ) u_a_unpacker (
    .value_i      (a_i),
    .sign_o       (a_sign),
    .exponent_o   (a_exponent),
    .significand_o(a_significand),
    .zero_o       (a_zero),
    .infinite_o   (a_infinite),
    .nan_o        (a_nan)
  );

  fp_unpacker #(
    .ExpBits(ExpBits),
    .ManBits(ManBits)
  ) u_b_unpacker (
    .value_i      (b_i),
    .sign_o       (b_sign),
    .exponent_o   (b_exponent),
    .significand_o(b_significand),
    .zero_o       (b_zero),
    .infinite_o   (b_infinite),
    .nan_o        (b_nan)
  );

  // In [1, 4): the leading one is the most significant bit or the next.
  assign product  = ProductBits'(a_significand) * ProductBits'(b_significand);
  assign carry    = product[ProductBits-1];
  assign sign     = a_sign ^ b_sign;
  assign exponent = ExponentBits'(a_exponent) + ExponentBits'(b_exponent) +
                    ExponentBits'(OutBias - 2 * Bias) + ExponentBits'({1'b0, carry});

  assign extended    = {carry ? product : product << 1, {(OutManBits+3){1'b0}}};
  assign significand = {extended[ProductBits+OutManBits+2-:OutManBits+2],
                        |extended[ProductBits:0]};

  fp_rounder #(
    .ExpBits     (OutExpBits),
    .ManBits     (OutManBits),
    .ExponentBits(ExponentBits),
    .MayUnderflow(MayUnderflow),
    .MayOverflow (MayOverflow)
  ) u_rounder (
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
      product_o = {sign, {OutExpBits{1'b1}}, {OutManBits{1'b0}}};
    end
  end

endmodule : fp_multiplier

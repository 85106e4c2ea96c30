// SPDX-License-Identifier: Apache-2.0
//
// A floating-point value in another format, rounded once, nearest even, subnormals kept. NaN
// becomes the canonical quiet NaN. Golden model: bits_of() of models/numerics. Combinational.
module fp_converter #(
  parameter int unsigned InExpBits  = 8,
  parameter int unsigned InManBits  = 23,
  parameter int unsigned OutExpBits = 5,
  parameter int unsigned OutManBits = 10
) (
  input  logic [InExpBits+InManBits:0]   value_i,
  output logic [OutExpBits+OutManBits:0] value_o
);

  localparam int unsigned OutWidth     = 1 + OutExpBits + OutManBits;
  localparam int unsigned ExponentBits = ((InExpBits > OutExpBits) ? InExpBits : OutExpBits) + 2;

  localparam int unsigned InBias  = 2**(InExpBits-1) - 1;
  localparam int unsigned OutBias = 2**(OutExpBits-1) - 1;
  // Subnormals are brought to a leading one only where they become normal values.
  localparam bit Widens = OutExpBits > InExpBits;
  // The least exponent at the rounder belongs to the least subnormal where they are, or else to the
  // least normal value.
  localparam bit MayUnderflow = InBias + (Widens ? InManBits : 0) > OutBias;
  localparam bit MayOverflow  = InBias > OutBias;

  localparam logic [OutWidth-1:0] CanonicalNan = {1'b0, {(OutExpBits+1){1'b1}},
                                                  {(OutManBits-1){1'b0}}};

  logic                           sign, infinite, nan;
  logic signed [InExpBits+1:0]    in_exponent;
  logic signed [ExponentBits-1:0] exponent;
  logic        [InManBits:0]      in_significand;
  // The significand, and zeros as far as the sticky bit.
  logic [InManBits+OutManBits+3:0] extended;
  logic [OutManBits+2:0]           significand;
  logic [OutWidth-1:0]             rounded;
  logic                            unused_zero;

  fp_unpacker #(
    .ExpBits  (InExpBits),
    .ManBits  (InManBits),
    .Normalize(Widens)
  ) u_unpacker (
    .value_i,
    .sign_o       (sign),
    .exponent_o   (in_exponent),
    .significand_o(in_significand),
    .zero_o       (unused_zero),
    .infinite_o   (infinite),
    .nan_o        (nan)
  );

  assign exponent    = ExponentBits'(in_exponent) + ExponentBits'(OutBias - InBias);
  assign extended    = {in_significand, {(OutManBits+3){1'b0}}};
  assign significand = {extended[InManBits+OutManBits+3-:OutManBits+2], |extended[InManBits+1:0]};

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
    value_o = rounded;
    if (nan) begin
      value_o = CanonicalNan;
    end else if (infinite) begin
      value_o = {sign, {OutExpBits{1'b1}}, {OutManBits{1'b0}}};
    end
  end

endmodule : fp_converter

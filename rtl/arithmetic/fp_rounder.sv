// SPDX-License-Identifier: Apache-2.0
//
// Rounds a value to a floating-point format, nearest even, once: normal, subnormal, zero or
// infinity. Combinational.
//
// The value is (-1)^sign_i * significand_i/2^(ManBits+2) * 2^(exponent_i-Bias). The low bits of
// `significand_i` are guard and sticky, its most significant bit is set unless exponent_i <= 1 or
// the value is 0. `exponent_i` is a biased exponent without the limits of the format.
module fp_rounder #(
  parameter int unsigned ExpBits      = 8,
  parameter int unsigned ManBits      = 23,
  parameter int unsigned ExponentBits = ExpBits + 3,
  // 0: exponent_i is never below 1, and there is no shifter to a subnormal.
  parameter bit          MayUnderflow = 1'b1,
  // 0: exponent_i never exceeds that of the largest finite value. (Rounding may still.)
  parameter bit          MayOverflow  = 1'b1
) (
  input  logic                            sign_i,
  input  logic signed [ExponentBits-1:0]  exponent_i,
  input  logic        [ManBits+2:0]       significand_i,
  output logic        [ExpBits+ManBits:0] value_o
);

  localparam int unsigned SignificandBits = ManBits + 3;
  // So many places move the leading one below the guard bit: the value is less than half of the
  // least subnormal.
  localparam int unsigned MaxShift  = ManBits + 2;
  localparam int unsigned ShiftBits = $clog2(MaxShift + 1);

  if (ExponentBits < ExpBits + 2) begin : gen_exponent_bits_check
    $fatal(1, "fp_rounder: ExponentBits must be at least ExpBits + 2");
  end
  if (ShiftBits > ExponentBits) begin : gen_shift_bits_check
    $fatal(1, "fp_rounder: ExponentBits must hold ManBits + 2");
  end

  logic                       leading_one;
  logic                       tiny, overflow;
  logic [SignificandBits-1:0] shifted;
  logic                       lost;
  logic                       round_up;
  logic [ExpBits-1:0]         exponent_field;

  assign leading_one = significand_i[SignificandBits-1];

  if (MayUnderflow) begin : gen_underflow
    localparam logic signed [ExponentBits-1:0] Least = 1;

    logic signed [ExponentBits-1:0] below;
    logic        [ShiftBits-1:0]    shift;

    assign tiny    = exponent_i < Least;
    assign below   = Least - exponent_i;
    assign shift   = !tiny ? '0
                   : (below > ExponentBits'(MaxShift)) ? ShiftBits'(MaxShift)
                                                       : below[ShiftBits-1:0];
    assign shifted = significand_i >> shift;
    assign lost    = (significand_i & ~({SignificandBits{1'b1}} << shift)) != '0;
  end else begin : gen_no_underflow
    assign tiny    = 1'b0;
    assign shifted = significand_i;
    assign lost    = 1'b0;
  end

  if (MayOverflow) begin : gen_overflow
    localparam logic signed [ExponentBits-1:0] Greatest = 2**ExpBits - 2;

    assign overflow = leading_one && exponent_i > Greatest;
  end else begin : gen_no_overflow
    assign overflow = 1'b0;
  end

  assign round_up       = shifted[1] && (shifted[2] || shifted[0] || lost);
  assign exponent_field = (tiny || !leading_one) ? '0 : exponent_i[ExpBits-1:0];

  // A carry out of the fraction steps into the exponent field, up to infinity.
  always_comb begin
    if (overflow) begin
      value_o = {sign_i, {ExpBits{1'b1}}, {ManBits{1'b0}}};
    end else begin
      value_o = {sign_i, {exponent_field, shifted[SignificandBits-2:2]} +
                         (ExpBits+ManBits)'(round_up)};
    end
  end

  // shifted's top is the hidden bit: the exponent field stands for it. Without the shifter and the
  // comparison the limits of exponent_i are known.
  logic unused_bits;
  assign unused_bits = ^{shifted[SignificandBits-1], exponent_i};

endmodule : fp_rounder

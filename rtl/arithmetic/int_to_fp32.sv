// SPDX-License-Identifier: Apache-2.0
//
// fp32(sum_i) * 2^exponent_i with two roundings, nearest even each: the integer to 24 significant
// bits, then the scaled value to FP32 (which rounds only when the result is subnormal).
// Golden model: fp32_from_int() and scale_by_power_of_two() of models/numerics. Combinational.
module int_to_fp32 #(
  parameter int unsigned SumBits      = lutsim_pkg::SumBits,
  parameter int unsigned ExponentBits = 10
) (
  input  logic signed [SumBits-1:0]      sum_i,
  input  logic signed [ExponentBits-1:0] exponent_i,
  output logic        [31:0]             value_o
);

  // At least one bit below the 24 kept ones, so that the guard bit exists for every SumBits.
  localparam int unsigned Width     = (SumBits < 26) ? 26 : SumBits;
  localparam int unsigned ShiftBits = $clog2(Width);

  if (SumBits > 64) begin : gen_sum_bits_check
    $fatal(1, "int_to_fp32: SumBits must be at most 64");
  end
  if (ExponentBits > 10) begin : gen_exponent_bits_check
    $fatal(1, "int_to_fp32: ExponentBits above 10 overflow the exponent adder");
  end

  logic                 sign;
  logic [Width-1:0]     extended, magnitude, normalized;
  logic [ShiftBits-1:0] leading_zeros;
  logic                 round_up;
  logic [24:0]          rounded;
  logic [23:0]          significand;
  logic [11:0]          exponent;

  assign sign      = sum_i[SumBits-1];
  assign extended  = Width'(sum_i);
  assign magnitude = sign ? -extended : extended;

  normalizer #(
    .Width    (Width),
    .ShiftBits(ShiftBits)
  ) u_normalizer (
    .value_i(magnitude),
    .value_o(normalized),
    .shift_o(leading_zeros)
  );

  assign round_up = normalized[Width-25] &&
                    (normalized[Width-24] || normalized[Width-26:0] != '0);
  assign rounded  = 25'(normalized[Width-1-:24]) + 25'(round_up);

  // A carry out of the 24 bits leaves zeros: the leading one moves one place up.
  assign significand = rounded[24] ? rounded[24:1] : rounded[23:0];
  assign exponent    = 12'(Width - 1 + 127) - 12'(leading_zeros) + 12'(rounded[24]) +
                       12'(exponent_i);

  fp_rounder #(
    .ExpBits     (8),
    .ManBits     (23),
    .ExponentBits(12)
  ) u_rounder (
    .sign_i       (sign),
    .exponent_i   (exponent),
    .significand_i({significand, 2'b00}),
    .value_o
  );

endmodule : int_to_fp32

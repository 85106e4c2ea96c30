// SPDX-License-Identifier: Apache-2.0
//
// The conversion of integer sums, every sum of 7 bits with every exponent: the result is the float next to
// sum * 2^exponent, ties to even, overflow to infinity. So short a sum is exact before it is scaled, so that
// the only rounding is that into the subnormals.
//
// prove: sources rtl/arithmetic/normalizer.sv rtl/arithmetic/fp_rounder.sv rtl/arithmetic/int_to_fp32.sv
// prove: sat 1
// prove: mutant rtl/arithmetic/fp_rounder.sv s/shifted\[1\] && (shifted\[2\]/shifted[1] \&\& (!shifted[2]/
// prove: mutant rtl/arithmetic/fp_rounder.sv s/2\*\*ExpBits - 2;/2**ExpBits - 1;/
// prove: mutant rtl/arithmetic/int_to_fp32.sv s/sign ? -extended : extended/extended/
module int_to_fp32_specification (
  input logic signed [6:0] sum_i,
  input logic signed [9:0] exponent_i
);

  logic [31:0] value;

  int_to_fp32 #(
    .SumBits     (7),
    .ExponentBits(10)
  ) u_convert (
    .sum_i,
    .exponent_i,
    .value_o(value)
  );

  logic        [6:0]  magnitude;
  logic        [3:0]  top;       // place of the leading one
  logic signed [11:0] biased;    // exponent of the result if it is normal
  logic signed [11:0] places;    // places below the last one of a subnormal
  logic        [30:0] normal, subnormal, quotient, remainder, half;

  always_comb begin : specification
    magnitude = sum_i[6] ? -sum_i : sum_i;
    top       = 4'd0;
    for (int unsigned i = 0; i < 7; i++) begin
      if (magnitude[i]) begin
        top = 4'(i);
      end
    end
    biased = 12'sd127 + 12'(exponent_i) + $signed({8'd0, top});
    normal = {biased[7:0], 23'd0} | (({24'd0, magnitude} << (5'd23 - 5'(top))) & 31'h007f_ffff);

    // In units of 2^-149, the last place of a subnormal.
    places    = -12'sd149 - 12'(exponent_i);
    quotient  = 31'd0;
    remainder = 31'd0;
    half      = 31'd1;
    if (places <= 12'sd0) begin
      subnormal = {24'd0, magnitude} << 5'(-places);
    end else if (places > 12'sd8) begin
      subnormal = 31'd0;
    end else begin
      quotient  = {24'd0, magnitude} >> places[3:0];
      remainder = {24'd0, magnitude} - (quotient << places[3:0]);
      half      = 31'd1 << (places[3:0] - 4'd1);
      subnormal = quotient + 31'(remainder > half || (remainder == half && quotient[0]));
    end

    assert (value[31] == sum_i[6]);
    if (magnitude == '0) begin
      assert (value[30:0] == 31'd0);
    end else if (biased > 12'sd254) begin
      assert (value[30:0] == 31'h7f80_0000);
    end else if (biased >= 12'sd1) begin
      assert (value[30:0] == normal);
    end else begin
      assert (value[30:0] == subnormal);
    end
  end

endmodule : int_to_fp32_specification

// SPDX-License-Identifier: Apache-2.0
//
// The converters return the nearest value, ties to even, of every operand:
//   - a finite operand lies between the points half way from the result to its two neighbours in the
//     output format, and on such a point only if the result is even (infinity stands where the next
//     value would, as IEEE-754 has it);
//   - signs are kept, infinity stays infinity, every NaN becomes the canonical one.
// The statement knows the formats by the values of their bits alone: there is no rounding in it.
//
// prove: sources rtl/arithmetic/normalizer.sv rtl/arithmetic/fp_unpacker.sv rtl/arithmetic/fp_rounder.sv rtl/arithmetic/fp_converter.sv
// prove: combinational
// prove: mutant rtl/arithmetic/fp_rounder.sv s/shifted\[1\] && (shifted\[2\]/shifted[1] \&\& (!shifted[2]/
// prove: mutant rtl/arithmetic/fp_rounder.sv s/MaxShift  = ManBits + 2/MaxShift  = ManBits + 1/
// prove: mutant rtl/arithmetic/fp_rounder.sv s/ || lost)/)/
// prove: mutant rtl/arithmetic/fp_converter.sv s/MayOverflow  = InBias > OutBias/MayOverflow  = 1'b0/
// prove: mutant rtl/arithmetic/fp_unpacker.sv s/exponent_field\[0\] || exponent_field == '0/exponent_field[0]/
module fp_converter_nearest (
  input logic [31:0] value_i
);

  fp_conversion #(.InExpBits(5), .InManBits(10), .OutExpBits(8), .OutManBits(7)) u_fp16_to_bf16 (
    .value_i(value_i[15:0])
  );
  fp_conversion #(.InExpBits(5), .InManBits(10), .OutExpBits(8), .OutManBits(23)) u_fp16_to_fp32 (
    .value_i(value_i[15:0])
  );
  fp_conversion #(.InExpBits(8), .InManBits(7), .OutExpBits(5), .OutManBits(10)) u_bf16_to_fp16 (
    .value_i(value_i[15:0])
  );
  fp_conversion #(.InExpBits(8), .InManBits(7), .OutExpBits(8), .OutManBits(23)) u_bf16_to_fp32 (
    .value_i(value_i[15:0])
  );
  fp_conversion #(.InExpBits(8), .InManBits(23), .OutExpBits(5), .OutManBits(10)) u_fp32_to_fp16 (
    .value_i
  );
  fp_conversion #(.InExpBits(8), .InManBits(23), .OutExpBits(8), .OutManBits(7)) u_fp32_to_bf16 (
    .value_i
  );

endmodule : fp_converter_nearest

// The magnitude of a value in units of 2^-50, which is a whole number for every value from 2^-26 of
// FP32 and BF16 and for all of FP16. Infinity has the value that the next exponent would.
module fp_magnitude #(
  parameter int unsigned ExpBits = 8,
  parameter int unsigned ManBits = 23
) (
  input  logic [ExpBits+ManBits-1:0] bits_i,
  output logic [69:0]                value_o,
  output logic                       small_o,  // below 2^-26 and of the formats with 8 exponent bits
  output logic                       large_o   // not below 2^17
);

  localparam int unsigned Bias = 2**(ExpBits-1) - 1;

  logic [ExpBits-1:0] field, exponent;
  logic [8:0]         shift;

  assign field    = bits_i[ManBits+:ExpBits];
  assign exponent = (field == '0) ? ExpBits'(1) : field;
  assign shift    = 9'(exponent) + 9'(50 - Bias - ManBits);
  assign value_o  = 70'({field != '0, bits_i[ManBits-1:0]}) << shift[6:0];
  assign small_o  = ExpBits > 5 && 32'(exponent) + 26 < Bias;
  assign large_o  = 32'(exponent) > Bias + 16;

endmodule : fp_magnitude

module fp_conversion #(
  parameter int unsigned InExpBits  = 5,
  parameter int unsigned InManBits  = 10,
  parameter int unsigned OutExpBits = 8,
  parameter int unsigned OutManBits = 23
) (
  input logic [InExpBits+InManBits:0] value_i
);

  localparam int unsigned InWidth  = 1 + InExpBits + InManBits;
  localparam int unsigned OutWidth = 1 + OutExpBits + OutManBits;

  localparam logic [InWidth-2:0]  InInfinity   = {{InExpBits{1'b1}}, {InManBits{1'b0}}};
  localparam logic [OutWidth-2:0] OutInfinity  = {{OutExpBits{1'b1}}, {OutManBits{1'b0}}};
  localparam logic [OutWidth-1:0] CanonicalNan = {2'b01, {OutExpBits{1'b1}}, {(OutManBits-1){1'b0}}};

  logic [OutWidth-1:0] result;
  logic [InWidth-2:0]  in;
  logic [OutWidth-2:0] out, next_below, next_above;
  // Values in one unit; outside of the window that the unit covers, what the result has to be.
  logic [69:0]         exact, here, below, above;
  logic                goes_to_zero, goes_to_infinity, out_of_window;

  fp_converter #(
    .InExpBits (InExpBits),
    .InManBits (InManBits),
    .OutExpBits(OutExpBits),
    .OutManBits(OutManBits)
  ) u_converter (
    .value_i,
    .value_o(result)
  );

  assign in         = value_i[InWidth-2:0];
  assign out        = result[OutWidth-2:0];
  assign next_below = out - 1'b1;
  assign next_above = out + 1'b1;

  if (InExpBits == OutExpBits) begin : gen_same_exponents
    // Neighbours in the coarser format, and what is between them, share an exponent: their bits are
    // as far from each other as their values.
    assign exact = 70'(in) << (24 - InManBits);
    assign here  = 70'(out) << (24 - OutManBits);
    assign below = 70'(next_below) << (24 - OutManBits);
    assign above = 70'(next_above) << (24 - OutManBits);
    assign goes_to_zero     = 1'b0;
    assign goes_to_infinity = 1'b0;
    assign out_of_window    = 1'b0;
  end else begin : gen_other_exponents
    logic out_small, out_large;
    logic [3:0] unused;

    fp_magnitude #(.ExpBits(InExpBits), .ManBits(InManBits)) u_exact (
      .bits_i(in), .value_o(exact), .small_o(goes_to_zero), .large_o(goes_to_infinity)
    );
    fp_magnitude #(.ExpBits(OutExpBits), .ManBits(OutManBits)) u_here (
      .bits_i(out), .value_o(here), .small_o(out_small), .large_o(out_large)
    );
    fp_magnitude #(.ExpBits(OutExpBits), .ManBits(OutManBits)) u_below (
      .bits_i(next_below), .value_o(below), .small_o(unused[0]), .large_o(unused[1])
    );
    fp_magnitude #(.ExpBits(OutExpBits), .ManBits(OutManBits)) u_above (
      .bits_i(next_above), .value_o(above), .small_o(unused[2]), .large_o(unused[3])
    );
    assign out_of_window = (out != '0 && out_small) || out_large;
  end

  always_comb begin
    if (in > InInfinity) begin
      assert (result == CanonicalNan);
    end else begin
      assert (result[OutWidth-1] == value_i[InWidth-1]);
      if (in == '0 || goes_to_zero) begin
        assert (out == '0);
      end else if (in == InInfinity || goes_to_infinity) begin
        assert (out == OutInfinity);
      end else begin
        assert (out <= OutInfinity);
        assert (!out_of_window);
        if (out != '0) begin
          assert (exact << 1 > here + below || (exact << 1 == here + below && !out[0]));
        end
        if (out != OutInfinity) begin
          assert (exact << 1 < here + above || (exact << 1 == here + above && !out[0]));
        end
      end
    end
  end

endmodule : fp_conversion

// SPDX-License-Identifier: Apache-2.0
//
// The fields of a floating-point operand. A finite value is
// (-1)^sign_o * significand_o/2^ManBits * 2^(exponent_o-Bias). Combinational.
//
// With Normalize the leading one of a finite nonzero value is the most significant bit of
// `significand_o`, and `exponent_o` falls below 1 for subnormals; without, a subnormal has no
// leading one and exponent 1.
module fp_unpacker #(
  parameter int unsigned ExpBits   = 8,
  parameter int unsigned ManBits   = 23,
  parameter bit          Normalize = 1'b1
) (
  input  logic        [ExpBits+ManBits:0] value_i,
  output logic                            sign_o,
  output logic signed [ExpBits+1:0]       exponent_o,
  output logic        [ManBits:0]         significand_o,
  output logic                            zero_o,
  output logic                            infinite_o,
  output logic                            nan_o
);

  localparam int unsigned ExponentBits = ExpBits + 2;

  logic        [ExpBits-1:0]      exponent_field;
  logic        [ManBits-1:0]      fraction;
  logic        [ManBits:0]        significand;
  logic signed [ExponentBits-1:0] exponent;

  assign {sign_o, exponent_field, fraction} = value_i;

  assign zero_o     = exponent_field == '0 && fraction == '0;
  assign infinite_o = &exponent_field && fraction == '0;
  assign nan_o      = &exponent_field && fraction != '0;

  // A subnormal has no hidden bit and exponent 1.
  assign significand = {exponent_field != '0, fraction};
  assign exponent    = {2'b00, exponent_field[ExpBits-1:1],
                        exponent_field[0] || exponent_field == '0};

  if (Normalize) begin : gen_normalize
    localparam int unsigned ShiftBits = $clog2(ManBits + 1);

    if (ShiftBits > ExpBits + 1) begin : gen_shift_bits_check
      $fatal(1, "fp_unpacker: ExpBits is too small for the exponents of subnormals");
    end

    logic [ShiftBits-1:0] shift;

    normalizer #(
      .Width    (ManBits + 1),
      .ShiftBits(ShiftBits)
    ) u_normalizer (
      .value_i(significand),
      .value_o(significand_o),
      .shift_o(shift)
    );

    assign exponent_o = exponent - ExponentBits'(shift);
  end else begin : gen_as_stored
    assign significand_o = significand;
    assign exponent_o    = exponent;
  end

endmodule : fp_unpacker

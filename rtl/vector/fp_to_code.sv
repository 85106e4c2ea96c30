// SPDX-License-Identifier: Apache-2.0
//
// An FP32 value rounded to an integer, nearest even, and limited to 0 .. limit_i. The value is not
// NaN. Combinational.
module fp_to_code (
  input  logic [31:0] value_i,
  input  logic [7:0]  limit_i,
  output logic [7:0]  code_o
);

  // In units of 2^-24, for values from 1/2 to below 256.
  logic [7:0]  exponent;
  logic [31:0] fixed;
  logic        too_large;
  logic [8:0]  rounded;

  assign exponent  = value_i[30:23];
  assign too_large = exponent >= 8'd127 + 8'd8;
  assign fixed     = 32'({1'b1, value_i[22:0]}) << 4'(exponent - 8'd126);
  assign rounded   = 9'(fixed[31:24]) + 9'(fixed[23] && (fixed[24] || fixed[22:0] != '0));

  always_comb begin
    if (value_i[31] || exponent < 8'd126) begin
      code_o = '0;
    end else if (too_large || rounded > 9'(limit_i)) begin
      code_o = limit_i;
    end else begin
      code_o = rounded[7:0];
    end
  end

endmodule : fp_to_code

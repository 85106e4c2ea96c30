// SPDX-License-Identifier: Apache-2.0
//
// Weight of the engine fp: scale * (code - zero), the exact product rounded once to ExpBits and
// ManBits, nearest even. Golden model: dequantize() of models/engine/fp.cpp. Combinational.
module dequantizer #(
  parameter int unsigned Planes  = 4,
  parameter int unsigned ExpBits = 5,
  parameter int unsigned ManBits = 10
) (
  input  logic [Planes-1:0]            code_i,
  input  logic [Planes-1:0]            zero_i,
  // FP32 value of an FP16 number.
  input  logic [31:0]                  scale_i,
  output logic [1+ExpBits+ManBits-1:0] weight_o
);

  logic signed [Planes:0] level;
  logic [31:0]            level_fp32;

  assign level = {1'b0, code_i} - {1'b0, zero_i};

  int_to_fp32 #(
    .SumBits     (Planes + 1),
    .ExponentBits(10)
  ) u_level (
    .sum_i     (level),
    .exponent_i('0),
    .value_o   (level_fp32)
  );

  fp_multiplier #(
    .ExpBits   (8),
    .ManBits   (23),
    .OutExpBits(ExpBits),
    .OutManBits(ManBits)
  ) u_multiplier (
    .a_i      (scale_i),
    .b_i      (level_fp32),
    .product_o(weight_o)
  );

endmodule : dequantizer

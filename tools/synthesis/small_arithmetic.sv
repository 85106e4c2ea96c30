// SPDX-License-Identifier: Apache-2.0
//
// The floating-point blocks in the formats that are verilated (rtl/CMakeLists.txt).
module small_arithmetic (
  input  logic [15:0] a_fp16_i,
  input  logic [15:0] b_fp16_i,
  input  logic [15:0] a_bf16_i,
  input  logic [15:0] b_bf16_i,
  input  logic [31:0] a_fp32_i,
  input  logic [31:0] b_fp32_i,
  output logic [15:0] sum_fp16_o,
  output logic [15:0] sum_bf16_o,
  output logic [31:0] sum_fp32_o,
  output logic [15:0] product_fp16_o,
  output logic [31:0] product_fp16_to_fp32_o,
  output logic [15:0] product_bf16_o,
  output logic [31:0] product_fp32_o,
  output logic [15:0] fp16_to_bf16_o,
  output logic [31:0] fp16_to_fp32_o,
  output logic [15:0] bf16_to_fp16_o,
  output logic [31:0] bf16_to_fp32_o,
  output logic [15:0] fp32_to_fp16_o,
  output logic [15:0] fp32_to_bf16_o
);

  fp_adder #(.ExpBits(5), .ManBits(10)) u_adder_fp16 (
    .a_i(a_fp16_i), .b_i(b_fp16_i), .sum_o(sum_fp16_o)
  );

  fp_adder #(.ExpBits(8), .ManBits(7)) u_adder_bf16 (
    .a_i(a_bf16_i), .b_i(b_bf16_i), .sum_o(sum_bf16_o)
  );

  fp_adder #(.ExpBits(8), .ManBits(23)) u_adder_fp32 (
    .a_i(a_fp32_i), .b_i(b_fp32_i), .sum_o(sum_fp32_o)
  );

  fp_multiplier #(.ExpBits(5), .ManBits(10)) u_multiplier_fp16 (
    .a_i(a_fp16_i), .b_i(b_fp16_i), .product_o(product_fp16_o)
  );

  fp_multiplier #(.ExpBits(5), .ManBits(10), .OutExpBits(8), .OutManBits(23)) u_multiplier_fp16_to_fp32 (
    .a_i(a_fp16_i), .b_i(b_fp16_i), .product_o(product_fp16_to_fp32_o)
  );

  fp_multiplier #(.ExpBits(8), .ManBits(7)) u_multiplier_bf16 (
    .a_i(a_bf16_i), .b_i(b_bf16_i), .product_o(product_bf16_o)
  );

  fp_multiplier #(.ExpBits(8), .ManBits(23)) u_multiplier_fp32 (
    .a_i(a_fp32_i), .b_i(b_fp32_i), .product_o(product_fp32_o)
  );

  fp_converter #(
    .InExpBits(5), .InManBits(10), .OutExpBits(8), .OutManBits(7)
  ) u_fp16_to_bf16 (
    .value_i(a_fp16_i), .value_o(fp16_to_bf16_o)
  );

  fp_converter #(
    .InExpBits(5), .InManBits(10), .OutExpBits(8), .OutManBits(23)
  ) u_fp16_to_fp32 (
    .value_i(a_fp16_i), .value_o(fp16_to_fp32_o)
  );

  fp_converter #(
    .InExpBits(8), .InManBits(7), .OutExpBits(5), .OutManBits(10)
  ) u_bf16_to_fp16 (
    .value_i(a_bf16_i), .value_o(bf16_to_fp16_o)
  );

  fp_converter #(
    .InExpBits(8), .InManBits(7), .OutExpBits(8), .OutManBits(23)
  ) u_bf16_to_fp32 (
    .value_i(a_bf16_i), .value_o(bf16_to_fp32_o)
  );

  fp_converter #(
    .InExpBits(8), .InManBits(23), .OutExpBits(5), .OutManBits(10)
  ) u_fp32_to_fp16 (
    .value_i(a_fp32_i), .value_o(fp32_to_fp16_o)
  );

  fp_converter #(
    .InExpBits(8), .InManBits(23), .OutExpBits(8), .OutManBits(7)
  ) u_fp32_to_bf16 (
    .value_i(a_fp32_i), .value_o(fp32_to_bf16_o)
  );

endmodule : small_arithmetic

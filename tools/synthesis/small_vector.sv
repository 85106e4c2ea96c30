// SPDX-License-Identifier: Apache-2.0
//
// The blocks of the vector unit with two lanes and short rows. A wrapper, because Yosys 0.23 cannot
// override the parameters of a top that has children.
module small_vector (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        softmax_cmd_valid_i,
  output logic        softmax_cmd_ready_o,
  input  logic        norm_cmd_valid_i,
  output logic        norm_cmd_ready_o,
  input  logic        quantizer_cmd_valid_i,
  output logic        quantizer_cmd_ready_o,
  input  logic [15:0] cmd_elements_i,
  input  logic        cmd_layer_norm_i,
  input  logic [31:0] cmd_reciprocal_i,
  input  logic [31:0] cmd_epsilon_i,
  input  logic        cmd_eight_bits_i,
  input  logic        in_valid_i,
  output logic        softmax_in_ready_o,
  output logic        norm_in_ready_o,
  output logic        quantizer_in_ready_o,
  input  logic [63:0] in_i,
  input  logic        weight_valid_i,
  output logic        weight_ready_o,
  input  logic [63:0] weight_i,
  input  logic [63:0] bias_i,
  output logic        softmax_out_valid_o,
  output logic        norm_out_valid_o,
  output logic        quantizer_out_valid_o,
  input  logic        out_ready_i,
  output logic [63:0] softmax_o,
  output logic [63:0] norm_o,
  output logic [15:0] code_o,
  output logic [15:0] scale_o,
  output logic [15:0] zero_o
);

  softmax_sequencer #(
    .Lanes      (2),
    .MaxElements(6)
  ) u_softmax (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(softmax_cmd_valid_i),
    .cmd_ready_o(softmax_cmd_ready_o),
    .cmd_elements_i,
    .in_valid_i,
    .in_ready_o (softmax_in_ready_o),
    .in_i,
    .out_valid_o(softmax_out_valid_o),
    .out_ready_i,
    .out_o      (softmax_o)
  );

  norm_sequencer #(
    .Lanes      (2),
    .MaxElements(6)
  ) u_norm (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(norm_cmd_valid_i),
    .cmd_ready_o(norm_cmd_ready_o),
    .cmd_elements_i,
    .cmd_layer_norm_i,
    .cmd_reciprocal_i,
    .cmd_epsilon_i,
    .in_valid_i,
    .in_ready_o (norm_in_ready_o),
    .in_i,
    .weight_valid_i,
    .weight_ready_o,
    .weight_i,
    .bias_i,
    .out_valid_o(norm_out_valid_o),
    .out_ready_i,
    .out_o      (norm_o)
  );

  kv_quantizer #(
    .Lanes      (2),
    .MaxElements(6)
  ) u_quantizer (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(quantizer_cmd_valid_i),
    .cmd_ready_o(quantizer_cmd_ready_o),
    .cmd_elements_i,
    .cmd_eight_bits_i,
    .in_valid_i,
    .in_ready_o (quantizer_in_ready_o),
    .in_i,
    .out_valid_o(quantizer_out_valid_o),
    .out_ready_i,
    .code_o,
    .scale_o,
    .zero_o
  );

endmodule : small_vector

// SPDX-License-Identifier: Apache-2.0
//
// One output feature of the engine fp: the sum over the lanes of activation times weight, products
// and sums in floating point of AccExpBits and AccManBits. A weight is dequantised when its column
// is loaded. Lanes without a weight, past the segment's end, give +0. Weight-stationary.
//
// Latency: 1 + ReduceStages cycles from active weights to the sum. Throughput: 1 step a cycle.
//
// Simulation: kept as a module of its own, see lut_row.
module fp_row #(
  parameter int unsigned ArrayCols    = lutsim_pkg::ArrayCols,
  parameter int unsigned Planes       = lutsim_pkg::Planes,
  parameter int unsigned ReduceStages = lutsim_pkg::ReduceStages,
  parameter int unsigned ActExpBits   = lutsim_pkg::ActExpBits,
  parameter int unsigned ActManBits   = lutsim_pkg::ActManBits,
  parameter int unsigned AccExpBits   = lutsim_pkg::AccExpBits,
  parameter int unsigned AccManBits   = lutsim_pkg::AccManBits
) (
  input  logic                                         clk_i,

  // Registered, the same for all rows.
  input  logic [ArrayCols*(1+ActExpBits+ActManBits)-1:0] activation_i /*verilator public_flat_rd*/,

  input  logic [ArrayCols-1:0]                         write_column_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]                            column_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]                            zero_i /*verilator public_flat_rd*/,
  input  logic [31:0]                                  scale_i /*verilator public_flat_rd*/,
  input  logic                                         load_key_i /*verilator public_flat_rd*/,
  // Lanes that have a weight.
  input  logic [ArrayCols-1:0]                         lane_used_i /*verilator public_flat_rd*/,

  input  logic [ReduceStages-1:0]                      reduce_i /*verilator public_flat_rd*/,
  output logic [1+AccExpBits+AccManBits-1:0]           sum_o
);
  /*verilator no_inline_module*/

  localparam int unsigned ActBits = 1 + ActExpBits + ActManBits;
  localparam int unsigned AccBits = 1 + AccExpBits + AccManBits;

  logic [ActBits-1:0]           weight;
  logic [ArrayCols*AccBits-1:0] product;

  dequantizer #(
    .Planes (Planes),
    .ExpBits(ActExpBits),
    .ManBits(ActManBits)
  ) u_dequantizer (
    .code_i  (column_i),
    .zero_i,
    .scale_i,
    .weight_o(weight)
  );

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_lane
    logic [ActBits-1:0] shadow_q, weight_q;
    logic [AccBits-1:0] lane_product;

    always_ff @(posedge clk_i) begin
      if (write_column_i[c]) begin
        shadow_q <= weight;
      end
      if (load_key_i) begin
        weight_q <= shadow_q;
      end
    end

    fp_multiplier #(
      .ExpBits   (ActExpBits),
      .ManBits   (ActManBits),
      .OutExpBits(AccExpBits),
      .OutManBits(AccManBits)
    ) u_multiplier (
      .a_i      (activation_i[c*ActBits+:ActBits]),
      .b_i      (weight_q),
      .product_o(lane_product)
    );

    assign product[c*AccBits+:AccBits] = lane_used_i[c] ? lane_product : '0;
  end

  fp_adder_tree #(
    .Leaves (ArrayCols),
    .Stages (ReduceStages),
    .ExpBits(AccExpBits),
    .ManBits(AccManBits)
  ) u_tree (
    .clk_i,
    .stage_i(reduce_i),
    .leaf_i (product),
    .sum_o
  );

endmodule : fp_row

// SPDX-License-Identifier: Apache-2.0
//
// One output feature of the engine figna: the sum over the lanes of aligned activation times
// integer weight. A weight is code - zero, formed when its column is loaded. Weight-stationary.
//
// Latency: 2 cycles from active weights to sums. Throughput: 1 step a cycle.
//
// Simulation: kept as a module of its own, see lut_row.
module integer_row #(
  parameter int unsigned ArrayCols = lutsim_pkg::ArrayCols,
  parameter int unsigned Planes    = lutsim_pkg::Planes,
  parameter int unsigned AlignBits = lutsim_pkg::AlignBits,
  parameter int unsigned SumBits   = lutsim_pkg::SumBits
) (
  input  logic                           clk_i,

  // Registered, the same for all rows.
  input  logic [ArrayCols*AlignBits-1:0] mantissa_i /*verilator public_flat_rd*/,

  input  logic [ArrayCols-1:0]           write_column_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]              column_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]              zero_i /*verilator public_flat_rd*/,
  input  logic                           load_key_i /*verilator public_flat_rd*/,

  input  logic                           reduce_i /*verilator public_flat_rd*/,
  output logic [SumBits-1:0]             sum_o
);
  /*verilator no_inline_module*/

  localparam int unsigned ProductBits = AlignBits + Planes;

  logic [ArrayCols*ProductBits-1:0] product;

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_lane
    logic signed [Planes:0]      shadow_q, weight_q;
    logic signed [AlignBits-1:0] mantissa;

    always_ff @(posedge clk_i) begin
      if (write_column_i[c]) begin
        shadow_q <= {1'b0, column_i} - {1'b0, zero_i};
      end
      if (load_key_i) begin
        weight_q <= shadow_q;
      end
    end

    // |mantissa| < 2^(AlignBits-1) and |weight| < 2^Planes.
    assign mantissa = mantissa_i[c*AlignBits+:AlignBits];
    assign product[c*ProductBits+:ProductBits] = ProductBits'(mantissa) * ProductBits'(weight_q);
  end

  int_adder_tree #(
    .Leaves  (ArrayCols),
    .LeafBits(ProductBits),
    .SumBits (SumBits)
  ) u_tree (
    .clk_i,
    .load_i(reduce_i),
    .leaf_i(product),
    .sum_o
  );

endmodule : integer_row

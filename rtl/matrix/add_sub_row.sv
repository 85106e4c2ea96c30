// SPDX-License-Identifier: Apache-2.0
//
// One output feature of the engine ifpu: for each bit-plane, the sum over the lanes of the aligned
// activation, added where the plane's bit is 1 and subtracted where it is 0. Weight-stationary.
//
// Latency: 2 cycles from active weights to sums. Throughput: 1 step a cycle.
//
// Simulation: kept as a module of its own, see lut_row.
module add_sub_row #(
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
  input  logic                           load_key_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]              ones_i /*verilator public_flat_rd*/,

  input  logic                           reduce_i /*verilator public_flat_rd*/,
  output logic [Planes*SumBits-1:0]      sum_o
);
  /*verilator no_inline_module*/

  logic [Planes-1:0] shadow_q [ArrayCols];
  logic [Planes-1:0] key_q    [ArrayCols];

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_lane
    always_ff @(posedge clk_i) begin
      if (write_column_i[c]) begin
        shadow_q[c] <= column_i;
      end
      if (load_key_i) begin
        key_q[c] <= ones_i | shadow_q[c];
      end
    end
  end

  for (genvar p = 0; p < Planes; p++) begin : gen_plane
    logic [ArrayCols*AlignBits-1:0] leaf;

    for (genvar c = 0; c < ArrayCols; c++) begin : gen_leaf
      assign leaf[c*AlignBits+:AlignBits] = key_q[c][p] ? mantissa_i[c*AlignBits+:AlignBits]
                                                        : -mantissa_i[c*AlignBits+:AlignBits];
    end

    int_adder_tree #(
      .Leaves  (ArrayCols),
      .LeafBits(AlignBits),
      .SumBits (SumBits)
    ) u_tree (
      .clk_i,
      .load_i(reduce_i),
      .leaf_i(leaf),
      .sum_o (sum_o[p*SumBits+:SumBits])
    );
  end

endmodule : add_sub_row

// SPDX-License-Identifier: Apache-2.0
//
// A long FP32 sum on 64 partial sums and a tree, whatever the number of lanes
// (docs/decisions/0008-long-sums-on-64-partial-sums.md). Golden model: lane_sum() of
// models/transformer/lane_sum.h.
//
// Partial sum p is row p / Lanes of lane p modulo Lanes. A beat of Lanes terms goes to the next row,
// one a cycle. Then tree_i adds, level by level, partial i + h to partial i for h = 32, 16, .. 1: as
// many a cycle as there are lanes; tree_last_o is high in the cycle of the last addition, sum_o is
// there in the next.
//
// Latency: tree_cycles() of sim/vector/sequencer_timing.h from the last term. Throughput: 1 beat a cycle.
module lane_sum #(
  parameter int unsigned Lanes = 4
) (
  input  logic                clk_i,

  // All partial sums are +0 in the next cycle.
  input  logic                clear_i,
  input  logic                add_i,
  input  logic [Lanes*32-1:0] value_i,
  input  logic                tree_i,
  output logic                tree_last_o,
  output logic [31:0]         sum_o
);

  localparam int unsigned SumLanes = 64;
  localparam int unsigned Rows     = SumLanes / Lanes;
  localparam int unsigned RowBits  = (Rows > 1) ? $clog2(Rows) : 1;
  localparam int unsigned LaneBits = $clog2(Lanes);

  if (Lanes != 2**LaneBits || Lanes > SumLanes) begin : gen_lanes_check
    $fatal(1, "lane_sum: Lanes must be a power of two up to 64");
  end

  logic [Lanes*32-1:0] partial_q [Rows];
  logic [RowBits-1:0]  add_row_q, tree_row_q, row;
  // h, and h in rows: 0 where both operands are in row 0.
  logic [5:0]          half_q, half_rows;
  logic                across_lanes, level_ends;
  logic [Lanes*32-1:0] own, other, total;
  logic [Lanes-1:0]    nearer, write;

  assign half_rows    = half_q >> LaneBits;
  assign across_lanes = half_rows == '0;
  assign level_ends   = across_lanes || 6'(tree_row_q) == half_rows - 6'd1;
  assign tree_last_o  = tree_i && half_q == 6'd1 && level_ends;
  assign sum_o        = partial_q[0][31:0];

  // Lanes below h.
  assign nearer = ~({Lanes{1'b1}} << half_q);

  assign row = tree_i ? tree_row_q : add_row_q;
  assign own = partial_q[row];

  always_comb begin : other_operand
    other = value_i;
    if (tree_i) begin
      other = across_lanes ? partial_q[0] >> (32 * half_q)
                           : partial_q[RowBits'(6'(tree_row_q) + half_rows)];
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    fp_adder u_adder (
      .a_i  (own[l*32+:32]),
      .b_i  (other[l*32+:32]),
      .sum_o(total[l*32+:32])
    );

    assign write[l] = add_i || (tree_i && (!across_lanes || nearer[l]));
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        partial_q[r] <= '0;
      end
    end else begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        if (write[l]) begin
          partial_q[row][l*32+:32] <= total[l*32+:32];
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) begin
      add_row_q  <= '0;
      tree_row_q <= '0;
      half_q     <= 6'(SumLanes / 2);
    end else begin
      if (add_i) begin
        add_row_q <= (Rows > 1) ? add_row_q + RowBits'(1) : '0;
      end
      if (tree_i) begin
        tree_row_q <= level_ends ? '0 : tree_row_q + RowBits'(1);
        half_q     <= level_ends ? half_q >> 1 : half_q;
      end
    end
  end

endmodule : lane_sum

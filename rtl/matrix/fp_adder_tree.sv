// SPDX-License-Identifier: Apache-2.0
//
// Sum of floating-point numbers in a fixed order: a heap as in int_adder_tree, each addition rounded
// to nearest even. One register stage for each level, the root last; stage_i[s] loads stage s. With
// one leaf the only stage is a register. Golden model: tree_sum() of models/engine/tree_sum.h.
//
// Latency: Stages cycles. Throughput: 1 a cycle.
//
// Simulation: kept as a module of its own, see lut_row.
module fp_adder_tree #(
  parameter int unsigned Leaves  = 16,
  parameter int unsigned Stages  = 4,
  parameter int unsigned ExpBits = 8,
  parameter int unsigned ManBits = 23
) (
  input  logic                                  clk_i,
  input  logic [Stages-1:0]                     stage_i /*verilator public_flat_rd*/,
  input  logic [Leaves*(1+ExpBits+ManBits)-1:0] leaf_i /*verilator public_flat_rd*/,
  output logic [1+ExpBits+ManBits-1:0]          sum_o
);
  /*verilator no_inline_module*/

  localparam int unsigned Width = 1 + ExpBits + ManBits;
  localparam int unsigned Nodes = 2 * Leaves - 1;

  if (2**Stages < Leaves || (Stages > 1 && 2**(Stages-1) >= Leaves)) begin : gen_stages_check
    $fatal(1, "fp_adder_tree: Stages must be max(1, ceil(log2(Leaves)))");
  end

  for (genvar l = 0; l < Stages; l++) begin : gen_level
    // Nodes 2^l-1 .. 2^(l+1)-2; the last level may be partly empty.
    for (genvar i = 2**l - 1; i < 2**(l+1) - 1; i++) begin : gen_node
      logic [Width-1:0] node_q;

      if (i < Leaves - 1) begin : gen_sum
        logic [Width-1:0] a, b, sum;

        if (2 * i + 1 >= Leaves - 1 && l == Stages - 1) begin : gen_a_leaf
          assign a = leaf_i[(2*i+1-(Leaves-1))*Width+:Width];
        end else begin : gen_a_node
          assign a = gen_level[l+1].gen_node[2*i+1].node_q;
        end
        if (2 * i + 2 >= Leaves - 1 && l == Stages - 1) begin : gen_b_leaf
          assign b = leaf_i[(2*i+2-(Leaves-1))*Width+:Width];
        end else begin : gen_b_node
          assign b = gen_level[l+1].gen_node[2*i+2].node_q;
        end

        fp_adder #(
          .ExpBits(ExpBits),
          .ManBits(ManBits)
        ) u_adder (
          .a_i  (a),
          .b_i  (b),
          .sum_o(sum)
        );

        always_ff @(posedge clk_i) begin
          if (stage_i[Stages-1-l]) begin
            node_q <= sum;
          end
        end
      end else if (i < Nodes) begin : gen_wait
        // A leaf of the level above the deepest waits for its sibling.
        always_ff @(posedge clk_i) begin
          if (stage_i[Stages-1-l]) begin
            node_q <= leaf_i[(i-(Leaves-1))*Width+:Width];
          end
        end
      end else begin : gen_none
        assign node_q = '0;

        logic unused_node;
        assign unused_node = ^node_q;
      end
    end
  end

  assign sum_o = gen_level[0].gen_node[0].node_q;

endmodule : fp_adder_tree

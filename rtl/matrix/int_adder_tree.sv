// SPDX-License-Identifier: Apache-2.0
//
// Exact sum of signed integers, registered. A heap: node i adds nodes 2i+1 and 2i+2, the last
// Leaves nodes are the leaves. It is a balanced tree for every number of leaves.
//
// Latency: 1 cycle. Throughput: 1 a cycle.
module int_adder_tree #(
  parameter int unsigned Leaves   = 16,
  parameter int unsigned LeafBits = 18,
  parameter int unsigned SumBits  = 22
) (
  input  logic                       clk_i,
  input  logic                       load_i,
  input  logic [Leaves*LeafBits-1:0] leaf_i,
  output logic [SumBits-1:0]         sum_o
);
  /*verilator inline_module*/

  logic signed [SumBits-1:0] node [2*Leaves-1];

  always_comb begin : adder_tree
    for (int unsigned c = 0; c < Leaves; c++) begin
      node[Leaves-1+c] = SumBits'($signed(leaf_i[c*LeafBits+:LeafBits]));
    end
    for (int unsigned i = Leaves - 1; i > 0; i--) begin
      node[i-1] = node[2*i-1] + node[2*i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      sum_o <= node[0];
    end
  end

endmodule : int_adder_tree

// SPDX-License-Identifier: Apache-2.0
//
// The greatest (Least = 0) or least (Least = 1) of FP32 values and the one found so far, as IEEE-754
// compares: NaN is passed over. Which of two equal values is given, +0 or -0, does not matter to
// those who ask. Combinational.
module fp_extreme #(
  parameter int unsigned Lanes = 4,
  parameter bit          Least = 1'b0
) (
  input  logic [31:0]         so_far_i,
  // Values of lanes that are not enabled do not count.
  input  logic [Lanes-1:0]    enable_i,
  input  logic [Lanes*32-1:0] value_i,
  output logic [31:0]         extreme_o
);

  // a > b, +0 above -0; neither is NaN.
  function automatic logic greater(input logic [31:0] a, input logic [31:0] b);
    unique case ({a[31], b[31]})
      2'b00:   greater = a[30:0] > b[30:0];
      2'b01:   greater = 1'b1;
      2'b10:   greater = 1'b0;
      default: greater = a[30:0] < b[30:0];
    endcase
  endfunction

  // A heap: node i is the winner of nodes 2i+1 and 2i+2, the last Lanes + 1 nodes are the leaves.
  logic [31:0] node [2*Lanes+1];

  always_comb begin : tournament
    node[Lanes] = so_far_i;
    for (int unsigned l = 0; l < Lanes; l++) begin
      node[Lanes+1+l] = (enable_i[l] && value_i[l*32+:31] <= 31'h7f80_0000) ? value_i[l*32+:32]
                                                                            : so_far_i;
    end
    for (int unsigned i = Lanes; i > 0; i--) begin
      node[i-1] = (Least ? greater(node[2*i-1], node[2*i]) : greater(node[2*i], node[2*i-1]))
                  ? node[2*i] : node[2*i-1];
    end
  end

  assign extreme_o = node[0];

endmodule : fp_extreme

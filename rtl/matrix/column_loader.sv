// SPDX-License-Identifier: Apache-2.0
//
// Weight-stationary loading: takes the weights of a pass column by column, one a cycle, while the
// array works on the pass before. `write_o` says which column's shadow registers take the beat,
// `full_o` that the pass is complete and may be swapped in, `used_o` which columns have weights since
// the last swap. The first column of the next pass may arrive in the cycle of the swap.
//
// Latency: 1 cycle from the last column to full. Throughput: 1 column a cycle.
module column_loader #(
  parameter int unsigned ArrayCols = lutsim_pkg::ArrayCols
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 column_valid_i,
  output logic                 column_ready_o,
  // The beat ends its pass: the columns after it have no weights.
  input  logic                 column_last_i,

  // Something else that a column needs is there.
  input  logic                 enable_i,

  output logic [ArrayCols-1:0] write_o,
  output logic                 full_o,
  input  logic                 swap_i,
  output logic [ArrayCols-1:0] used_o
);

  localparam int unsigned IndexBits = (ArrayCols > 1) ? $clog2(ArrayCols) : 1;

  logic                 full_q, beat;
  logic [IndexBits-1:0] index_q;
  logic [ArrayCols-1:0] used_shadow_q, used_q;

  assign column_ready_o = enable_i && (!full_q || swap_i);
  assign beat           = column_valid_i && column_ready_o;
  assign full_o         = full_q;
  assign used_o         = used_q;

  always_comb begin : select_column
    write_o = '0;
    for (int unsigned c = 0; c < ArrayCols; c++) begin
      write_o[c] = beat && 32'(index_q) == c;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      full_q  <= 1'b0;
      index_q <= '0;
    end else begin
      full_q <= (beat && column_last_i) || (full_q && !swap_i);
      if (beat) begin
        index_q <= column_last_i ? '0 : index_q + IndexBits'(1);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (beat) begin
      used_shadow_q <= (index_q == '0) ? write_o : used_shadow_q | write_o;
    end
    if (swap_i) begin
      used_q <= used_shadow_q;
    end
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   column_valid_i && !column_ready_o |=> column_valid_i)
    else $error("column_valid_i fell before column_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   beat && 32'(index_q) == ArrayCols - 1 |-> column_last_i)
    else $error("a pass has more columns than the array");
`endif

endmodule : column_loader

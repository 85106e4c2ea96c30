// SPDX-License-Identifier: Apache-2.0
//
// The shift register of the weight decoder: what the XOR network sees. tap_o holds the present block
// lowest, then the NStages blocks before it, the latest first. A block is taken with move_i; after
// the last one of a stream the register is empty, that is, zero.
//
// Latency: none for the present block, s cycles with a block for the one s before. Throughput: 1 block
// a cycle.
module xor_shift_register #(
  parameter int unsigned NIn     = 8,
  parameter int unsigned NStages = 2
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,

  input  logic                       move_i,
  input  logic                       last_i,
  input  logic [NIn-1:0]             block_i,
  output logic [NIn*(NStages+1)-1:0] tap_o
);

  if (NStages == 0) begin : gen_no_history
    logic unused_control;

    assign tap_o          = block_i;
    assign unused_control = ^{clk_i, rst_ni, move_i, last_i};
  end else begin : gen_history
    logic [NIn*NStages-1:0] history_d, history_q;

    assign tap_o = {history_q, block_i};

    always_comb begin
      history_d = history_q;
      if (move_i) begin
        history_d = last_i ? '0 : tap_o[NIn*NStages-1:0];
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        history_q <= '0;
      end else begin
        history_q <= history_d;
      end
    end
  end

endmodule : xor_shift_register

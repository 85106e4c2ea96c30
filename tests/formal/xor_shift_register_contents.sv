// SPDX-License-Identifier: Apache-2.0
//
// What the shift register of the weight decoder holds, for ever, whatever moves, stops, ends or is
// reset: the blocks that have moved in since the latest reset or end of a stream, the latest first,
// and zero where there were none. Two registers with different blocks and a third with their sum stay
// linear. The harness keeps the blocks in its own way: a count and a list that is never cleared.
//
// prove: sources rtl/decoder/xor_shift_register.sv
// prove: induction 5
// prove: mutant rtl/decoder/xor_shift_register.sv s/last_i ? '0 : tap_o/tap_o/
// prove: mutant rtl/decoder/xor_shift_register.sv s/history_q <= '0/history_q <= history_q/
// prove: mutant rtl/decoder/xor_shift_register.sv s/if (move_i) begin/if (move_i || last_i) begin/
module xor_shift_register_contents #(
  parameter int unsigned NIn     = 5,
  parameter int unsigned NStages = 2
) (
  input logic           clk_i,
  input logic           rst_ni,
  input logic           move_i,
  input logic           last_i,
  input logic [NIn-1:0] a_i,
  input logic [NIn-1:0] b_i
);

  logic [NIn*(NStages+1)-1:0] tap_a, tap_b, tap_sum;

  xor_shift_register #(
    .NIn    (NIn),
    .NStages(NStages)
  ) u_a (
    .clk_i,
    .rst_ni,
    .move_i,
    .last_i,
    .block_i(a_i),
    .tap_o  (tap_a)
  );

  xor_shift_register #(
    .NIn    (NIn),
    .NStages(NStages)
  ) u_b (
    .clk_i,
    .rst_ni,
    .move_i,
    .last_i,
    .block_i(b_i),
    .tap_o  (tap_b)
  );

  xor_shift_register #(
    .NIn    (NIn),
    .NStages(NStages)
  ) u_sum (
    .clk_i,
    .rst_ni,
    .move_i,
    .last_i,
    .block_i(a_i ^ b_i),
    .tap_o  (tap_sum)
  );

  // Nothing is known before the first reset.
  logic           known_q = 1'b0;
  logic [1:0]     count_q;
  logic [NIn-1:0] latest_q, older_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      known_q <= 1'b1;
      count_q <= 2'd0;
    end else if (move_i) begin
      count_q  <= last_i ? 2'd0 : count_q == 2'd2 ? 2'd2 : count_q + 2'd1;
      latest_q <= a_i;
      older_q  <= latest_q;
    end
  end

  always_comb begin
    if (known_q) begin
      assert (count_q <= 2'd2);
      assert (tap_a[0+:NIn] == a_i);
      assert (tap_a[NIn+:NIn] == (count_q >= 2'd1 ? latest_q : NIn'(0)));
      assert (tap_a[2*NIn+:NIn] == (count_q == 2'd2 ? older_q : NIn'(0)));
      assert (tap_sum == (tap_a ^ tap_b));
    end
  end

endmodule : xor_shift_register_contents

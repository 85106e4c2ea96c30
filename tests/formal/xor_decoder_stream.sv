// SPDX-License-Identifier: Apache-2.0
//
// The whole decoder against the definition of a stream (docs/units/decoder.md), under every pacing of
// its three handshakes and every token list. The harness keeps the blocks that it sent, the absolute
// position of the cursor and the flipped bits of the first three blocks, and expects block t with its
// flips as the t-th output. It also holds the decoder to its time: as long as there always was a token
// on offer and a reader, a block is finished after one cycle for each of its flips, and there is room
// for the next one whenever a block leaves.
//
// prove: sources rtl/gen/xor_code_pkg.sv rtl/decoder/xor_network.sv rtl/decoder/xor_shift_register.sv rtl/decoder/xor_decoder.sv
// prove: bounded 8
// prove: mutant rtl/decoder/xor_decoder.sv s/<< cursor_q/<< (cursor_q + 1'b1)/
// prove: mutant rtl/decoder/xor_decoder.sv s/cursor_moved = cursor_q + CursorBits'(1)/cursor_moved = cursor_q/
// prove: mutant rtl/decoder/xor_decoder.sv s/patch_i != '1/1'b1/
// prove: mutant rtl/decoder/xor_decoder.sv s/armed_q || flip ||/armed_q ||/
// prove: mutant rtl/decoder/xor_decoder.sv s/valid_q || leave/valid_q/
module xor_decoder_stream #(
  parameter int unsigned NIn       = 2,
  parameter int unsigned NOut      = 3,
  parameter int unsigned NStages   = 1,
  parameter int unsigned PatchBits = 2
) (
  input logic                 clk_i,
  input logic                 in_valid_i,
  input logic [NIn-1:0]       in_i,
  input logic                 patch_valid_i,
  input logic [PatchBits-1:0] patch_i,
  input logic                 out_ready_i
);

  localparam int unsigned Blocks = 3;

  logic            rst_n_q = 1'b0;
  logic            in_ready, patch_ready, out_valid, out_last;
  logic [NOut-1:0] out;

  always_ff @(posedge clk_i) begin
    rst_n_q <= 1'b1;
  end

  xor_decoder #(
    .NIn      (NIn),
    .NOut     (NOut),
    .NStages  (NStages),
    .PatchBits(PatchBits)
  ) u_decoder (
    .clk_i,
    .rst_ni       (rst_n_q),
    .in_valid_i,
    .in_ready_o   (in_ready),
    .in_i,
    .in_last_i    (1'b0),
    .patch_valid_i,
    .patch_ready_o(patch_ready),
    .patch_i,
    .out_valid_o  (out_valid),
    .out_ready_i,
    .out_o        (out),
    .out_last_o   (out_last)
  );

  // Blocks taken and given, and what the taken ones decode to.
  logic [4:0]             taken_q = '0, given_q = '0;
  logic [NIn-1:0]         previous_q = '0;
  logic [NOut-1:0]        decoded;
  logic [Blocks*NOut-1:0] decoded_q = '0;
  // The cursor, saturating far behind the blocks that are looked at, and the flipped bits.
  logic [5:0]             cursor_q = '0;
  logic [Blocks*NOut-1:0] flipped_q = '0;
  // No token was missing and no output waited so far; cycles that the block has spent.
  logic                   prompt_q = 1'b1;
  logic [3:0]             spent_q = '0;

  xor_network #(
    .NIn    (NIn),
    .NOut   (NOut),
    .NStages(NStages)
  ) u_expected (
    .tap_i({previous_q, in_i}),
    .bit_o(decoded)
  );

  logic in_move, patch_move, out_move;

  assign in_move    = rst_n_q && in_valid_i && in_ready;
  assign patch_move = rst_n_q && patch_valid_i && patch_ready;
  assign out_move   = rst_n_q && out_valid && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (in_move) begin
      taken_q    <= taken_q + 5'd1;
      previous_q <= in_i;
      if (taken_q < 5'(Blocks)) decoded_q[taken_q*NOut+:NOut] <= decoded;
    end
    if (out_move) given_q <= given_q + 5'd1;
    if (patch_move) begin
      cursor_q <= cursor_q >= 6'd32 ? 6'd32 : cursor_q + 6'(patch_i) + 6'(patch_i != '1);
      if (patch_i != '1 && cursor_q + 6'(patch_i) < 6'(Blocks*NOut)) begin
        flipped_q[cursor_q + 6'(patch_i)] <= 1'b1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_n_q && !(patch_valid_i && out_ready_i)) prompt_q <= 1'b0;
    spent_q <= in_move ? 4'd0 : spent_q + 4'd1;
  end

  logic [NOut-1:0] flipped;
  logic [3:0]      flips;
  logic            there;

  assign flipped = flipped_q[given_q*NOut+:NOut];
  assign there   = given_q < taken_q;

  always_comb begin
    flips = '0;
    for (int unsigned i = 0; i < NOut; i++) begin
      flips = flips + 4'(flipped[i]);
    end
  end

  always_comb begin
    if (rst_n_q && given_q < 5'(Blocks)) begin
      if (out_valid) begin
        assert (there);
        assert (out == (decoded_q[given_q*NOut+:NOut] ^ flipped));
        assert (!out_last);
      end
      if (prompt_q && patch_valid_i && out_ready_i) begin
        assert (out_valid == (there && spent_q == flips));
        assert (in_ready == (!there || out_valid));
      end
    end
  end

endmodule : xor_decoder_stream

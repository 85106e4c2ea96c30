// SPDX-License-Identifier: Apache-2.0
//
// Weight decoder: NIn stored bits a block become NOut weight bits (docs/units/decoder.md). A shift
// register keeps the last NStages blocks, XOR trees form the bits, and patch tokens flip those that
// came out wrong.
//
// Handshakes are valid/ready: a beat moves when both are high at a rising clock edge, a ready does
// not depend on the valid of its own channel, a valid stays until its beat has moved. in_last_i
// marks the last block of a stream; the next block starts a new one, with an empty shift register.
//
// A block that moves in at one clock edge moves out at the next, one edge later for each of its
// patches. A patch token is taken as soon as it can concern the block that is in the decoder or
// comes into it next: with tokens in time no block waits for one.
//
// Latency: 1 cycle, 1 more for each patch of the block. Throughput: 1 block in so many cycles.
module xor_decoder #(
  parameter int unsigned NIn       /*verilator public*/ = 8,
  parameter int unsigned NOut      /*verilator public*/ = 80,
  parameter int unsigned NStages   /*verilator public*/ = 2,
  parameter int unsigned PatchBits /*verilator public*/ = 12
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 in_valid_i,
  output logic                 in_ready_o,
  input  logic [NIn-1:0]       in_i,
  input  logic                 in_last_i,

  input  logic                 patch_valid_i,
  output logic                 patch_ready_o,
  input  logic [PatchBits-1:0] patch_i,

  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output logic [NOut-1:0]      out_o,
  output logic                 out_last_o
);

  // A token moves the cursor from within a block by less than 2^PatchBits.
  localparam int unsigned CursorBits = PatchBits + 1;

  if (2**PatchBits <= NOut) begin : gen_patch_check
    $fatal(1, "xor_decoder: 2^PatchBits must be greater than NOut");
  end

  // ------------------------------------------------------------------------------------------------
  // Shift register and XOR trees
  // ------------------------------------------------------------------------------------------------

  logic                       in_move;
  logic [NIn*(NStages+1)-1:0] tap;
  logic [NOut-1:0]            decoded;

  assign in_move = in_valid_i && in_ready_o;

  xor_shift_register #(
    .NIn    (NIn),
    .NStages(NStages)
  ) u_shift_register (
    .clk_i,
    .rst_ni,
    .move_i (in_move),
    .last_i (in_last_i),
    .block_i(in_i),
    .tap_o  (tap)
  );

  xor_network #(
    .NIn    (NIn),
    .NOut   (NOut),
    .NStages(NStages)
  ) u_network (
    .tap_i(tap),
    .bit_o(decoded)
  );

  // ------------------------------------------------------------------------------------------------
  // Patches
  // ------------------------------------------------------------------------------------------------

  // cursor_q counts from the first bit of the block in the decoder, or of the next one while it is
  // empty. If armed_q, the bit there is to be flipped; if not, the next token counts from there.
  logic                  armed_d, armed_q;
  logic [CursorBits-1:0] cursor_d, cursor_q;
  logic                  valid_d, valid_q;
  logic                  last_d, last_q;
  logic [NOut-1:0]       word_d, word_q;

  logic                  in_block;
  logic                  flip;
  logic                  leave;
  logic [CursorBits-1:0] cursor_moved;
  logic                  patch_move;

  assign in_block = cursor_q < CursorBits'(NOut);
  assign flip     = valid_q && armed_q && in_block;
  assign leave    = out_valid_o && out_ready_i;

  // Where the cursor is before the token that may be taken in this cycle.
  always_comb begin
    cursor_moved = cursor_q;
    if (flip) begin
      cursor_moved = cursor_q + CursorBits'(1);
    end else if (leave) begin
      cursor_moved = last_q ? '0 : cursor_q - CursorBits'(NOut);
    end
  end

  // A patch that waits for its block is kept; one beyond the last block of a stream is not.
  assign patch_ready_o = (!armed_q || flip || (leave && last_q)) &&
                         cursor_moved < CursorBits'(NOut);
  assign patch_move    = patch_valid_i && patch_ready_o;

  assign cursor_d = patch_move ? cursor_moved + CursorBits'(patch_i) : cursor_moved;
  assign armed_d  = patch_move ? patch_i != '1 : armed_q && !flip && !(leave && last_q);

  // ------------------------------------------------------------------------------------------------
  // The block in the decoder
  // ------------------------------------------------------------------------------------------------

  assign in_ready_o  = !valid_q || leave;
  assign out_valid_o = valid_q && !in_block;
  assign out_o       = word_q;
  assign out_last_o  = last_q;

  assign valid_d = in_move || (valid_q && !leave);
  assign last_d  = in_move ? in_last_i : last_q;

  always_comb begin
    word_d = word_q;
    if (in_move) begin
      word_d = decoded;
    end else if (flip) begin
      word_d = word_q ^ (NOut'(1) << cursor_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      armed_q  <= 1'b0;
      cursor_q <= '0;
      valid_q  <= 1'b0;
    end else begin
      armed_q  <= armed_d;
      cursor_q <= cursor_d;
      valid_q  <= valid_d;
    end
  end

  always_ff @(posedge clk_i) begin
    last_q <= last_d;
    word_q <= word_d;
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   in_valid_i && !in_ready_o |=> in_valid_i && $stable(in_i))
    else $error("a stored block must be offered until it has moved");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   patch_valid_i && !patch_ready_o |=> patch_valid_i && $stable(patch_i))
    else $error("a patch token must be offered until it has moved");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_o))
    else $error("a decoded block must stay until it has moved");
`endif

endmodule : xor_decoder

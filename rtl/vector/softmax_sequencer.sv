// SPDX-License-Identifier: Apache-2.0
//
// Softmax of one row of FP32 values: e = exp(x - max x), y = e * reciprocal(sum of e), the sum in the
// order of lane_sum. Golden model: ops::softmax() of models/transformer/ops.h; cycles:
// softmax_cycles() of sim/vector/sequencer_timing.h.
//
// A command announces a row of 1..MaxElements elements. They come in beats of Lanes (lanes past the
// end of the row are ignored), are kept in the row buffer, and leave as beats (those lanes +0):
//
//   Load        a beat a cycle into the buffer; the running maximum
//   Exponential a beat a cycle out of the buffer, through Lanes function units, back into the buffer
//               and into the partial sums
//   Tree        the partial sums become one
//   Reciprocal  of the sum, by the function unit of lane 0
//   Scale       a beat a cycle out of the buffer, times the reciprocal, out
//
// A row at a time. `ready` of a channel never depends on its own `valid`.
//
// Latency: softmax_cycles() of sim/vector/sequencer_timing.h. Throughput: a row at a time, in each phase
// 1 beat a cycle.
module softmax_sequencer #(
  parameter int unsigned Lanes       /*verilator public*/ = 4,
  parameter int unsigned MaxElements /*verilator public*/ = 256
) (
  input  logic                clk_i,
  // Synchronous.
  input  logic                rst_ni,

  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  logic [15:0]         cmd_elements_i,

  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Lanes*32-1:0] in_i,

  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Lanes*32-1:0] out_o
);

  localparam int unsigned Width    = Lanes * 32;
  localparam int unsigned Depth    = MaxElements / Lanes;
  localparam int unsigned BeatBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned LaneBits = $clog2(Lanes);

  localparam logic [31:0] MinusInfinity = 32'hff80_0000;
  localparam logic [2:0]  Exp           = 3'd0;
  localparam logic [2:0]  Reciprocal    = 3'd1;

  if (MaxElements == 0 || MaxElements % Lanes != 0 || MaxElements > 65535) begin : gen_depth_check
    $fatal(1, "softmax_sequencer: MaxElements must be a multiple of Lanes and fit cmd_elements_i");
  end

  typedef enum logic [2:0] {
    Idle, Load, Exponential, Tree, Invert, Scale
  } state_e;

  state_e state_q;

  ///////////////////
  // Rows in beats //
  ///////////////////

  logic [BeatBits-1:0] last_beat_q, load_beat_q, read_beat_q, write_beat_q;
  logic [Lanes-1:0]    tail_q;
  logic                accept, take, read, read_done_q;

  assign cmd_ready_o = state_q == Idle;
  assign in_ready_o  = state_q == Load;
  assign accept      = cmd_ready_o && cmd_valid_i;
  assign take        = in_ready_o && in_valid_i;

  // Lanes of the last beat that hold elements: as many as LaneBits of the count say, or all.
  logic [15:0]      last_element;
  logic [Lanes-1:0] tail_d;
  assign last_element = cmd_elements_i - 16'd1;
  assign tail_d       = ~({Lanes{1'b1}} << (last_element & 16'(Lanes - 1))) << 1 | Lanes'(1);

  always_ff @(posedge clk_i) begin
    if (accept) begin
      last_beat_q <= BeatBits'(last_element >> LaneBits);
      tail_q      <= tail_d;
    end
  end

  ///////////////////////
  // Load: the maximum //
  ///////////////////////

  logic [31:0] max_d, max_q;

  fp_extreme #(
    .Lanes(Lanes)
  ) u_maximum (
    .so_far_i (max_q),
    .enable_i ((load_beat_q == last_beat_q) ? tail_q : '1),
    .value_i  (in_i),
    .extreme_o(max_d)
  );

  always_ff @(posedge clk_i) begin
    if (accept) begin
      max_q       <= MinusInfinity;
      load_beat_q <= '0;
    end else if (take) begin
      max_q       <= max_d;
      load_beat_q <= load_beat_q + BeatBits'(1);
    end
  end

  ////////////////
  // Row buffer //
  ////////////////

  logic [Width-1:0] word, exponential;
  logic             exponential_valid;

  row_buffer #(
    .Width   (Width),
    .Depth   (Depth),
    .AddrBits(BeatBits)
  ) u_buffer (
    .clk_i,
    .write_i     (take || exponential_valid),
    .write_addr_i(take ? load_beat_q : write_beat_q),
    .data_i      (take ? in_i : exponential),
    .read_i      (read),
    .read_addr_i (read_beat_q),
    .data_o      (word)
  );

  // Beats are read once for the exponentials and once for the results.
  logic read_enable;

  assign read = read_enable && !read_done_q;

  always_ff @(posedge clk_i) begin
    if (state_q == Load || state_q == Tree) begin
      read_beat_q <= '0;
      read_done_q <= 1'b0;
    end else if (read) begin
      read_beat_q <= read_beat_q + BeatBits'(1);
      read_done_q <= read_beat_q == last_beat_q;
    end
  end

  ////////////////////////////////////
  // Exponential, function unit, sum //
  ////////////////////////////////////

  logic             word_valid_q, difference_valid_q;
  logic [Width-1:0] difference_d, difference_q, function_result;
  logic [Lanes-1:0] function_ready, function_valid, write_enable;
  logic             invert_begins, invert_begun_q;
  logic [31:0]      sum, factor_q;
  logic             tree_last;

  // word_valid_q: a beat of the exponential phase is at the read port of the buffer.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_valid_q       <= 1'b0;
      difference_valid_q <= 1'b0;
    end else begin
      word_valid_q       <= read && state_q == Exponential;
      difference_valid_q <= word_valid_q;
    end
    difference_q <= difference_d;
  end

  assign invert_begins = state_q == Invert && !invert_begun_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    fp_adder u_subtractor (
      .a_i  (word[l*32+:32]),
      .b_i  ({!max_q[31], max_q[30:0]}),
      .sum_o(difference_d[l*32+:32])
    );

    function_unit u_function (
      .clk_i,
      .rst_ni,
      .in_valid_i (difference_valid_q || (l == 0 && invert_begins)),
      .in_ready_o (function_ready[l]),
      .function_i ((l == 0 && state_q == Invert) ? Reciprocal : Exp),
      .x_i        ((l == 0 && state_q == Invert) ? sum : difference_q[l*32+:32]),
      .out_valid_o(function_valid[l]),
      .out_ready_i(1'b1),
      .y_o        (function_result[l*32+:32])
    );

    assign write_enable[l]       = write_beat_q != last_beat_q || tail_q[l];
    assign exponential[l*32+:32] = write_enable[l] ? function_result[l*32+:32] : '0;
  end

  // The units are always ready: nothing holds their results.
  logic unused_ready;
  assign unused_ready = ^{function_ready, function_valid};

  assign exponential_valid = function_valid[0] && state_q == Exponential;

  always_ff @(posedge clk_i) begin
    if (state_q == Load) begin
      write_beat_q <= '0;
    end else if (exponential_valid) begin
      write_beat_q <= write_beat_q + BeatBits'(1);
    end
  end

  lane_sum #(
    .Lanes(Lanes)
  ) u_sum (
    .clk_i,
    .clear_i    (accept),
    .add_i      (exponential_valid),
    .value_i    (exponential),
    .tree_i     (state_q == Tree),
    .tree_last_o(tree_last),
    .sum_o      (sum)
  );

  always_ff @(posedge clk_i) begin
    invert_begun_q <= state_q == Invert;
    if (state_q == Invert && function_valid[0]) begin
      factor_q <= function_result[31:0];
    end
  end

  ///////////
  // Scale //
  ///////////

  logic             free_out, move_word, word_ready_q, word_last_q;
  logic [Width-1:0] product;

  assign free_out    = !out_valid_o || out_ready_i;
  assign move_word   = word_ready_q && free_out;
  assign read_enable = state_q == Exponential ||
                       (state_q == Scale && (!word_ready_q || move_word));

  for (genvar l = 0; l < Lanes; l++) begin : gen_scale
    fp_multiplier u_multiplier (
      .a_i      (word[l*32+:32]),
      .b_i      (factor_q),
      .product_o(product[l*32+:32])
    );
  end

  // word_ready_q: a beat of the scale phase is at the read port of the buffer.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_ready_q <= 1'b0;
      out_valid_o  <= 1'b0;
    end else begin
      word_ready_q <= (read && state_q == Scale) || (word_ready_q && !move_word);
      out_valid_o  <= move_word || (out_valid_o && !out_ready_i);
    end
    if (read) begin
      word_last_q <= read_beat_q == last_beat_q;
    end
    if (move_word) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        out_o[l*32+:32] <= (word_last_q && !tail_q[l]) ? '0 : product[l*32+:32];
      end
    end
  end

  // The last beat leaves when nothing is behind it.
  logic row_ends;
  assign row_ends = out_valid_o && out_ready_i && read_done_q && !word_ready_q;

  ////////////
  // Phases //
  ////////////

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
    end else begin
      unique case (state_q)
        Idle:        if (cmd_valid_i) state_q <= Load;
        Load:        if (take && load_beat_q == last_beat_q) state_q <= Exponential;
        Exponential: if (exponential_valid && write_beat_q == last_beat_q) state_q <= Tree;
        Tree:        if (tree_last) state_q <= Invert;
        Invert:      if (function_valid[0]) state_q <= Scale;
        default:     if (row_ends) state_q <= Idle;
      endcase
    end
  end

  ////////////////
  // Assertions //
  ////////////////

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> cmd_elements_i >= 16'd1 && 32'(cmd_elements_i) <= MaxElements)
    else $error("cmd_elements_i must be 1..MaxElements");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i && !cmd_ready_o |=> cmd_valid_i)
    else $error("cmd_valid_i fell before cmd_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   in_valid_i && !in_ready_o |=> in_valid_i)
    else $error("in_valid_i fell before in_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_o))
    else $error("an output beat must stay until it is taken");
`endif

endmodule : softmax_sequencer

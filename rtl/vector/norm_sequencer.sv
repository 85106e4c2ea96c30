// SPDX-License-Identifier: Apache-2.0
//
// RMSNorm or LayerNorm of one row of FP32 values. Golden models: ops::rms_norm() and
// ops::layer_norm() of models/transformer/ops.h with FP32 outputs; cycles: norm_cycles() of
// sim/vector/sequencer_timing.h.
//
// A command announces a row of 1..MaxElements elements and brings 1/elements and epsilon. The
// elements come in beats of Lanes (lanes past the end of the row are ignored), are kept in the row
// buffer, and leave as beats (those lanes +0), each of which takes a beat of weights and, for
// LayerNorm, biases:
//
//   Load      a beat a cycle into the buffer; x * x (LayerNorm: x) into the partial sums
//   Tree      the partial sums become one
//   Mean      times 1/elements
//   Center    LayerNorm only: x - mean back into the buffer, its square into the partial sums; then
//             Tree and Mean again
//   Epsilon   plus epsilon
//   Root      the reciprocal square root, by the function unit
//   Scale     a beat a cycle out of the buffer, times the root, times the weight, plus the bias, out
//
// A row at a time. `ready` of a channel never depends on its own `valid`.
//
// Latency: norm_cycles() of sim/vector/sequencer_timing.h. Throughput: a row at a time, in each phase 1
// beat a cycle.
module norm_sequencer #(
  parameter int unsigned Lanes       /*verilator public*/ = 4,
  parameter int unsigned MaxElements /*verilator public*/ = 256
) (
  input  logic                clk_i,
  // Synchronous.
  input  logic                rst_ni,

  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  logic [15:0]         cmd_elements_i,
  input  logic                cmd_layer_norm_i,
  input  logic [31:0]         cmd_reciprocal_i,
  input  logic [31:0]         cmd_epsilon_i,

  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Lanes*32-1:0] in_i,

  input  logic                weight_valid_i,
  output logic                weight_ready_o,
  input  logic [Lanes*32-1:0] weight_i,
  input  logic [Lanes*32-1:0] bias_i,

  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Lanes*32-1:0] out_o
);

  localparam int unsigned Width    = Lanes * 32;
  localparam int unsigned Depth    = MaxElements / Lanes;
  localparam int unsigned BeatBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned LaneBits = $clog2(Lanes);

  localparam logic [2:0]  ReciprocalSqrt = 3'd2;

  if (MaxElements == 0 || MaxElements % Lanes != 0 || MaxElements > 65535) begin : gen_depth_check
    $fatal(1, "norm_sequencer: MaxElements must be a multiple of Lanes and fit cmd_elements_i");
  end

  typedef enum logic [2:0] {
    Idle, Load, Tree, Mean, Center, Epsilon, Root, Scale
  } state_e;

  state_e state_q;

  ///////////////////
  // Rows in beats //
  ///////////////////

  logic [BeatBits-1:0] last_beat_q, load_beat_q, read_beat_q, write_beat_q;
  logic [Lanes-1:0]    tail_d, tail_q, load_enable;
  logic [15:0]         last_element;
  logic                accept, take, layer_norm_q, centered_q;
  logic [31:0]         reciprocal_q, epsilon_q;

  assign cmd_ready_o = state_q == Idle;
  assign accept      = cmd_ready_o && cmd_valid_i;

  // Lanes of the last beat that hold elements.
  assign last_element = cmd_elements_i - 16'd1;
  assign tail_d       = ~({Lanes{1'b1}} << (last_element & 16'(Lanes - 1))) << 1 | Lanes'(1);

  always_ff @(posedge clk_i) begin
    if (accept) begin
      last_beat_q  <= BeatBits'(last_element >> LaneBits);
      tail_q       <= tail_d;
      layer_norm_q <= cmd_layer_norm_i;
      reciprocal_q <= cmd_reciprocal_i;
      epsilon_q    <= cmd_epsilon_i;
    end
  end

  ////////////////
  // Row buffer //
  ////////////////

  logic [Width-1:0] word, load_word, centered_d, centered_word_q;
  logic             read, read_enable, read_done_q, loaded_q, center_valid_q;

  row_buffer #(
    .Width   (Width),
    .Depth   (Depth),
    .AddrBits(BeatBits)
  ) u_buffer (
    .clk_i,
    .write_i     (take || center_valid_q),
    .write_addr_i(take ? load_beat_q : write_beat_q),
    .data_i      (take ? load_word : centered_word_q),
    .read_i      (read),
    .read_addr_i (read_beat_q),
    .data_o      (word)
  );

  // The last beat is in: its term is on its way into the sum.
  assign in_ready_o  = state_q == Load && !loaded_q;
  assign take        = in_ready_o && in_valid_i;
  assign load_enable = (load_beat_q == last_beat_q) ? tail_q : '1;

  always_ff @(posedge clk_i) begin
    if (accept) begin
      load_beat_q <= '0;
      loaded_q    <= 1'b0;
    end else if (take) begin
      load_beat_q <= load_beat_q + BeatBits'(1);
      loaded_q    <= load_beat_q == last_beat_q;
    end
  end

  assign read = read_enable && !read_done_q;

  always_ff @(posedge clk_i) begin
    if (state_q == Tree) begin
      read_beat_q <= '0;
      read_done_q <= 1'b0;
    end else if (read) begin
      read_beat_q <= read_beat_q + BeatBits'(1);
      read_done_q <= read_beat_q == last_beat_q;
    end
  end

  ///////////////////////////////////
  // Terms of the sum, and the sum //
  ///////////////////////////////////

  logic             word_valid_q, term_valid_q, centering;
  logic [Width-1:0] square_operand, square, term_q;
  logic [31:0]      sum, mean_d, mean_q, variance_d, variance_q;
  logic             tree_last;

  // Squares of what comes in, or in LayerNorm of the centred elements.
  assign centering      = state_q == Center;
  assign square_operand = centering ? centered_word_q : load_word;

  for (genvar l = 0; l < Lanes; l++) begin : gen_term
    logic [31:0] difference;
    logic        enable;

    assign load_word[l*32+:32] = load_enable[l] ? in_i[l*32+:32] : '0;

    fp_adder u_subtractor (
      .a_i  (word[l*32+:32]),
      .b_i  ({!mean_q[31], mean_q[30:0]}),
      .sum_o(difference)
    );

    // read_done_q: the word at the read port is the last one.
    assign enable = !(read_done_q && word_valid_q) || tail_q[l];
    assign centered_d[l*32+:32] = enable ? difference : '0;

    fp_multiplier u_square (
      .a_i      (square_operand[l*32+:32]),
      .b_i      (square_operand[l*32+:32]),
      .product_o(square[l*32+:32])
    );
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_valid_q   <= 1'b0;
      center_valid_q <= 1'b0;
      term_valid_q   <= 1'b0;
    end else begin
      word_valid_q   <= read && centering;
      center_valid_q <= word_valid_q;
      term_valid_q   <= take || center_valid_q;
    end
    centered_word_q <= centered_d;
    term_q          <= (layer_norm_q && !centering) ? load_word : square;
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      write_beat_q <= '0;
    end else if (center_valid_q) begin
      write_beat_q <= write_beat_q + BeatBits'(1);
    end
  end

  lane_sum #(
    .Lanes(Lanes)
  ) u_sum (
    .clk_i,
    .clear_i    (accept || state_q == Mean),
    .add_i      (term_valid_q),
    .value_i    (term_q),
    .tree_i     (state_q == Tree),
    .tree_last_o(tree_last),
    .sum_o      (sum)
  );

  ////////////////////////////////
  // Mean, variance, root of it //
  ////////////////////////////////

  logic        root_ready, root_valid, root_begun_q;
  logic [31:0] root, factor_q;

  fp_multiplier u_mean (
    .a_i      (sum),
    .b_i      (reciprocal_q),
    .product_o(mean_d)
  );

  fp_adder u_variance (
    .a_i  (mean_q),
    .b_i  (epsilon_q),
    .sum_o(variance_d)
  );

  function_unit u_function (
    .clk_i,
    .rst_ni,
    .in_valid_i (state_q == Root && !root_begun_q),
    .in_ready_o (root_ready),
    .function_i (ReciprocalSqrt),
    .x_i        (variance_q),
    .out_valid_o(root_valid),
    .out_ready_i(1'b1),
    .y_o        (root)
  );

  // The unit is always ready: nothing holds its result.
  logic unused_ready;
  assign unused_ready = root_ready;

  always_ff @(posedge clk_i) begin
    if (state_q == Mean) begin
      mean_q <= mean_d;
    end
    if (state_q == Epsilon) begin
      variance_q <= variance_d;
    end
    root_begun_q <= state_q == Root;
    if (root_valid) begin
      factor_q <= root;
    end
  end

  /////////////////////////////////////////////////////////////
  // Scale: word, scaled, weighted, out, each free on its own //
  /////////////////////////////////////////////////////////////

  logic             word_ready_q, word_last_q, scaled_valid_q, scaled_last_q, weighted_valid_q,
                    weighted_last_q;
  logic             free_scaled, free_weighted, free_out, move_word, move_scaled, move_weighted;
  logic [Width-1:0] scaled_d, scaled_q, weighted_d, weighted_q, bias_q, biased;

  assign free_out      = !out_valid_o || out_ready_i;
  assign move_weighted = weighted_valid_q && free_out;
  assign free_weighted = !weighted_valid_q || move_weighted;
  assign move_scaled   = scaled_valid_q && free_weighted && weight_valid_i;
  assign free_scaled   = !scaled_valid_q || move_scaled;
  assign move_word     = word_ready_q && free_scaled;

  assign weight_ready_o = scaled_valid_q && free_weighted;
  assign read_enable    = centering || (state_q == Scale && (!word_ready_q || move_word));

  for (genvar l = 0; l < Lanes; l++) begin : gen_scale
    fp_multiplier u_scaled (
      .a_i      (word[l*32+:32]),
      .b_i      (factor_q),
      .product_o(scaled_d[l*32+:32])
    );

    fp_multiplier u_weighted (
      .a_i      (scaled_q[l*32+:32]),
      .b_i      (weight_i[l*32+:32]),
      .product_o(weighted_d[l*32+:32])
    );

    fp_adder u_biased (
      .a_i  (weighted_q[l*32+:32]),
      .b_i  (bias_q[l*32+:32]),
      .sum_o(biased[l*32+:32])
    );
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_ready_q     <= 1'b0;
      scaled_valid_q   <= 1'b0;
      weighted_valid_q <= 1'b0;
      out_valid_o      <= 1'b0;
    end else begin
      word_ready_q     <= (read && state_q == Scale) || (word_ready_q && !move_word);
      scaled_valid_q   <= move_word || (scaled_valid_q && !move_scaled);
      weighted_valid_q <= move_scaled || (weighted_valid_q && !move_weighted);
      out_valid_o      <= move_weighted || (out_valid_o && !out_ready_i);
    end
    if (read) begin
      word_last_q <= read_beat_q == last_beat_q;
    end
    if (move_word) begin
      scaled_q      <= scaled_d;
      scaled_last_q <= word_last_q;
    end
    if (move_scaled) begin
      weighted_q      <= weighted_d;
      bias_q          <= bias_i;
      weighted_last_q <= scaled_last_q;
    end
    if (move_weighted) begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        out_o[l*32+:32] <= (weighted_last_q && !tail_q[l]) ? '0
                         : layer_norm_q ? biased[l*32+:32] : weighted_q[l*32+:32];
      end
    end
  end

  // The last beat leaves when nothing is behind it.
  logic row_ends;
  assign row_ends = out_valid_o && out_ready_i && read_done_q && !word_ready_q &&
                    !scaled_valid_q && !weighted_valid_q;

  ////////////
  // Phases //
  ////////////

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
    end else begin
      unique case (state_q)
        Idle:    if (cmd_valid_i) state_q <= Load;
        Load:    if (loaded_q) state_q <= Tree;
        Tree:    if (tree_last) state_q <= Mean;
        Mean:    state_q <= (layer_norm_q && !centered_q) ? Center : Epsilon;
        // Nothing of the row is between the buffer and the sum.
        Center:  if (read_done_q && !word_valid_q && !center_valid_q) state_q <= Tree;
        Epsilon: state_q <= Root;
        Root:    if (root_valid) state_q <= Scale;
        default: if (row_ends) state_q <= Idle;
      endcase
    end
    if (accept) begin
      centered_q <= 1'b0;
    end else if (centering) begin
      centered_q <= 1'b1;
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
                   weight_valid_i && !weight_ready_o |=> weight_valid_i)
    else $error("weight_valid_i fell before weight_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_o))
    else $error("an output beat must stay until it is taken");
`endif

endmodule : norm_sequencer

// SPDX-License-Identifier: Apache-2.0
//
// Quantises a group of FP32 elements of a KV cache to codes of 4 or 8 bits with one FP16 scale and
// one FP16 zero point. Golden model: models/vector/kv_quantizer.h; cycles: kv_quantizer_cycles() of
// sim/vector/sequencer_timing.h.
//
// A command announces a group of 1..MaxElements elements. They come in beats of Lanes (lanes past the
// end of the group are ignored), are kept in the buffer, and leave as beats of codes (those lanes 0),
// the scale and zero point beside every beat:
//
//   Load     a beat a cycle into the buffer; the running least and greatest element
//   Range    greatest - least; the zero point
//   Step     times 1/(levels - 1), to FP16: the scale
//   Invert   its reciprocal, by the function unit
//   Emit     a beat a cycle out of the buffer: minus the zero point, times the reciprocal, to codes
//
// A group at a time. `ready` of a channel never depends on its own `valid`.
//
// Latency: kv_quantizer_cycles() of sim/vector/sequencer_timing.h. Throughput: a group at a time, in
// each phase 1 beat a cycle.
module kv_quantizer #(
  parameter int unsigned Lanes       /*verilator public*/ = 4,
  parameter int unsigned MaxElements /*verilator public*/ = 128
) (
  input  logic                clk_i,
  // Synchronous.
  input  logic                rst_ni,

  input  logic                cmd_valid_i,
  output logic                cmd_ready_o,
  input  logic [15:0]         cmd_elements_i,
  // 1: codes of 8 bits, 0: of 4 bits.
  input  logic                cmd_eight_bits_i,

  input  logic                in_valid_i,
  output logic                in_ready_o,
  input  logic [Lanes*32-1:0] in_i,

  output logic                out_valid_o,
  input  logic                out_ready_i,
  output logic [Lanes*8-1:0]  code_o,
  output logic [15:0]         scale_o,
  output logic [15:0]         zero_o
);

  localparam int unsigned Width    = Lanes * 32;
  localparam int unsigned Depth    = MaxElements / Lanes;
  localparam int unsigned BeatBits = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned LaneBits = $clog2(Lanes);

  localparam logic [2:0]  Reciprocal    = 3'd1;
  localparam logic [15:0] CanonicalNan  = 16'h7e00;
  localparam logic [31:0] Infinity      = 32'h7f80_0000;
  // 1/15 and 1/255, to nearest.
  localparam logic [31:0] PerFourBits   = 32'h3d88_8889;
  localparam logic [31:0] PerEightBits  = 32'h3b80_8081;

  if (Lanes != 2**LaneBits) begin : gen_lanes_check
    $fatal(1, "kv_quantizer: Lanes must be a power of two");
  end
  if (MaxElements == 0 || MaxElements % Lanes != 0 || MaxElements > 65535) begin : gen_depth_check
    $fatal(1, "kv_quantizer: MaxElements must be a multiple of Lanes and fit cmd_elements_i");
  end

  typedef enum logic [2:0] {
    Idle, Load, Range, Step, Invert, Emit
  } state_e;

  state_e state_q;

  /////////////////////
  // Groups in beats //
  /////////////////////

  logic [BeatBits-1:0] last_beat_q, load_beat_q, read_beat_q;
  logic [Lanes-1:0]    tail_d, tail_q, load_enable;
  logic [15:0]         last_element;
  logic                accept, take, eight_bits_q;

  assign cmd_ready_o = state_q == Idle;
  assign in_ready_o  = state_q == Load;
  assign accept      = cmd_ready_o && cmd_valid_i;
  assign take        = in_ready_o && in_valid_i;

  // Lanes of the last beat that hold elements.
  assign last_element = cmd_elements_i - 16'd1;
  assign tail_d       = ~({Lanes{1'b1}} << (last_element & 16'(Lanes - 1))) << 1 | Lanes'(1);
  assign load_enable  = (load_beat_q == last_beat_q) ? tail_q : '1;

  always_ff @(posedge clk_i) begin
    if (accept) begin
      last_beat_q  <= BeatBits'(last_element >> LaneBits);
      tail_q       <= tail_d;
      eight_bits_q <= cmd_eight_bits_i;
      load_beat_q  <= '0;
    end else if (take) begin
      load_beat_q  <= load_beat_q + BeatBits'(1);
    end
  end

  logic [Width-1:0] word;
  logic             read, read_enable, read_done_q;

  row_buffer #(
    .Width   (Width),
    .Depth   (Depth),
    .AddrBits(BeatBits)
  ) u_buffer (
    .clk_i,
    .write_i     (take),
    .write_addr_i(load_beat_q),
    .data_i      (in_i),
    .read_i      (read),
    .read_addr_i (read_beat_q),
    .data_o      (word)
  );

  /////////////////////////////////
  // Least and greatest, finite? //
  /////////////////////////////////

  logic [31:0]      low_d, low_q, high_d, high_q;
  logic [Lanes-1:0] infinite_or_nan;
  logic             lost_q;

  fp_extreme #(
    .Lanes(Lanes),
    .Least(1'b1)
  ) u_least (
    .so_far_i (low_q),
    .enable_i (load_enable),
    .value_i  (in_i),
    .extreme_o(low_d)
  );

  fp_extreme #(
    .Lanes(Lanes)
  ) u_greatest (
    .so_far_i (high_q),
    .enable_i (load_enable),
    .value_i  (in_i),
    .extreme_o(high_d)
  );

  for (genvar l = 0; l < Lanes; l++) begin : gen_finite
    assign infinite_or_nan[l] = load_enable[l] && &in_i[l*32+23+:8];
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      low_q  <= Infinity;
      high_q <= {1'b1, Infinity[30:0]};
    end else if (take) begin
      low_q  <= low_d;
      high_q <= high_d;
    end
  end

  ///////////////////////////////////
  // Zero point, scale, reciprocal //
  ///////////////////////////////////

  logic [31:0] range_d, range_q, step, zero_wide, scale_wide, inverse, factor_q;
  logic [15:0] zero_d, zero_q, scale_d, scale_q;
  logic        function_ready, inverse_valid, invert_begun_q;

  fp_adder u_range (
    .a_i  (high_q),
    .b_i  ({!low_q[31], low_q[30:0]}),
    .sum_o(range_d)
  );

  fp_multiplier u_step (
    .a_i      (range_q),
    .b_i      (eight_bits_q ? PerEightBits : PerFourBits),
    .product_o(step)
  );

  fp_converter u_zero (
    .value_i((low_q[30:0] == '0) ? 32'd0 : low_q),
    .value_o(zero_d)
  );

  fp_converter u_scale (
    .value_i(step),
    .value_o(scale_d)
  );

  fp_converter #(
    .InExpBits (5),
    .InManBits (10),
    .OutExpBits(8),
    .OutManBits(23)
  ) u_zero_wide (
    .value_i(zero_q),
    .value_o(zero_wide)
  );

  fp_converter #(
    .InExpBits (5),
    .InManBits (10),
    .OutExpBits(8),
    .OutManBits(23)
  ) u_scale_wide (
    .value_i(scale_q),
    .value_o(scale_wide)
  );

  function_unit u_function (
    .clk_i,
    .rst_ni,
    .in_valid_i (state_q == Invert && !invert_begun_q),
    .in_ready_o (function_ready),
    .function_i (Reciprocal),
    .x_i        (scale_wide),
    .out_valid_o(inverse_valid),
    .out_ready_i(1'b1),
    .y_o        (inverse)
  );

  // The unit is always ready: nothing holds its result.
  logic unused_ready;
  assign unused_ready = function_ready;

  always_ff @(posedge clk_i) begin
    invert_begun_q <= state_q == Invert;
    if (state_q == Range) begin
      range_q <= range_d;
      zero_q  <= zero_d;
    end
    if (state_q == Step) begin
      scale_q <= scale_d;
    end
    if (inverse_valid) begin
      factor_q <= (scale_q == '0) ? '0 : inverse;
    end
    // The group is lost when an element, the zero point or the scale is not finite.
    if (accept) begin
      lost_q <= 1'b0;
    end else if ((take && infinite_or_nan != '0) || (state_q == Range && &zero_d[14:10]) ||
                 (state_q == Step && &scale_d[14:10])) begin
      lost_q <= 1'b1;
    end
  end

  assign scale_o = lost_q ? CanonicalNan : scale_q;
  assign zero_o  = lost_q ? CanonicalNan : zero_q;

  /////////////////////////////////////////////////////////////////
  // Emit: word, difference, quotient, out, held by the output   //
  /////////////////////////////////////////////////////////////////

  logic               advance, word_valid_q, difference_valid_q, quotient_valid_q;
  logic               word_last_q, difference_last_q, quotient_last_q;
  logic [Width-1:0]   difference_d, difference_q, quotient_d, quotient_q;
  logic [Lanes*8-1:0] code_d;

  assign advance     = !out_valid_o || out_ready_i;
  assign read_enable = state_q == Emit && advance;
  assign read        = read_enable && !read_done_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_code
    logic [7:0] code;

    fp_adder u_difference (
      .a_i  (word[l*32+:32]),
      .b_i  ({!zero_wide[31], zero_wide[30:0]}),
      .sum_o(difference_d[l*32+:32])
    );

    fp_multiplier u_quotient (
      .a_i      (difference_q[l*32+:32]),
      .b_i      (factor_q),
      .product_o(quotient_d[l*32+:32])
    );

    fp_to_code u_code (
      .value_i(quotient_q[l*32+:32]),
      .limit_i(eight_bits_q ? 8'd255 : 8'd15),
      .code_o (code)
    );

    assign code_d[l*8+:8] = (lost_q || (quotient_last_q && !tail_q[l])) ? '0 : code;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      word_valid_q       <= 1'b0;
      difference_valid_q <= 1'b0;
      quotient_valid_q   <= 1'b0;
      out_valid_o        <= 1'b0;
    end else if (advance) begin
      word_valid_q       <= read;
      difference_valid_q <= word_valid_q;
      quotient_valid_q   <= difference_valid_q;
      out_valid_o        <= quotient_valid_q;
    end
    if (advance) begin
      word_last_q       <= read_beat_q == last_beat_q;
      difference_last_q <= word_last_q;
      quotient_last_q   <= difference_last_q;
      difference_q      <= difference_d;
      quotient_q        <= quotient_d;
      code_o            <= code_d;
    end
    if (state_q == Load) begin
      read_beat_q <= '0;
      read_done_q <= 1'b0;
    end else if (read) begin
      read_beat_q <= read_beat_q + BeatBits'(1);
      read_done_q <= read_beat_q == last_beat_q;
    end
  end

  // The last beat leaves when nothing is behind it.
  logic group_ends;
  assign group_ends = out_valid_o && out_ready_i && read_done_q && !word_valid_q &&
                      !difference_valid_q && !quotient_valid_q;

  ////////////
  // Phases //
  ////////////

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
    end else begin
      unique case (state_q)
        Idle:    if (cmd_valid_i) state_q <= Load;
        Load:    if (take && load_beat_q == last_beat_q) state_q <= Range;
        Range:   state_q <= Step;
        Step:    state_q <= Invert;
        Invert:  if (inverse_valid) state_q <= Emit;
        default: if (group_ends) state_q <= Idle;
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
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable({code_o, scale_o, zero_o}))
    else $error("an output beat must stay until it is taken");
`endif

endmodule : kv_quantizer

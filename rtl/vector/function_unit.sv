// SPDX-License-Identifier: Apache-2.0
//
// exp, 1/x, 1/sqrt(x), sigmoid and the cumulative normal distribution of an FP32 number: range
// reduction, a table of piecewise quadratics, one rounding. models/vector/function_unit.h is the
// specification and the golden model.
//
// One operand a cycle. The result is at the output Latency = 7 clock edges after its operand was
// taken (kFunctionUnitCycles of sim/vector/sequencer_timing.h). A result that is not taken holds the
// whole pipeline.
//
// Latency: 7 cycles. Throughput: 1 operand a cycle.
module function_unit (
  input  logic        clk_i,
  // Synchronous.
  input  logic        rst_ni,

  input  logic        in_valid_i,
  output logic        in_ready_o,
  // 0 exp, 1 reciprocal, 2 reciprocal square root, 3 sigmoid, 4 normal distribution.
  input  logic [2:0]  function_i,
  input  logic [31:0] x_i,

  output logic        out_valid_o,
  input  logic        out_ready_i,
  output logic [31:0] y_o
);

  localparam int unsigned Latency = 7;

  localparam logic [31:0] CanonicalNan = 32'h7fc0_0000;
  localparam logic [31:0] Infinity     = 32'h7f80_0000;
  localparam logic [31:0] One          = 32'h3f80_0000;
  // log2(e) * 2^32.
  localparam logic [32:0] Log2E        = 33'h1_7154_7653;

  localparam logic [2:0] Exp            = 3'd0;
  localparam logic [2:0] Reciprocal     = 3'd1;
  localparam logic [2:0] ReciprocalSqrt = 3'd2;
  localparam logic [2:0] Sigmoid        = 3'd3;
  localparam logic [2:0] NormalCdf      = 3'd4;

  // First pages of the functions.
  localparam logic [3:0] ExpPage            = 4'd0;
  localparam logic [3:0] ReciprocalPage     = 4'd1;
  localparam logic [3:0] ReciprocalSqrtPage = 4'd3;
  localparam logic [3:0] SigmoidPage        = 4'd5;
  localparam logic [3:0] NormalCdfPage      = 4'd11;

  // What goes with an operand to the rounding: a result that no table gives replaces the computed
  // one.
  typedef struct packed {
    logic        special;
    logic [31:0] value;
    logic        sign;        // of the result
    logic        complement;  // 1 - f(-x)
  } outcome_t;

  logic               advance;
  logic [Latency-1:0] valid_q;

  assign advance     = !out_valid_o || out_ready_i;
  assign in_ready_o  = advance;
  assign out_valid_o = valid_q[Latency-1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else if (advance) begin
      valid_q <= {valid_q[Latency-2:0], in_valid_i};
    end
  end

  //////////////////////////////////////////
  // Stage 1: classify, normalise operand //
  //////////////////////////////////////////

  logic               negative, nan, infinite, zero, symmetric;
  logic signed [9:0]  biased_exponent;
  logic signed [8:0]  exponent_d, exponent1_q, exponent2_q;
  logic        [23:0] significand_d, significand1_q;
  logic        [2:0]  function1_q, function2_q;
  outcome_t           outcome_d, outcome1_q, outcome2_q, outcome3_q, outcome4_q, outcome5_q,
                      outcome6_q;

  fp_unpacker u_unpacker (
    .value_i      (x_i),
    .sign_o       (negative),
    .exponent_o   (biased_exponent),
    .significand_o(significand_d),
    .zero_o       (zero),
    .infinite_o   (infinite),
    .nan_o        (nan)
  );

  assign symmetric  = function_i == Sigmoid || function_i == NormalCdf;
  assign exponent_d = 9'(biased_exponent - 10'sd127);

  always_comb begin : special_results
    outcome_d            = '0;
    outcome_d.sign       = negative && function_i == Reciprocal;
    outcome_d.complement = symmetric && !negative;
    unique case (function_i)
      Exp: begin
        outcome_d.special = exponent_d >= 9'sd7;
        outcome_d.value   = negative ? 32'd0 : Infinity;
      end
      Reciprocal: begin
        outcome_d.special = infinite || zero;
        outcome_d.value   = {negative, zero ? Infinity[30:0] : 31'd0};
      end
      ReciprocalSqrt: begin
        outcome_d.special = infinite || zero || negative;
        outcome_d.value   = zero ? {negative, Infinity[30:0]} : negative ? CanonicalNan : 32'd0;
      end
      default: begin
        outcome_d.special = exponent_d >= ((function_i == Sigmoid) ? 9'sd5 : 9'sd3);
        outcome_d.value   = negative ? 32'd0 : One;
      end
    endcase
    if (nan) begin
      outcome_d.special = 1'b1;
      outcome_d.value   = CanonicalNan;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      function1_q    <= function_i;
      exponent1_q    <= exponent_d;
      significand1_q <= significand_d;
      outcome1_q     <= outcome_d;
    end
  end

  /////////////////////////////
  // Stage 2: times log2(e)  //
  /////////////////////////////

  logic [56:0] product2_q;
  logic [23:0] significand2_q;
  logic        negative1_q, negative2_q;

  always_ff @(posedge clk_i) begin
    if (advance) begin
      negative1_q    <= negative;
      negative2_q    <= negative1_q;
      function2_q    <= function1_q;
      exponent2_q    <= exponent1_q;
      significand2_q <= significand1_q;
      product2_q     <= 57'(significand1_q) * 57'(Log2E);
      outcome2_q     <= outcome1_q;
    end
  end

  //////////////////////////////////////////////
  // Stage 3: page, segment, remainder, scale //
  //////////////////////////////////////////////

  logic        [8:0]  exp_shift, table_shift;
  logic        [31:0] exp_size, y;
  logic        [22:0] below_one;
  logic        [3:0]  page_d, page3_q, octave;
  logic        [22:0] select_d, select3_q;
  logic signed [8:0]  scale_d, scale3_q;

  // y = x * log2(e) with 23 fraction bits. One more place than 57 leaves nothing.
  assign exp_shift   = (exponent2_q < -9'sd26) ? 9'd57 : 9'd31 - exponent2_q;
  assign exp_size    = 32'((33'(product2_q >> exp_shift) + 33'd1) >> 1);
  assign y           = negative2_q ? -exp_size : exp_size;
  // t < 1 in units of 2^-23.
  assign table_shift = (exponent2_q < -9'sd24) ? 9'd24 : -exponent2_q;
  assign below_one   = 23'(significand2_q >> table_shift);
  assign octave      = (exponent2_q < 9'sd0) ? 4'd0 : 4'(exponent2_q) + 4'd1;

  always_comb begin : reduce
    select_d = significand2_q[22:0];
    scale_d  = '0;
    unique case (function2_q)
      Exp: begin
        page_d   = ExpPage;
        select_d = y[22:0];
        scale_d  = y[31:23];
      end
      Reciprocal: begin
        page_d   = ReciprocalPage + 4'(significand2_q[22]);
        select_d = {significand2_q[21:0], 1'b0};
        scale_d  = -exponent2_q;
      end
      ReciprocalSqrt: begin
        page_d  = ReciprocalSqrtPage + 4'(exponent2_q[0]);
        scale_d = -(exponent2_q >>> 1);
      end
      default: begin
        page_d = ((function2_q == Sigmoid) ? SigmoidPage : NormalCdfPage) + octave;
        if (exponent2_q < 9'sd0) begin
          select_d = below_one;
        end
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (advance) begin
      page3_q    <= page_d;
      select3_q  <= select_d;
      scale3_q   <= scale_d;
      outcome3_q <= outcome2_q;
    end
  end

  ////////////////////
  // Stage 4: table //
  ////////////////////

  logic        [28:0] c0, c0_4_q, c0_5_q;
  logic signed [23:0] c1, c1_4_q;
  logic signed [16:0] c2, c2_4_q;
  logic        [5:0]  exponent, exponent4_q, exponent5_q, exponent6_q;
  logic        [16:0] remainder4_q, remainder5_q;
  logic signed [8:0]  scale4_q, scale5_q, scale6_q;

  function_rom u_rom (
    .address_i ({page3_q, select3_q[22:17]}),
    .c0_o      (c0),
    .c1_o      (c1),
    .c2_o      (c2),
    .exponent_o(exponent)
  );

  always_ff @(posedge clk_i) begin
    if (advance) begin
      c0_4_q       <= c0;
      c1_4_q       <= c1;
      c2_4_q       <= c2;
      exponent4_q  <= exponent;
      remainder4_q <= select3_q[16:0];
      scale4_q     <= scale3_q;
      outcome4_q   <= outcome3_q;
    end
  end

  ////////////////////////////////////
  // Stages 5 and 6: the quadratic  //
  ////////////////////////////////////

  logic signed [34:0] c2_product;
  logic signed [23:0] c5_q;
  logic signed [41:0] c_product;
  logic        [28:0] p6_q;

  assign c2_product = 35'(c2_4_q) * $signed({18'd0, remainder4_q});
  assign c_product  = 42'(c5_q) * $signed({25'd0, remainder5_q});

  always_ff @(posedge clk_i) begin
    if (advance) begin
      c5_q         <= c1_4_q + 24'(c2_product >>> 17);
      c0_5_q       <= c0_4_q;
      exponent5_q  <= exponent4_q;
      remainder5_q <= remainder4_q;
      scale5_q     <= scale4_q;
      outcome5_q   <= outcome4_q;

      p6_q         <= c0_5_q + 29'(c_product >>> 17);
      exponent6_q  <= exponent5_q;
      scale6_q     <= scale5_q;
      outcome6_q   <= outcome5_q;
    end
  end

  ////////////////////////////
  // Stage 7: one rounding  //
  ////////////////////////////

  logic        [28:0] value, normalized;
  logic        [4:0]  value_zeros;
  logic signed [10:0] value_exponent;
  logic        [31:0] rounded;

  assign value = outcome6_q.complement ? 29'h1000_0000 - (p6_q >> exponent6_q) : p6_q;

  normalizer #(
    .Width    (29),
    .ShiftBits(5)
  ) u_value_normalizer (
    .value_i(value),
    .value_o(normalized),
    .shift_o(value_zeros)
  );

  assign value_exponent = 11'd127 + 11'(scale6_q) - 11'(value_zeros) -
                          (outcome6_q.complement ? 11'd0 : 11'(exponent6_q));

  fp_rounder u_rounder (
    .sign_i       (outcome6_q.sign),
    .exponent_i   (value_exponent),
    .significand_i({normalized[28:4], |normalized[3:0]}),
    .value_o      (rounded)
  );

  always_ff @(posedge clk_i) begin
    if (advance) begin
      y_o <= outcome6_q.special ? outcome6_q.value : rounded;
    end
  end

  ////////////////
  // Assertions //
  ////////////////

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   in_valid_i |-> function_i <= NormalCdf)
    else $error("function_i must be 0..4");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(y_o))
    else $error("a result must stay until it is taken");
`endif

endmodule : function_unit

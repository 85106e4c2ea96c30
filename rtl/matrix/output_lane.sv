// SPDX-License-Identifier: Apache-2.0
//
// Scales and accumulates the sums of one output feature:
//
//   psum[address] = psum[address] + tree over the slots of (scale * value(sum))
//
// each operation rounded to FP32, nearest even. value() is fp32(sum) * 2^exponent of an integer sum
// (ScaleStages = 2), the sum itself in FP32 (ScaleStages = 1); with ScaleStages = 0 there is no scale.
// Golden models: models/engine/engine.h.
//
// Register stages, each loaded on its own by stage_i: conversion (integers), product, one for each
// level of the tree, accumulation. The accumulation reads and writes the partial sum in one cycle,
// so consecutive steps may use the same address.
//
// Latency: ScaleStages + SlotStages + 1 cycles. Throughput: 1 step a cycle.
//
// Simulation: kept as a module of its own, with ports that Verilator may not optimise into the
// parent, so that all instances share one compiled function (docs/units/matrix.md, "Simulation
// speed").
module output_lane #(
  parameter int unsigned SumBits      = lutsim_pkg::SumBits,
  parameter int unsigned ExponentBits = 10,
  parameter int unsigned Slots        = lutsim_pkg::Slots,
  parameter int unsigned ScaleStages  = lutsim_pkg::ScaleStages,
  parameter int unsigned SlotStages   = lutsim_pkg::SlotStages,
  parameter int unsigned AccExpBits   = lutsim_pkg::AccExpBits,
  parameter int unsigned AccManBits   = lutsim_pkg::AccManBits,
  parameter int unsigned PsumDepth    = lutsim_pkg::PsumDepth,
  parameter int unsigned AddrBits     = 6
) (
  input  logic                                clk_i,

  // One bit for each register stage, the accumulation last.
  input  logic [ScaleStages+SlotStages:0]     stage_i /*verilator public_flat_rd*/,

  // First stage.
  input  logic        [Slots*SumBits-1:0]     sum_i /*verilator public_flat_rd*/,
  input  logic signed [ExponentBits-1:0]      exponent_i /*verilator public_flat_rd*/,
  input  logic                                nan_i /*verilator public_flat_rd*/,
  // Together with stage_i[0], at the first step that uses new scales.
  input  logic                                load_scale_i /*verilator public_flat_rd*/,
  input  logic        [Slots*32-1:0]          scale_i /*verilator public_flat_rd*/,

  // Stage of the product: slots without a plane give +0.
  input  logic        [Slots-1:0]             dead_i /*verilator public_flat_rd*/,

  // Accumulation: onto the partial sum, or onto +0 when clear_i; the result also leaves when emit_i.
  input  logic                                clear_i /*verilator public_flat_rd*/,
  input  logic                                emit_i /*verilator public_flat_rd*/,
  input  logic        [AddrBits-1:0]          addr_i /*verilator public_flat_rd*/,
  output logic        [31:0]                  out_o
);
  /*verilator no_inline_module*/

  localparam logic [31:0] CanonicalNan = 32'h7fc0_0000;
  localparam bit          IsInteger    = ScaleStages == 2;
  localparam int unsigned LastStage    = ScaleStages + SlotStages;

  if (ScaleStages > 2 || (ScaleStages == 0 && Slots != 1)) begin : gen_stages_check
    $fatal(1, "output_lane: ScaleStages must be 0, 1 or 2, and Slots 1 without scales");
  end

  logic [Slots*32-1:0] term;
  logic [31:0]         total_term;

  for (genvar p = 0; p < Slots; p++) begin : gen_slot
    logic [SumBits-1:0] sum;

    assign sum = sum_i[p*SumBits+:SumBits];

    if (IsInteger) begin : gen_integer
      logic [31:0] scale_q, value_d, value_q, term_d, term_q;

      int_to_fp32 #(
        .SumBits     (SumBits),
        .ExponentBits(ExponentBits)
      ) u_int_to_fp32 (
        .sum_i  (sum),
        .exponent_i,
        .value_o(value_d)
      );

      always_ff @(posedge clk_i) begin
        if (stage_i[0]) begin
          value_q <= nan_i ? CanonicalNan : value_d;
        end
        if (load_scale_i) begin
          scale_q <= scale_i[p*32+:32];
        end
      end

      fp_multiplier u_multiplier (
        .a_i      (scale_q),
        .b_i      (value_q),
        .product_o(term_d)
      );

      always_ff @(posedge clk_i) begin
        if (stage_i[1]) begin
          term_q <= dead_i[p] ? '0 : term_d;
        end
      end

      assign term[p*32+:32] = term_q;
    end else begin : gen_float
      logic [31:0] value;

      if (SumBits == 32) begin : gen_fp32
        assign value = sum;
      end else begin : gen_widen
        fp_converter #(
          .InExpBits (AccExpBits),
          .InManBits (AccManBits),
          .OutExpBits(8),
          .OutManBits(23)
        ) u_converter (
          .value_i(sum),
          .value_o(value)
        );
      end

      if (ScaleStages == 1) begin : gen_scaled
        logic [31:0] scale_q, scale, term_d, term_q;

        assign scale = load_scale_i ? scale_i[p*32+:32] : scale_q;

        fp_multiplier u_multiplier (
          .a_i      (scale),
          .b_i      (value),
          .product_o(term_d)
        );

        always_ff @(posedge clk_i) begin
          if (load_scale_i) begin
            scale_q <= scale_i[p*32+:32];
          end
          if (stage_i[0]) begin
            term_q <= dead_i[p] ? '0 : term_d;
          end
        end

        assign term[p*32+:32] = term_q;
      end else begin : gen_unscaled
        assign term[p*32+:32] = value;

        logic unused_scale;
        assign unused_scale = &{1'b0, scale_i, dead_i, load_scale_i};
      end

      logic unused_integer;
      assign unused_integer = &{1'b0, exponent_i, nan_i};
    end
  end

  if (SlotStages == 0) begin : gen_one_term
    assign total_term = term;
  end else begin : gen_tree
    fp_adder_tree #(
      .Leaves (Slots),
      .Stages (SlotStages),
      .ExpBits(8),
      .ManBits(23)
    ) u_tree (
      .clk_i,
      .stage_i(stage_i[ScaleStages+:SlotStages]),
      .leaf_i (term),
      .sum_o  (total_term)
    );
  end

  logic [31:0] psum, total;
  logic [31:0] psum_q [PsumDepth];

  assign psum = clear_i ? 32'd0 : psum_q[addr_i];

  fp_adder u_adder (
    .a_i  (psum),
    .b_i  (total_term),
    .sum_o(total)
  );

  always_ff @(posedge clk_i) begin
    if (stage_i[LastStage]) begin
      psum_q[addr_i] <= total;
      if (emit_i) begin
        out_o <= total;
      end
    end
  end

endmodule : output_lane

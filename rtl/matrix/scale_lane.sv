// SPDX-License-Identifier: Apache-2.0
//
// Scales and accumulates the integer sums of one output feature:
//
//   psum[address] = psum[address] + scale * (fp32(sum) * 2^exponent)
//
// each operation rounded to FP32, nearest even. Golden model: scale_accumulate() of
// models/lut/lut_i.h.
//
// Three register stages, each loaded on its own: `convert_i`, `multiply_i`, `accumulate_i`. The
// accumulation reads and writes the partial sum in one cycle, so consecutive steps may use the same
// address.
//
// Latency: 3 cycles. Throughput: 1 sum a cycle.
//
// Simulation: kept as a module of its own, with ports that Verilator may not optimise into the
// parent, so that all instances share one compiled function (docs/units/matrix.md, "Simulation
// speed").
module scale_lane #(
  parameter int unsigned SumBits      = lutsim_pkg::SumBits,
  parameter int unsigned ExponentBits = 10,
  parameter int unsigned PsumDepth    = lutsim_pkg::PsumDepth,
  parameter int unsigned AddrBits     = 6
) (
  input  logic                           clk_i,

  // Stage 1: the sum becomes a float.
  input  logic                           convert_i /*verilator public_flat_rd*/,
  input  logic signed [SumBits-1:0]      sum_i /*verilator public_flat_rd*/,
  input  logic signed [ExponentBits-1:0] exponent_i /*verilator public_flat_rd*/,
  input  logic                           nan_i /*verilator public_flat_rd*/,
  // Together with convert_i, at the first step that uses a new scale.
  input  logic                           load_scale_i /*verilator public_flat_rd*/,
  input  logic        [31:0]             scale_i /*verilator public_flat_rd*/,

  // Stage 2: times the scale.
  input  logic                           multiply_i /*verilator public_flat_rd*/,

  // Stage 3: added to the partial sum, or to +0 when clear_i; the result also leaves when emit_i.
  input  logic                           accumulate_i /*verilator public_flat_rd*/,
  input  logic                           clear_i /*verilator public_flat_rd*/,
  input  logic                           emit_i /*verilator public_flat_rd*/,
  input  logic        [AddrBits-1:0]     addr_i /*verilator public_flat_rd*/,
  output logic        [31:0]             out_o
);
  /*verilator no_inline_module*/

  localparam logic [31:0] CanonicalNan = 32'h7fc0_0000;

  logic [31:0] scale_q, value_d, value_q, term_d, term_q, psum, total;
  logic [31:0] psum_q [PsumDepth];

  int_to_fp32 #(
    .SumBits     (SumBits),
    .ExponentBits(ExponentBits)
  ) u_int_to_fp32 (
    .sum_i,
    .exponent_i,
    .value_o(value_d)
  );

  always_ff @(posedge clk_i) begin
    if (convert_i) begin
      value_q <= nan_i ? CanonicalNan : value_d;
    end
    if (load_scale_i) begin
      scale_q <= scale_i;
    end
  end

  fp32_multiplier u_multiplier (
    .a_i      (scale_q),
    .b_i      (value_q),
    .product_o(term_d)
  );

  always_ff @(posedge clk_i) begin
    if (multiply_i) begin
      term_q <= term_d;
    end
  end

  assign psum = clear_i ? 32'd0 : psum_q[addr_i];

  fp32_adder u_adder (
    .a_i  (psum),
    .b_i  (term_q),
    .sum_o(total)
  );

  always_ff @(posedge clk_i) begin
    if (accumulate_i) begin
      psum_q[addr_i] <= total;
      if (emit_i) begin
        out_o <= total;
      end
    end
  end

endmodule : scale_lane

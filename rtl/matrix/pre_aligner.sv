// SPDX-License-Identifier: Apache-2.0
//
// Brings the activations of one segment to their greatest exponent: signed integers of AlignBits
// whose unit in the last place is worth 2^exponent_o. Bits shifted out are dropped (the magnitude
// is truncated, the same for both signs). Golden model: align() of models/engine/engine.h.
//
// Two register stages, each loaded on its own: `load_i` takes the activations and their greatest
// exponent, `shift_i` takes the shifted significands.
//
// Latency: 2 cycles. Throughput: 1 segment a cycle.
module pre_aligner #(
  parameter int unsigned LanesK       /*verilator public*/ = lutsim_pkg::LanesK,
  parameter int unsigned AlignBits    /*verilator public*/ = lutsim_pkg::AlignBits,
  parameter int unsigned ActExpBits   /*verilator public*/ = lutsim_pkg::ActExpBits,
  parameter int unsigned ActManBits   /*verilator public*/ = lutsim_pkg::ActManBits,
  parameter int unsigned ExponentBits /*verilator public*/ = 10
) (
  input  logic                                        clk_i,

  input  logic                                        load_i,
  input  logic [LanesK*(1+ActExpBits+ActManBits)-1:0] activation_i,

  input  logic                                        shift_i,
  output logic [LanesK*AlignBits-1:0]                 mantissa_o,
  output logic signed [ExponentBits-1:0]              exponent_o,
  output logic                                        nan_o
);

  localparam int unsigned ActBits = 1 + ActExpBits + ActManBits;
  // Significand with the hidden bit.
  localparam int unsigned SignificandBits = 1 + ActManBits;
  localparam int unsigned MagnitudeBits   = AlignBits - 1;
  // A significand is shifted right from the top of Wide bits; its top MagnitudeBits are the
  // magnitude.
  localparam int unsigned Wide = (MagnitudeBits > SignificandBits) ? MagnitudeBits
                                                                   : SignificandBits;
  localparam int unsigned Bias = 2**(ActExpBits-1) - 1;
  // exponent of the last place = E - Bias - AlignBits + 2
  localparam int unsigned ExponentOffset = Bias + AlignBits - 2;

  if (AlignBits < 2) begin : gen_align_bits_check
    $fatal(1, "pre_aligner: AlignBits must hold a sign and a magnitude");
  end
  if (ExponentBits < ActExpBits + 2) begin : gen_exponent_bits_check
    $fatal(1, "pre_aligner: ExponentBits must be at least ActExpBits + 2");
  end

  ////////////////////////////////////
  // Stage 1: the greatest exponent //
  ////////////////////////////////////

  logic [LanesK*ActBits-1:0] activation_q;
  logic [ActExpBits-1:0]     greatest_d, greatest_q;
  logic                      nan_d, nan_q;

  // 0 and 1 are the same exponent: a subnormal has no hidden bit instead.
  always_comb begin : greatest_exponent
    greatest_d = ActExpBits'(1);
    nan_d      = 1'b0;
    for (int unsigned j = 0; j < LanesK; j++) begin
      if (activation_i[j*ActBits+ActManBits+:ActExpBits] > greatest_d) begin
        greatest_d = activation_i[j*ActBits+ActManBits+:ActExpBits];
      end
    end
    // The top exponent is infinity or NaN.
    nan_d = &greatest_d;
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      activation_q <= activation_i;
      greatest_q   <= greatest_d;
      nan_q        <= nan_d;
    end
  end

  /////////////////////////////
  // Stage 2: shift and sign //
  /////////////////////////////

  logic [LanesK*AlignBits-1:0] mantissa_d;

  for (genvar j = 0; j < LanesK; j++) begin : gen_lane
    logic [ActBits-1:0]    activation;
    logic [ActExpBits-1:0] exponent_field, exponent;
    logic [Wide-1:0]       significand, shifted;
    logic [AlignBits-1:0]  magnitude;

    assign activation     = activation_q[j*ActBits+:ActBits];
    assign exponent_field = activation[ActManBits+:ActExpBits];
    assign exponent       = (exponent_field == '0) ? ActExpBits'(1) : exponent_field;
    assign significand    = Wide'({exponent_field != '0, activation[ActManBits-1:0]})
                            << (Wide - SignificandBits);
    assign shifted        = significand >> (greatest_q - exponent);
    assign magnitude      = {1'b0, shifted[Wide-1-:MagnitudeBits]};

    // The bits below the magnitude are dropped.
    logic unused_shifted;
    assign unused_shifted = ^shifted;

    assign mantissa_d[j*AlignBits+:AlignBits] = activation[ActBits-1] ? -magnitude : magnitude;
  end

  always_ff @(posedge clk_i) begin
    if (shift_i) begin
      mantissa_o <= mantissa_d;
      exponent_o <= ExponentBits'(greatest_q) - ExponentBits'(ExponentOffset);
      nan_o      <= nan_q;
    end
  end

endmodule : pre_aligner

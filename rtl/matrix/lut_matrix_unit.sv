// SPDX-License-Identifier: Apache-2.0
//
// Matrix unit of the engine lut-i. docs/units/matrix.md specifies the arithmetic, the commands and
// the handshakes; models/lut/lut_i.h is the golden model, sim/matrix/matrix_timing.h the cycle
// counts.
//
// Seven register stages. A step of a command is a token that moves through them; each operand is
// taken where it is used:
//
//   1 greatest exponent   <- activations    5 float            <- scales
//   2 aligned                               6 scaled
//   3 half LUTs, keys     <- keys           7 accumulated, out
//   4 integer sums
//
// A stage moves when the next one is free and its operand is there, so a stall holds only what is
// behind it. `ready` of a channel never depends on its own `valid`.
//
// Latency: 7 cycles. Throughput: 1 step of a command a cycle.
module lut_matrix_unit #(
  parameter int unsigned Mu         /*verilator public*/ = lutsim_pkg::Mu,
  parameter int unsigned RacsPerLut /*verilator public*/ = lutsim_pkg::RacsPerLut,
  parameter int unsigned ArrayRows  /*verilator public*/ = lutsim_pkg::ArrayRows,
  parameter int unsigned ArrayCols  /*verilator public*/ = lutsim_pkg::ArrayCols,
  parameter int unsigned AlignBits  /*verilator public*/ = lutsim_pkg::AlignBits,
  parameter int unsigned PsumDepth  /*verilator public*/ = lutsim_pkg::PsumDepth,
  parameter int unsigned LutEntries /*verilator public*/ = lutsim_pkg::LutEntries,
  parameter int unsigned LanesN     /*verilator public*/ = lutsim_pkg::LanesN,
  parameter int unsigned LanesK     /*verilator public*/ = lutsim_pkg::LanesK,
  parameter int unsigned EntryBits  /*verilator public*/ = lutsim_pkg::EntryBits,
  parameter int unsigned SumBits    /*verilator public*/ = lutsim_pkg::SumBits,
  parameter int unsigned ActExpBits /*verilator public*/ = lutsim_pkg::ActExpBits,
  parameter int unsigned ActManBits /*verilator public*/ = lutsim_pkg::ActManBits
) (
  input  logic                                         clk_i,
  // Synchronous.
  input  logic                                         rst_ni,

  // One command: one segment of K for cmd_beats_i output beats.
  input  logic                                         cmd_valid_i,
  output logic                                         cmd_ready_o,
  input  logic                                         cmd_lut_broadcast_i,
  input  logic [15:0]                                  cmd_beats_i,
  input  logic [3:0]                                   cmd_planes_i,
  input  logic                                         cmd_has_offset_i,
  input  logic                                         cmd_first_i,
  input  logic                                         cmd_last_i,

  input  logic                                         act_valid_i,
  output logic                                         act_ready_o,
  input  logic [LanesK*(1+ActExpBits+ActManBits)-1:0]  act_i,

  // Bit n*LanesK + k is the sign of feature n, element k: 1 is +1.
  input  logic                                         key_valid_i,
  output logic                                         key_ready_o,
  input  logic [LanesN*LanesK-1:0]                     key_i,

  input  logic                                         scale_valid_i,
  output logic                                         scale_ready_o,
  input  logic [LanesN*32-1:0]                         scale_i,

  output logic                                         out_valid_o,
  input  logic                                         out_ready_i,
  output logic [LanesN*32-1:0]                         out_o,

  // No command and no step is in the unit.
  output logic                                         idle_o
);

  localparam int unsigned AddrBits     = (PsumDepth > 1) ? $clog2(PsumDepth) : 1;
  localparam int unsigned ExponentBits = 10;

  if (LanesN != ArrayRows * RacsPerLut) begin : gen_lanes_n_check
    $fatal(1, "lut_matrix_unit: LanesN must be ArrayRows * RacsPerLut");
  end
  if (SumBits < AlignBits + $clog2(LanesK)) begin : gen_sum_bits_check
    $fatal(1, "lut_matrix_unit: SumBits must hold a sum of LanesK activations");
  end
  if (PsumDepth > 65535) begin : gen_psum_depth_check
    $fatal(1, "lut_matrix_unit: PsumDepth must fit cmd_beats_i");
  end

  // What a step does in the accumulator.
  typedef struct packed {
    logic                clear;  // start from +0
    logic                emit;   // the partial sum leaves
    logic [AddrBits-1:0] addr;
  } accumulate_t;

  // What a step takes on its way there.
  typedef struct packed {
    logic load_lut;    // new activations
    logic load_key;    // new keys
    logic ones;        // ... which are all ones, of the offset pass
    logic load_scale;  // a new scale
  } operands_t;

  ///////////////////////
  // Command sequencer //
  ///////////////////////

  logic                active_q;
  logic                lut_broadcast_q, has_offset_q, first_q, last_q;
  logic [AddrBits-1:0] last_beat_q, beat_q;
  logic [3:0]          planes_q, pass_q, last_pass;
  logic                pass_begins, pass_ends, command_ends, step;
  operands_t           operands_d;
  accumulate_t         accumulate_d;
  logic                free1;

  assign last_pass    = has_offset_q ? planes_q : planes_q - 4'd1;
  assign pass_begins  = beat_q == '0;
  assign pass_ends    = beat_q == last_beat_q;
  assign command_ends = pass_ends && pass_q == last_pass;

  always_comb begin : describe_step
    operands_d            = '0;
    operands_d.load_lut   = lut_broadcast_q ? pass_begins && pass_q == '0 : 1'b1;
    operands_d.load_key   = lut_broadcast_q || pass_begins;
    operands_d.ones       = pass_q == planes_q;
    operands_d.load_scale = lut_broadcast_q || pass_begins;

    accumulate_d          = '0;
    accumulate_d.clear    = first_q && pass_q == '0;
    accumulate_d.emit     = last_q && pass_q == last_pass;
    accumulate_d.addr     = beat_q;
  end

  assign act_ready_o = active_q && free1 && operands_d.load_lut;
  assign step        = active_q && free1 && (act_valid_i || !operands_d.load_lut);
  assign cmd_ready_o = !active_q || (step && command_ends);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (cmd_ready_o) begin
      active_q <= cmd_valid_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (cmd_ready_o) begin
      lut_broadcast_q <= cmd_lut_broadcast_i;
      last_beat_q     <= AddrBits'(cmd_beats_i - 16'd1);
      planes_q        <= cmd_planes_i;
      has_offset_q    <= cmd_has_offset_i;
      first_q         <= cmd_first_i;
      last_q          <= cmd_last_i;
      beat_q          <= '0;
      pass_q          <= '0;
    end else if (step) begin
      beat_q <= pass_ends ? '0 : beat_q + AddrBits'(1);
      pass_q <= pass_ends ? pass_q + 4'd1 : pass_q;
    end
  end

  //////////////////////
  // Pipeline control //
  //////////////////////

  logic        valid1_q, valid2_q, valid3_q, valid4_q, valid5_q, valid6_q, valid7_q, emit7_q;
  logic        free2, free3, free4, free5, free6, free7;
  logic        move1, move2, move3, move4, move5, move6;
  operands_t   operands1_q, operands2_q;
  logic        load_scale3_q, load_scale4_q;
  accumulate_t accumulate1_q, accumulate2_q, accumulate3_q, accumulate4_q, accumulate5_q,
               accumulate6_q;

  assign key_ready_o   = valid2_q && free3 && operands2_q.load_key && !operands2_q.ones;
  assign scale_ready_o = valid4_q && free5 && load_scale4_q;

  assign out_valid_o   = valid7_q && emit7_q;
  assign idle_o        = !(active_q || valid1_q || valid2_q || valid3_q || valid4_q || valid5_q ||
                           valid6_q || valid7_q);

  assign move6 = valid6_q && free7;
  assign move5 = valid5_q && free6;
  assign move4 = valid4_q && free5 && (scale_valid_i || !load_scale4_q);
  assign move3 = valid3_q && free4;
  assign move2 = valid2_q && free3 &&
                 (key_valid_i || !operands2_q.load_key || operands2_q.ones);
  assign move1 = valid1_q && free2;

  assign free7 = !out_valid_o || out_ready_i;
  assign free6 = !valid6_q || move6;
  assign free5 = !valid5_q || move5;
  assign free4 = !valid4_q || move4;
  assign free3 = !valid3_q || move3;
  assign free2 = !valid2_q || move2;
  assign free1 = !valid1_q || move1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
      valid4_q <= 1'b0;
      valid5_q <= 1'b0;
      valid6_q <= 1'b0;
      valid7_q <= 1'b0;
    end else begin
      valid1_q <= step || !free1;
      valid2_q <= move1 || !free2;
      valid3_q <= move2 || !free3;
      valid4_q <= move3 || !free4;
      valid5_q <= move4 || !free5;
      valid6_q <= move5 || !free6;
      valid7_q <= move6 || !free7;
    end
  end

  always_ff @(posedge clk_i) begin
    if (step) begin
      operands1_q   <= operands_d;
      accumulate1_q <= accumulate_d;
    end
    if (move1) begin
      operands2_q   <= operands1_q;
      accumulate2_q <= accumulate1_q;
    end
    if (move2) begin
      load_scale3_q <= operands2_q.load_scale;
      accumulate3_q <= accumulate2_q;
    end
    if (move3) begin
      load_scale4_q <= load_scale3_q;
      accumulate4_q <= accumulate3_q;
    end
    if (move4) begin
      accumulate5_q <= accumulate4_q;
    end
    if (move5) begin
      accumulate6_q <= accumulate5_q;
    end
    if (move6) begin
      emit7_q <= accumulate6_q.emit;
    end
  end

  //////////////
  // Datapath //
  //////////////

  // Stages 1 and 2. LUTs that are kept keep their exponent and NaN flag.
  logic        [LanesK*AlignBits-1:0]    mantissa2_q;
  logic signed [ExponentBits-1:0]        exponent2_q, exponent3_q, exponent4_q;
  logic                                  nan2_q, nan3_q, nan4_q;
  logic                                  load_lut3;

  pre_aligner #(
    .LanesK      (LanesK),
    .AlignBits   (AlignBits),
    .ActExpBits  (ActExpBits),
    .ActManBits  (ActManBits),
    .ExponentBits(ExponentBits)
  ) u_pre_aligner (
    .clk_i,
    .load_i      (step && operands_d.load_lut),
    .activation_i(act_i),
    .shift_i     (move1 && operands1_q.load_lut),
    .mantissa_o  (mantissa2_q),
    .exponent_o  (exponent2_q),
    .nan_o       (nan2_q)
  );

  assign load_lut3 = move2 && operands2_q.load_lut;

  always_ff @(posedge clk_i) begin
    if (load_lut3) begin
      exponent3_q <= exponent2_q;
      nan3_q      <= nan2_q;
    end
    if (move3) begin
      exponent4_q <= exponent3_q;
      nan4_q      <= nan3_q;
    end
  end

  // Stage 3: one generator for each column, its LUT copied into the PEs of the column.
  logic [ArrayCols*LutEntries*EntryBits-1:0] entry;
  // Stage 4.
  logic [LanesN*SumBits-1:0]                 sum4_q;

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_column
    lut_generator #(
      .Mu        (Mu),
      .AlignBits (AlignBits),
      .EntryBits (EntryBits),
      .LutEntries(LutEntries)
    ) u_generator (
      .activation_i(mantissa2_q[c*Mu*AlignBits+:Mu*AlignBits]),
      .entry_o     (entry[c*LutEntries*EntryBits+:LutEntries*EntryBits])
    );
  end

  for (genvar r = 0; r < ArrayRows; r++) begin : gen_row
    lut_row #(
      .Mu        (Mu),
      .RacsPerLut(RacsPerLut),
      .ArrayCols (ArrayCols),
      .LanesK    (LanesK),
      .EntryBits (EntryBits),
      .LutEntries(LutEntries),
      .SumBits   (SumBits)
    ) u_row (
      .clk_i,
      .load_lut_i(load_lut3),
      .entry_i   (entry),
      .load_key_i(move2 && operands2_q.load_key),
      .ones_i    (operands2_q.ones),
      .key_i     (key_i[r*RacsPerLut*LanesK+:RacsPerLut*LanesK]),
      .load_sum_i(move3),
      .sum_o     (sum4_q[r*RacsPerLut*SumBits+:RacsPerLut*SumBits])
    );
  end

  // Stages 5 to 7.
  for (genvar n = 0; n < LanesN; n++) begin : gen_lane
    scale_lane #(
      .SumBits     (SumBits),
      .ExponentBits(ExponentBits),
      .PsumDepth   (PsumDepth),
      .AddrBits    (AddrBits)
    ) u_lane (
      .clk_i,
      .convert_i   (move4),
      .sum_i       (sum4_q[n*SumBits+:SumBits]),
      .exponent_i  (exponent4_q),
      .nan_i       (nan4_q),
      .load_scale_i(move4 && load_scale4_q),
      .scale_i     (scale_i[n*32+:32]),
      .multiply_i  (move5),
      .accumulate_i(move6),
      .clear_i     (accumulate6_q.clear),
      .emit_i      (accumulate6_q.emit),
      .addr_i      (accumulate6_q.addr),
      .out_o       (out_o[n*32+:32])
    );
  end

  ////////////////
  // Assertions //
  ////////////////

`ifndef SYNTHESIS
  // Offers are kept until they are taken.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i && !cmd_ready_o |=> cmd_valid_i)
    else $error("cmd_valid_i fell before cmd_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   act_valid_i && !act_ready_o |=> act_valid_i)
    else $error("act_valid_i fell before act_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   key_valid_i && !key_ready_o |=> key_valid_i)
    else $error("key_valid_i fell before key_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   scale_valid_i && !scale_ready_o |=> scale_valid_i)
    else $error("scale_valid_i fell before scale_ready_o");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_o))
    else $error("an output beat must stay until it is taken");

  // A legal command.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> cmd_beats_i >= 16'd1 && 32'(cmd_beats_i) <= PsumDepth)
    else $error("cmd_beats_i must be 1..PsumDepth");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> cmd_planes_i >= 4'd1 && cmd_planes_i <= 4'd8)
    else $error("cmd_planes_i must be 1..8");
`endif

endmodule : lut_matrix_unit

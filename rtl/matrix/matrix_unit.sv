// SPDX-License-Identifier: Apache-2.0
//
// Matrix unit, in the arithmetic of one of five engines. docs/units/matrix.md specifies the
// arithmetic, the commands and the handshakes; models/engine/engine.h is the golden model,
// sim/matrix/matrix_timing.h the cycle counts.
//
// A step of a command is a token that moves through register stages and takes each operand where it
// is used:
//
//   front    FrontStages   activations, aligned to integers for some engines   <- activations
//   operand  1             LUTs or activations, and the weights of the pass    <- keys or columns
//   reduce   ReduceStages  sums along K
//   scale    ScaleStages   to FP32, times the scale                            <- scales
//   slots    SlotStages    tree over the planes of the step
//   last     1             accumulated, out
//
// A stage moves when the next one is free and its operand is there, so a stall holds only what is
// behind it. `ready` of a channel never depends on its own `valid`.
//
// Latency: the stages above, docs/units/matrix.md. Throughput: 1 step a cycle; a weight-stationary pass
// takes at least as many cycles as it has columns.
module matrix_unit #(
  parameter int unsigned Engine       /*verilator public*/ = lutsim_pkg::Engine,
  parameter int unsigned Mu           /*verilator public*/ = lutsim_pkg::Mu,
  parameter int unsigned RacsPerLut   /*verilator public*/ = lutsim_pkg::RacsPerLut,
  parameter int unsigned ArrayRows    /*verilator public*/ = lutsim_pkg::ArrayRows,
  parameter int unsigned ArrayCols    /*verilator public*/ = lutsim_pkg::ArrayCols,
  parameter int unsigned Planes       /*verilator public*/ = lutsim_pkg::Planes,
  parameter int unsigned AlignBits    /*verilator public*/ = lutsim_pkg::AlignBits,
  parameter int unsigned PsumDepth    /*verilator public*/ = lutsim_pkg::PsumDepth,
  parameter int unsigned LutEntries   /*verilator public*/ = lutsim_pkg::LutEntries,
  parameter int unsigned LanesN       /*verilator public*/ = lutsim_pkg::LanesN,
  parameter int unsigned LanesK       /*verilator public*/ = lutsim_pkg::LanesK,
  parameter int unsigned EntryBits    /*verilator public*/ = lutsim_pkg::EntryBits,
  parameter int unsigned SumBits      /*verilator public*/ = lutsim_pkg::SumBits,
  parameter int unsigned Slots        /*verilator public*/ = lutsim_pkg::Slots,
  parameter int unsigned FrontStages  /*verilator public*/ = lutsim_pkg::FrontStages,
  parameter int unsigned ReduceStages /*verilator public*/ = lutsim_pkg::ReduceStages,
  parameter int unsigned ScaleStages  /*verilator public*/ = lutsim_pkg::ScaleStages,
  parameter int unsigned SlotStages   /*verilator public*/ = lutsim_pkg::SlotStages,
  parameter int unsigned ActExpBits   /*verilator public*/ = lutsim_pkg::ActExpBits,
  parameter int unsigned ActManBits   /*verilator public*/ = lutsim_pkg::ActManBits,
  parameter int unsigned AccExpBits   /*verilator public*/ = lutsim_pkg::AccExpBits,
  parameter int unsigned AccManBits   /*verilator public*/ = lutsim_pkg::AccManBits
) (
  input  logic                                        clk_i,
  // Synchronous.
  input  logic                                        rst_ni,

  // One command: one segment of K for cmd_beats_i output beats.
  input  logic                                        cmd_valid_i,
  output logic                                        cmd_ready_o,
  input  logic                                        cmd_lut_broadcast_i,
  input  logic [15:0]                                 cmd_beats_i,
  input  logic [3:0]                                  cmd_planes_i,
  input  logic                                        cmd_has_offset_i,
  input  logic                                        cmd_first_i,
  input  logic                                        cmd_last_i,

  input  logic                                        act_valid_i,
  output logic                                        act_ready_o,
  input  logic [LanesK*(1+ActExpBits+ActManBits)-1:0] act_i,

  // Weight-stationary: the weights of one PE column. Bit (p*LanesN + n)*Mu + t is that of plane p,
  // feature n, element t of the column: 1 is +1, or bit p of an integer weight.
  input  logic                                        column_valid_i,
  output logic                                        column_ready_o,
  input  logic                                        column_last_i,
  input  logic [Planes*LanesN*Mu-1:0]                 column_i,
  // Zero points of integer weights, the same for all columns of a pass.
  input  logic [LanesN*Planes-1:0]                    zero_i,

  // LUT-broadcast: the keys of all columns. Bit (p*LanesN + n)*LanesK + k.
  input  logic                                        key_valid_i,
  output logic                                        key_ready_o,
  input  logic [Planes*LanesN*LanesK-1:0]             key_i,

  // FP32, scale n*Slots + p.
  input  logic                                        scale_valid_i,
  output logic                                        scale_ready_o,
  input  logic [LanesN*Slots*32-1:0]                  scale_i,

  output logic                                        out_valid_o,
  input  logic                                        out_ready_i,
  output logic [LanesN*32-1:0]                        out_o,

  // No command and no step is in the unit.
  output logic                                        idle_o
);

  // Order of spec::Engine.
  localparam int unsigned EngineFp    = 0;
  localparam int unsigned EngineIfpu  = 1;
  localparam int unsigned EngineFigna = 2;
  localparam int unsigned EngineLutF  = 3;
  localparam int unsigned EngineLutI  = 4;

  localparam bit IsLut       = Engine == EngineLutF || Engine == EngineLutI;
  localparam bit IsFloat     = Engine == EngineFp || Engine == EngineLutF;
  localparam bit IsBitSerial = Engine != EngineFp && Engine != EngineFigna;

  localparam int unsigned ActBits      = 1 + ActExpBits + ActManBits;
  localparam int unsigned AccBits      = 1 + AccExpBits + AccManBits;
  localparam int unsigned AddrBits     = (PsumDepth > 1) ? $clog2(PsumDepth) : 1;
  localparam int unsigned ExponentBits = 10;

  // Stages, by the number of their first register.
  localparam int unsigned OperandStage = FrontStages + 1;
  localparam int unsigned SumStage     = OperandStage + ReduceStages;
  localparam int unsigned TermStage    = SumStage + ScaleStages;
  localparam int unsigned LastStage    = TermStage + SlotStages + 1;
  // The token that leaves it is multiplied by its scale.
  localparam int unsigned ProductStage = (ScaleStages == 2) ? SumStage + 1 : SumStage;

  if (LanesN != ArrayRows * RacsPerLut || LanesK != ArrayCols * Mu) begin : gen_lanes_check
    $fatal(1, "matrix_unit: LanesN must be ArrayRows*RacsPerLut, LanesK ArrayCols*Mu");
  end
  if (!IsFloat && SumBits < AlignBits + $clog2(LanesK) + (IsBitSerial ? 0 : Planes))
  begin : gen_sum_bits_check
    $fatal(1, "matrix_unit: SumBits must hold a sum of LanesK products");
  end
  if (IsFloat && SumBits != AccBits) begin : gen_acc_bits_check
    $fatal(1, "matrix_unit: SumBits must be the width of a floating-point sum");
  end
  if (!IsLut && (Mu != 1 || RacsPerLut != 1)) begin : gen_mu_check
    $fatal(1, "matrix_unit: Mu and RacsPerLut must be 1 without LUTs");
  end
  if (Engine > EngineLutI) begin : gen_engine_check
    $fatal(1, "matrix_unit: unknown Engine");
  end
  if (Slots != (IsBitSerial ? Planes : 1)) begin : gen_slots_check
    $fatal(1, "matrix_unit: Slots must be Planes, or 1 for integer weights");
  end
  if (PsumDepth > 65535) begin : gen_psum_depth_check
    $fatal(1, "matrix_unit: PsumDepth must fit cmd_beats_i");
  end

  // A step: what it takes on its way, and what it does in the accumulator.
  localparam int unsigned StepBits = 7 + 2 * Slots + AddrBits;
  typedef struct packed {
    logic                load_front;   // new activations
    logic                load_key;     // the weights of a pass become active
    logic                from_key;     // ... from the keys
    logic                from_column;  // ... from the shadow registers
    logic [Slots-1:0]    ones;         // ... all ones, the plane of the offset
    logic                load_scale;   // new scales
    logic [Slots-1:0]    dead;         // slots without a plane
    logic                clear;        // start from +0
    logic                emit;         // the partial sum leaves
    logic [AddrBits-1:0] addr;
  } step_t;

  ///////////////////////
  // Command sequencer //
  ///////////////////////

  logic                active_q;
  logic                lut_broadcast_q, has_offset_q, first_q, last_q;
  logic [AddrBits-1:0] last_beat_q, beat_q;
  // Plane of slot 0 of the pass, and past the last one.
  logic [4:0]          plane_q, planes_q, last_plane;
  logic                pass_begins, pass_ends, last_pass, command_ends, step;
  step_t               step_d;

  assign last_plane   = planes_q + 5'(has_offset_q);
  assign pass_begins  = beat_q == '0;
  assign pass_ends    = beat_q == last_beat_q;
  assign last_pass    = !IsBitSerial || plane_q + 5'(Slots) >= last_plane;
  assign command_ends = pass_ends && last_pass;

  always_comb begin : describe_step
    step_d             = '0;
    step_d.load_front  = lut_broadcast_q ? pass_begins && plane_q == '0 : 1'b1;
    step_d.load_key    = lut_broadcast_q || pass_begins;
    step_d.from_key    = lut_broadcast_q && plane_q < planes_q;
    step_d.from_column = !lut_broadcast_q && pass_begins && plane_q < planes_q;
    step_d.load_scale  = (lut_broadcast_q || pass_begins) && ScaleStages != 0;
    for (int unsigned p = 0; p < Slots; p++) begin
      step_d.ones[p] = IsBitSerial && has_offset_q && plane_q + 5'(p) == planes_q;
      step_d.dead[p] = IsBitSerial && plane_q + 5'(p) >= last_plane;
    end
    step_d.clear       = first_q && plane_q == '0;
    step_d.emit        = last_q && last_pass;
    step_d.addr        = beat_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else if (cmd_ready_o) begin
      active_q <= cmd_valid_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (cmd_ready_o) begin
      lut_broadcast_q <= IsLut && cmd_lut_broadcast_i;
      last_beat_q     <= AddrBits'(cmd_beats_i - 16'd1);
      planes_q        <= 5'(cmd_planes_i);
      has_offset_q    <= cmd_has_offset_i;
      first_q         <= cmd_first_i;
      last_q          <= cmd_last_i;
      beat_q          <= '0;
      plane_q         <= '0;
    end else if (step) begin
      beat_q  <= pass_ends ? '0 : beat_q + AddrBits'(1);
      plane_q <= pass_ends ? plane_q + 5'(Slots) : plane_q;
    end
  end

  //////////////////////
  // Pipeline control //
  //////////////////////

  // Token s is in stage s; leave[s] says that it moves on, free[s] that stage s can take one.
  logic [LastStage:1]          valid_q, leave, free;
  logic [LastStage*StepBits:1] step_q;
  logic                        operands_there, scales_there, columns_full;

  // The tokens that something is asked of. (Yosys 0.23 drops the members of an array of structs.)
  step_t first_step, front_step, sum_step, term_step, accumulate_step, last_step;

  assign first_step      = step_q[1+:StepBits];
  assign front_step      = step_q[1+(FrontStages-1)*StepBits+:StepBits];
  assign sum_step        = step_q[1+(SumStage-1)*StepBits+:StepBits];
  assign term_step       = step_q[1+(ProductStage-1)*StepBits+:StepBits];
  assign accumulate_step = step_q[1+(LastStage-2)*StepBits+:StepBits];
  assign last_step       = step_q[1+(LastStage-1)*StepBits+:StepBits];

  assign operands_there = (!front_step.from_key || key_valid_i) &&
                          (!front_step.from_column || columns_full);
  assign scales_there   = !sum_step.load_scale || scale_valid_i;

  always_comb begin : move_tokens
    leave[LastStage] = valid_q[LastStage] && (!last_step.emit || out_ready_i);
    free[LastStage]  = !valid_q[LastStage] || leave[LastStage];
    for (int unsigned s = LastStage - 1; s > 0; s--) begin
      leave[s] = valid_q[s] && free[s+1] && (s != FrontStages || operands_there) &&
                 (s != SumStage || scales_there);
      free[s]  = !valid_q[s] || leave[s];
    end
  end

  assign act_ready_o = active_q && free[1] && step_d.load_front;
  assign step        = active_q && free[1] && (act_valid_i || !step_d.load_front);
  assign cmd_ready_o = !active_q || (step && command_ends);
  assign key_ready_o = valid_q[FrontStages] && free[OperandStage] && front_step.from_key;
  assign out_valid_o = valid_q[LastStage] && last_step.emit;
  assign idle_o      = !active_q && valid_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
    end else begin
      valid_q[1] <= step || !free[1];
      for (int unsigned s = 2; s <= LastStage; s++) begin
        valid_q[s] <= leave[s-1] || !free[s];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (step) begin
      step_q[1+:StepBits] <= step_d;
    end
    for (int unsigned s = 2; s <= LastStage; s++) begin
      if (leave[s-1]) begin
        step_q[1+(s-1)*StepBits+:StepBits] <= step_q[1+(s-2)*StepBits+:StepBits];
      end
    end
  end

  /////////////////////////////
  // Weights of the next pass //
  /////////////////////////////

  logic                 load_front, load_key, swap;
  logic [ArrayCols-1:0] write_column, column_used;

  assign load_front = leave[FrontStages] && front_step.load_front;
  assign load_key   = leave[FrontStages] && front_step.load_key;
  assign swap       = leave[FrontStages] && front_step.from_column;

  column_loader #(
    .ArrayCols(ArrayCols)
  ) u_column_loader (
    .clk_i,
    .rst_ni,
    .column_valid_i,
    .column_ready_o,
    .column_last_i,
    // Weights are dequantised on their way in.
    .enable_i(Engine != EngineFp || scale_valid_i),
    .write_o (write_column),
    .full_o  (columns_full),
    .swap_i  (swap),
    .used_o  (column_used)
  );

  if (Engine == EngineFp) begin : gen_scale_of_columns
    assign scale_ready_o = column_valid_i && column_ready_o && column_last_i;
  end else begin : gen_scale_of_sums
    assign scale_ready_o = valid_q[SumStage] && free[SumStage+1] && sum_step.load_scale;
  end

  //////////////
  // Datapath //
  //////////////

  // Sum n*Slots + p.
  logic        [LanesN*Slots*SumBits-1:0] sum;
  logic signed [ExponentBits-1:0]         sum_exponent;
  logic                                   sum_nan;
  // Loads of the stages of the reduction and of the output lanes.
  logic [ReduceStages-1:0]                reduce;
  logic [ScaleStages+SlotStages:0]        output_stage;

  assign reduce       = leave[SumStage-1:OperandStage];
  assign output_stage = leave[LastStage-1:SumStage];

  if (!IsFloat) begin : gen_aligned
    logic        [LanesK*AlignBits-1:0] mantissa;
    logic signed [ExponentBits-1:0]     exponent, operand_exponent_q, sum_exponent_q;
    logic                               nan, operand_nan_q, sum_nan_q;

    pre_aligner #(
      .LanesK      (LanesK),
      .AlignBits   (AlignBits),
      .ActExpBits  (ActExpBits),
      .ActManBits  (ActManBits),
      .ExponentBits(ExponentBits)
    ) u_pre_aligner (
      .clk_i,
      .load_i      (step && step_d.load_front),
      .activation_i(act_i),
      .shift_i     (leave[1] && first_step.load_front),
      .mantissa_o  (mantissa),
      .exponent_o  (exponent),
      .nan_o       (nan)
    );

    // LUTs or activations that are kept keep their exponent and NaN flag.
    always_ff @(posedge clk_i) begin
      if (load_front) begin
        operand_exponent_q <= exponent;
        operand_nan_q      <= nan;
      end
      if (reduce[0]) begin
        sum_exponent_q <= operand_exponent_q;
        sum_nan_q      <= operand_nan_q;
      end
    end

    assign sum_exponent = sum_exponent_q;
    assign sum_nan      = sum_nan_q;

    if (IsLut) begin : gen_lut
      logic [ArrayCols*LutEntries*EntryBits-1:0] entry;

      // One generator for each column, its LUT copied into the PEs of the column.
      for (genvar c = 0; c < ArrayCols; c++) begin : gen_column
        lut_generator #(
          .Mu        (Mu),
          .AlignBits (AlignBits),
          .EntryBits (EntryBits),
          .LutEntries(LutEntries)
        ) u_generator (
          .activation_i(mantissa[c*Mu*AlignBits+:Mu*AlignBits]),
          .entry_o     (entry[c*LutEntries*EntryBits+:LutEntries*EntryBits])
        );
      end
    end else begin : gen_lanes
      logic [LanesK*AlignBits-1:0] mantissa_q;

      always_ff @(posedge clk_i) begin
        if (load_front) begin
          mantissa_q <= mantissa;
        end
      end
    end
  end else begin : gen_float
    logic [LanesK*ActBits-1:0] activation_q;

    always_ff @(posedge clk_i) begin
      if (step && step_d.load_front) begin
        activation_q <= act_i;
      end
    end

    // Infinities and NaNs travel as values.
    assign sum_exponent = '0;
    assign sum_nan      = 1'b0;

    if (IsLut) begin : gen_lut
      logic [ArrayCols*LutEntries*EntryBits-1:0] entry;

      for (genvar c = 0; c < ArrayCols; c++) begin : gen_column
        logic [Mu*AccBits-1:0] activation;

        for (genvar t = 0; t < Mu; t++) begin : gen_activation
          fp_converter #(
            .InExpBits (ActExpBits),
            .InManBits (ActManBits),
            .OutExpBits(AccExpBits),
            .OutManBits(AccManBits)
          ) u_converter (
            .value_i(activation_q[(c*Mu+t)*ActBits+:ActBits]),
            .value_o(activation[t*AccBits+:AccBits])
          );
        end

        fp_lut_generator #(
          .Mu        (Mu),
          .LutEntries(LutEntries),
          .ExpBits   (AccExpBits),
          .ManBits   (AccManBits)
        ) u_generator (
          .activation_i(activation),
          .entry_o     (entry[c*LutEntries*EntryBits+:LutEntries*EntryBits])
        );
      end
    end else begin : gen_lanes
      logic [LanesK*ActBits-1:0] operand_q;

      always_ff @(posedge clk_i) begin
        if (load_front) begin
          operand_q <= activation_q;
        end
      end
    end
  end

  for (genvar r = 0; r < ArrayRows; r++) begin : gen_row
    if (IsLut) begin : gen_lut
      logic [Planes*RacsPerLut*Mu-1:0]                   column;
      logic [Planes*RacsPerLut*LanesK-1:0]               key;
      logic [ArrayCols*LutEntries*EntryBits-1:0]         entry;

      for (genvar p = 0; p < Planes; p++) begin : gen_plane
        assign column[p*RacsPerLut*Mu+:RacsPerLut*Mu] =
            column_i[(p*LanesN+r*RacsPerLut)*Mu+:RacsPerLut*Mu];
        assign key[p*RacsPerLut*LanesK+:RacsPerLut*LanesK] =
            key_i[(p*LanesN+r*RacsPerLut)*LanesK+:RacsPerLut*LanesK];
      end

      if (IsFloat) begin : gen_float_entry
        assign entry = gen_float.gen_lut.entry;
      end else begin : gen_integer_entry
        assign entry = gen_aligned.gen_lut.entry;
      end

      lut_row #(
        .Mu          (Mu),
        .RacsPerLut  (RacsPerLut),
        .ArrayCols   (ArrayCols),
        .Planes      (Planes),
        .LanesK      (LanesK),
        .EntryBits   (EntryBits),
        .LutEntries  (LutEntries),
        .SumBits     (SumBits),
        .ReduceStages(ReduceStages),
        .FloatEntries(IsFloat),
        .AccExpBits  (AccExpBits),
        .AccManBits  (AccManBits)
      ) u_row (
        .clk_i,
        .load_lut_i    (load_front),
        .entry_i       (entry),
        .write_column_i(write_column),
        .column_i      (column),
        .load_key_i    (load_key),
        .broadcast_i   (front_step.from_key),
        .ones_i        (front_step.ones),
        .key_i         (key),
        .reduce_i      (reduce),
        .sum_o         (sum[r*RacsPerLut*Slots*SumBits+:RacsPerLut*Slots*SumBits])
      );
    end else begin : gen_lane
      logic [Planes-1:0] column;

      for (genvar p = 0; p < Planes; p++) begin : gen_plane
        assign column[p] = column_i[p*LanesN+r];
      end

      if (Engine == EngineFp) begin : gen_fp
        fp_row #(
          .ArrayCols   (ArrayCols),
          .Planes      (Planes),
          .ReduceStages(ReduceStages),
          .ActExpBits  (ActExpBits),
          .ActManBits  (ActManBits),
          .AccExpBits  (AccExpBits),
          .AccManBits  (AccManBits)
        ) u_row (
          .clk_i,
          .activation_i  (gen_float.gen_lanes.operand_q),
          .write_column_i(write_column),
          .column_i      (column),
          .zero_i        (zero_i[r*Planes+:Planes]),
          .scale_i       (scale_i[r*32+:32]),
          .load_key_i    (load_key),
          .lane_used_i   (column_used),
          .reduce_i      (reduce),
          .sum_o         (sum[r*SumBits+:SumBits])
        );
      end else if (Engine == EngineFigna) begin : gen_figna
        integer_row #(
          .ArrayCols(ArrayCols),
          .Planes   (Planes),
          .AlignBits(AlignBits),
          .SumBits  (SumBits)
        ) u_row (
          .clk_i,
          .mantissa_i    (gen_aligned.gen_lanes.mantissa_q),
          .write_column_i(write_column),
          .column_i      (column),
          .zero_i        (zero_i[r*Planes+:Planes]),
          .load_key_i    (load_key),
          .reduce_i      (reduce[0]),
          .sum_o         (sum[r*SumBits+:SumBits])
        );
      end else if (Engine == EngineIfpu) begin : gen_ifpu
        add_sub_row #(
          .ArrayCols(ArrayCols),
          .Planes   (Planes),
          .AlignBits(AlignBits),
          .SumBits  (SumBits)
        ) u_row (
          .clk_i,
          .mantissa_i    (gen_aligned.gen_lanes.mantissa_q),
          .write_column_i(write_column),
          .column_i      (column),
          .load_key_i    (load_key),
          .ones_i        (front_step.ones),
          .reduce_i      (reduce[0]),
          .sum_o         (sum[r*Slots*SumBits+:Slots*SumBits])
        );
      end
    end
  end

  for (genvar n = 0; n < LanesN; n++) begin : gen_output
    output_lane #(
      .SumBits     (SumBits),
      .ExponentBits(ExponentBits),
      .Slots       (Slots),
      .ScaleStages (ScaleStages),
      .SlotStages  (SlotStages),
      .AccExpBits  (AccExpBits),
      .AccManBits  (AccManBits),
      .PsumDepth   (PsumDepth),
      .AddrBits    (AddrBits)
    ) u_lane (
      .clk_i,
      .stage_i     (output_stage),
      .sum_i       (sum[n*Slots*SumBits+:Slots*SumBits]),
      .exponent_i  (sum_exponent),
      .nan_i       (sum_nan),
      .load_scale_i(leave[SumStage] && sum_step.load_scale),
      .scale_i     (scale_i[n*Slots*32+:Slots*32]),
      .dead_i      (term_step.dead),
      .clear_i     (accumulate_step.clear),
      .emit_i      (accumulate_step.emit),
      .addr_i      (accumulate_step.addr),
      .out_o       (out_o[n*32+:32])
    );
  end

  // What an engine has no use for, and members that a token does not need any more.
  logic unused;
  assign unused = &{1'b0, key_i, zero_i, column_used, sum_exponent, sum_nan, first_step, front_step,
                    sum_step, term_step, accumulate_step, last_step};

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
  // That out_o keeps its value is checked by the driver: Verilator 5.006 makes C++ that does not
  // compile of $stable of so wide a port.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   out_valid_o && !out_ready_i |=> out_valid_o)
    else $error("an output beat must stay until it is taken");

  // A legal command.
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> cmd_beats_i >= 16'd1 && 32'(cmd_beats_i) <= PsumDepth)
    else $error("cmd_beats_i must be 1..PsumDepth");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> cmd_planes_i >= 4'd1 &&
                                   cmd_planes_i <= (IsBitSerial ? 4'd8 : 4'(Planes)))
    else $error("cmd_planes_i must be 1..8, or 1..Planes for integer weights");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> IsLut || !cmd_lut_broadcast_i)
    else $error("cmd_lut_broadcast_i needs an engine with LUTs");
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   cmd_valid_i |-> IsBitSerial || !cmd_has_offset_i)
    else $error("cmd_has_offset_i: integer weights have zero points instead");
`endif

endmodule : matrix_unit

// SPDX-License-Identifier: Apache-2.0
//
// One row of the array of a LUT engine: ArrayCols processing elements along K and, for each of the
// RacsPerLut output features and each bit-plane, an adder tree over the columns
// (docs/decisions/0004-adder-tree-along-k.md): integers in one stage, or floating-point numbers of
// AccExpBits and AccManBits with a stage for each level.
//
// Latency: 2 cycles. Throughput: 1 sum a feature and cycle.
//
// Simulation: kept as a module of its own, with ports that Verilator may not optimise into the
// parent, so that all instances share one compiled function (docs/units/matrix.md, "Simulation
// speed").
module lut_row #(
  parameter int unsigned Mu           = lutsim_pkg::Mu,
  parameter int unsigned RacsPerLut   = lutsim_pkg::RacsPerLut,
  parameter int unsigned ArrayCols    = lutsim_pkg::ArrayCols,
  parameter int unsigned Planes       = lutsim_pkg::Planes,
  parameter int unsigned LanesK       = lutsim_pkg::LanesK,
  parameter int unsigned EntryBits    = lutsim_pkg::EntryBits,
  parameter int unsigned LutEntries   = lutsim_pkg::LutEntries,
  parameter int unsigned SumBits      = lutsim_pkg::SumBits,
  parameter int unsigned ReduceStages = lutsim_pkg::ReduceStages,
  parameter bit          FloatEntries = 1'b0,
  parameter int unsigned AccExpBits   = lutsim_pkg::AccExpBits,
  parameter int unsigned AccManBits   = lutsim_pkg::AccManBits
) (
  input  logic                                      clk_i,

  // Half LUTs of the columns, shared by all rows.
  input  logic                                      load_lut_i /*verilator public_flat_rd*/,
  input  logic [ArrayCols*LutEntries*EntryBits-1:0] entry_i /*verilator public_flat_rd*/,

  // Weight-stationary: the keys of one column for the shadow registers.
  input  logic [ArrayCols-1:0]                      write_column_i /*verilator public_flat_rd*/,
  input  logic [Planes*RacsPerLut*Mu-1:0]           column_i /*verilator public_flat_rd*/,

  // The keys of a pass become active: broadcast ones or the shadow registers; planes of `ones_i`
  // are all ones.
  input  logic                                      load_key_i /*verilator public_flat_rd*/,
  input  logic                                      broadcast_i /*verilator public_flat_rd*/,
  input  logic [Planes-1:0]                         ones_i /*verilator public_flat_rd*/,
  input  logic [Planes*RacsPerLut*LanesK-1:0]       key_i /*verilator public_flat_rd*/,

  input  logic [ReduceStages-1:0]                   reduce_i /*verilator public_flat_rd*/,
  // Sum r*Planes + p is that of feature r, plane p.
  output logic [RacsPerLut*Planes*SumBits-1:0]      sum_o
);
  /*verilator no_inline_module*/

  localparam int unsigned Readers = Planes * RacsPerLut;

  if (LanesK != ArrayCols * Mu) begin : gen_lanes_check
    $fatal(1, "lut_row: LanesK must be ArrayCols * Mu");
  end

  logic [ArrayCols*Readers*EntryBits-1:0] value;

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_pe
    logic [Readers*Mu-1:0] shadow_q, key;

    always_ff @(posedge clk_i) begin
      if (write_column_i[c]) begin
        shadow_q <= column_i;
      end
    end

    for (genvar r = 0; r < Readers; r++) begin : gen_key
      assign key[r*Mu+:Mu] = ones_i[r/RacsPerLut] ? '1
                           : broadcast_i          ? key_i[r*LanesK+c*Mu+:Mu]
                                                  : shadow_q[r*Mu+:Mu];
    end

    lut_pe #(
      .Mu          (Mu),
      .Readers     (Readers),
      .EntryBits   (EntryBits),
      .LutEntries  (LutEntries),
      .FloatEntries(FloatEntries)
    ) u_pe (
      .clk_i,
      .load_lut_i,
      .entry_i   (entry_i[c*LutEntries*EntryBits+:LutEntries*EntryBits]),
      .load_key_i,
      .key_i     (key),
      .value_o   (value[c*Readers*EntryBits+:Readers*EntryBits])
    );
  end

  for (genvar r = 0; r < RacsPerLut; r++) begin : gen_feature
    for (genvar p = 0; p < Planes; p++) begin : gen_plane
      localparam int unsigned Reader = p * RacsPerLut + r;

      logic [ArrayCols*EntryBits-1:0] leaf;

      for (genvar c = 0; c < ArrayCols; c++) begin : gen_leaf
        assign leaf[c*EntryBits+:EntryBits] = value[(c*Readers+Reader)*EntryBits+:EntryBits];
      end

      if (FloatEntries) begin : gen_float
        fp_adder_tree #(
          .Leaves (ArrayCols),
          .Stages (ReduceStages),
          .ExpBits(AccExpBits),
          .ManBits(AccManBits)
        ) u_tree (
          .clk_i,
          .stage_i(reduce_i),
          .leaf_i (leaf),
          .sum_o  (sum_o[(r*Planes+p)*SumBits+:SumBits])
        );
      end else begin : gen_integer
        int_adder_tree #(
          .Leaves  (ArrayCols),
          .LeafBits(EntryBits),
          .SumBits (SumBits)
        ) u_tree (
          .clk_i,
          .load_i(reduce_i[0]),
          .leaf_i(leaf),
          .sum_o (sum_o[(r*Planes+p)*SumBits+:SumBits])
        );
      end
    end
  end

endmodule : lut_row

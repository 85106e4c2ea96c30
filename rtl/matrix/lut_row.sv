// SPDX-License-Identifier: Apache-2.0
//
// One row of the array: ArrayCols processing elements along K and, for each of the RacsPerLut
// output features, an adder tree over the columns (docs/decisions/0004-adder-tree-along-k.md).
//
// Latency: 2 cycles. Throughput: 1 sum a feature and cycle.
//
// Simulation: kept as a module of its own, with ports that Verilator may not optimise into the
// parent, so that all instances share one compiled function (docs/units/matrix.md, "Simulation
// speed").
module lut_row #(
  parameter int unsigned Mu         = lutsim_pkg::Mu,
  parameter int unsigned RacsPerLut = lutsim_pkg::RacsPerLut,
  parameter int unsigned ArrayCols  = lutsim_pkg::ArrayCols,
  parameter int unsigned LanesK     = lutsim_pkg::LanesK,
  parameter int unsigned EntryBits  = lutsim_pkg::EntryBits,
  parameter int unsigned LutEntries = lutsim_pkg::LutEntries,
  parameter int unsigned SumBits    = lutsim_pkg::SumBits
) (
  input  logic                                      clk_i,

  // Half LUTs of the columns, shared by all rows.
  input  logic                                      load_lut_i /*verilator public_flat_rd*/,
  input  logic [ArrayCols*LutEntries*EntryBits-1:0] entry_i /*verilator public_flat_rd*/,
  // LanesK key bits of each feature, or all ones.
  input  logic                                      load_key_i /*verilator public_flat_rd*/,
  input  logic                                      ones_i /*verilator public_flat_rd*/,
  input  logic [RacsPerLut*LanesK-1:0]              key_i /*verilator public_flat_rd*/,

  input  logic                                      load_sum_i /*verilator public_flat_rd*/,
  output logic [RacsPerLut*SumBits-1:0]             sum_o
);
  /*verilator no_inline_module*/

  if (LanesK != ArrayCols * Mu) begin : gen_lanes_check
    $fatal(1, "lut_row: LanesK must be ArrayCols * Mu");
  end

  logic [ArrayCols*RacsPerLut*EntryBits-1:0] value;

  for (genvar c = 0; c < ArrayCols; c++) begin : gen_pe
    logic [RacsPerLut*Mu-1:0] key;

    for (genvar r = 0; r < RacsPerLut; r++) begin : gen_key
      assign key[r*Mu+:Mu] = key_i[r*LanesK+c*Mu+:Mu];
    end

    lut_pe #(
      .Mu        (Mu),
      .RacsPerLut(RacsPerLut),
      .EntryBits (EntryBits),
      .LutEntries(LutEntries)
    ) u_pe (
      .clk_i,
      .load_lut_i,
      .entry_i   (entry_i[c*LutEntries*EntryBits+:LutEntries*EntryBits]),
      .load_key_i,
      .ones_i,
      .key_i     (key),
      .value_o   (value[c*RacsPerLut*EntryBits+:RacsPerLut*EntryBits])
    );
  end

  for (genvar r = 0; r < RacsPerLut; r++) begin : gen_feature
    // A heap: node i adds nodes 2i+1 and 2i+2, the last ArrayCols nodes are the leaves. It is a
    // balanced tree for every number of columns.
    logic signed [SumBits-1:0] node [2*ArrayCols-1];

    always_comb begin : adder_tree
      for (int unsigned c = 0; c < ArrayCols; c++) begin
        node[ArrayCols-1+c] = SumBits'($signed(value[(c*RacsPerLut+r)*EntryBits+:EntryBits]));
      end
      for (int unsigned i = ArrayCols - 1; i > 0; i--) begin
        node[i-1] = node[2*i-1] + node[2*i];
      end
    end

    always_ff @(posedge clk_i) begin
      if (load_sum_i) begin
        sum_o[r*SumBits+:SumBits] <= node[0];
      end
    end
  end

endmodule : lut_row

// SPDX-License-Identifier: Apache-2.0
//
// The matrix unit in a geometry that Yosys synthesises in seconds: no size is a power of two. A
// wrapper, because Yosys 0.23 cannot override the parameters of a top that has children.
module small_matrix_unit (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          cmd_valid_i,
  output logic          cmd_ready_o,
  input  logic          cmd_lut_broadcast_i,
  input  logic [15:0]   cmd_beats_i,
  input  logic [3:0]    cmd_planes_i,
  input  logic          cmd_has_offset_i,
  input  logic          cmd_first_i,
  input  logic          cmd_last_i,
  input  logic          act_valid_i,
  output logic          act_ready_o,
  input  logic [191:0]  act_i,
  input  logic          key_valid_i,
  output logic          key_ready_o,
  input  logic [35:0]   key_i,
  input  logic          scale_valid_i,
  output logic          scale_ready_o,
  input  logic [95:0]   scale_i,
  output logic          out_valid_o,
  input  logic          out_ready_i,
  output logic [95:0]   out_o,
  output logic          idle_o
);

  matrix_unit #(
    .Mu        (4),
    .RacsPerLut(3),
    .ArrayRows (1),
    .ArrayCols (3),
    .AlignBits (14),
    .PsumDepth (3),
    .LutEntries(8),
    .LanesN    (3),
    .LanesK    (12),
    .EntryBits (16),
    .SumBits   (18),
    .ActExpBits(5),
    .ActManBits(10)
  ) u_matrix_unit (
    .clk_i,
    .rst_ni,
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_lut_broadcast_i,
    .cmd_beats_i,
    .cmd_planes_i,
    .cmd_has_offset_i,
    .cmd_first_i,
    .cmd_last_i,
    .act_valid_i,
    .act_ready_o,
    .act_i,
    .key_valid_i,
    .key_ready_o,
    .key_i,
    .scale_valid_i,
    .scale_ready_o,
    .scale_i,
    .out_valid_o,
    .out_ready_i,
    .out_o,
    .idle_o
  );

endmodule : small_matrix_unit

// SPDX-License-Identifier: Apache-2.0
//
// A place where a bug can be: changes one bit of a signal if its number is the selected one. Modes as
// those of Yosys' `mutate`: inverted, stuck at 0, stuck at 1, inverted while another bit of the signal is
// 0, or 1. For simulation only (tools/mutation/plant_bugs.py).
package lutsim_mutation_pkg;
  int unsigned selected;
endpackage : lutsim_mutation_pkg

module lutsim_mutation #(
  parameter int unsigned Number     = 1,
  parameter int unsigned Mode       = 0,
  parameter int unsigned Width      = 1,
  parameter int unsigned Bit        = 0,
  parameter int unsigned ControlBit = 0
) (
  input  logic [Width-1:0] signal_i,
  output logic [Width-1:0] signal_o
);

  logic value;

  always_comb begin
    case (Mode)
      0:       value = !signal_i[Bit];
      1:       value = 1'b0;
      2:       value = 1'b1;
      3:       value = signal_i[Bit] ^ !signal_i[ControlBit];
      default: value = signal_i[Bit] ^ signal_i[ControlBit];
    endcase
    signal_o = signal_i;
    if (lutsim_mutation_pkg::selected == Number) begin
      signal_o[Bit] = value;
    end
  end

endmodule : lutsim_mutation

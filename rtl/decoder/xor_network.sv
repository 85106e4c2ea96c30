// SPDX-License-Identifier: Apache-2.0
//
// The XOR trees of the weight decoder: each of NOut bits is the parity of the stored bits that its
// row of the matrix taps. Combinational. tap_i holds NStages + 1 blocks of NIn stored bits, the
// present one lowest, the one s blocks ago at s * NIn.
module xor_network #(
  parameter int unsigned NIn     = 8,
  parameter int unsigned NOut    = 80,
  parameter int unsigned NStages = 2,
  parameter logic [xor_code_pkg::MatrixBits-1:0] Matrix = xor_code_pkg::Matrix
) (
  input  logic [NIn*(NStages+1)-1:0] tap_i,
  output logic [NOut-1:0]            bit_o
);

  localparam int unsigned Rows      = xor_code_pkg::Rows;
  localparam int unsigned Stages    = xor_code_pkg::Stages;
  localparam int unsigned StageTaps = xor_code_pkg::StageTaps;

  if (NIn < 1 || NIn > StageTaps) begin : gen_in_check
    $fatal(1, "xor_network: NIn must be 1 to 16");
  end
  if (NOut < 1 || NOut > Rows) begin : gen_out_check
    $fatal(1, "xor_network: NOut must be 1 to 256");
  end
  if (NStages >= Stages) begin : gen_stages_check
    $fatal(1, "xor_network: NStages must be 0 to 3");
  end

  for (genvar r = 0; r < NOut; r++) begin : gen_row
    logic [NIn*(NStages+1)-1:0] tapped;

    for (genvar s = 0; s <= NStages; s++) begin : gen_stage
      assign tapped[s*NIn+:NIn] =
          tap_i[s*NIn+:NIn] & Matrix[(r*Stages+s)*StageTaps+:NIn];
    end
    assign bit_o[r] = ^tapped;
  end

endmodule : xor_network

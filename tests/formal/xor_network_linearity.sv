// SPDX-License-Identifier: Apache-2.0
//
// The weight decoder is linear, for all stored blocks and all contents of the shift register:
// zero decodes to zero, and decode(a xor e) = decode(a) xor decode(e) for every a and every e with one
// bit set. Bit by bit of b follows decode(a xor b) = decode(a) xor decode(b). (Asked for all pairs a, b
// at once, solvers need a time exponential in the number of taps.) Codes 8/40/1 and 5/13/2.
//
// prove: sources rtl/gen/xor_code_pkg.sv rtl/decoder/xor_network.sv
// prove: every_state 1
// prove: gates
// prove: mutant rtl/decoder/xor_network.sv s/= ^tapped/= |tapped/
// prove: mutant rtl/decoder/xor_network.sv s/= ^tapped;/= ^tapped ^ \&tap_i[1:0];/
module xor_network_linearity (
  input logic [15:0] a_i
);

  localparam int unsigned Taps    = 16;  // of 8/40/1
  localparam int unsigned OddTaps = 15;  // of 5/13/2

  logic [39:0] of_a, of_zero;
  logic [12:0] odd_of_a, odd_of_zero;

  xor_network #(.NIn(8), .NOut(40), .NStages(1)) u_a (.tap_i(a_i), .bit_o(of_a));
  xor_network #(.NIn(8), .NOut(40), .NStages(1)) u_zero (.tap_i('0), .bit_o(of_zero));
  xor_network #(.NIn(5), .NOut(13), .NStages(2)) u_odd_a (.tap_i(a_i[OddTaps-1:0]), .bit_o(odd_of_a));
  xor_network #(.NIn(5), .NOut(13), .NStages(2)) u_odd_zero (.tap_i('0), .bit_o(odd_of_zero));

  always_comb begin
    assert (of_zero == '0);
    assert (odd_of_zero == '0);
  end

  for (genvar i = 0; i < Taps; i++) begin : gen_bit
    localparam logic [Taps-1:0] Single = Taps'(1) << i;
    logic [39:0] of_e, of_sum;

    xor_network #(.NIn(8), .NOut(40), .NStages(1)) u_e (.tap_i(Single), .bit_o(of_e));
    xor_network #(.NIn(8), .NOut(40), .NStages(1)) u_sum (.tap_i(a_i ^ Single), .bit_o(of_sum));
    always_comb assert (of_sum == (of_a ^ of_e));
  end

  for (genvar i = 0; i < OddTaps; i++) begin : gen_odd_bit
    localparam logic [OddTaps-1:0] Single = OddTaps'(1) << i;
    logic [12:0] of_e, of_sum;

    xor_network #(.NIn(5), .NOut(13), .NStages(2)) u_e (.tap_i(Single), .bit_o(of_e));
    xor_network #(.NIn(5), .NOut(13), .NStages(2)) u_sum (
      .tap_i(a_i[OddTaps-1:0] ^ Single),
      .bit_o(of_sum)
    );
    always_comb assert (of_sum == (odd_of_a ^ of_e));
  end

endmodule : xor_network_linearity

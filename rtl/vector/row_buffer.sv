// SPDX-License-Identifier: Apache-2.0
//
// The elements of a row, a beat in a word: one write and one read port, the read word is registered.
//
// Latency: 1 cycle from address to word. Throughput: 1 beat a cycle in and one out.
module row_buffer #(
  parameter int unsigned Width    = 128,
  parameter int unsigned Depth    = 64,
  parameter int unsigned AddrBits = 6
) (
  input  logic                clk_i,

  input  logic                write_i,
  input  logic [AddrBits-1:0] write_addr_i,
  input  logic [Width-1:0]    data_i,

  input  logic                read_i,
  input  logic [AddrBits-1:0] read_addr_i,
  output logic [Width-1:0]    data_o
);

  logic [Width-1:0] word_q [Depth];

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      word_q[write_addr_i] <= data_i;
    end
    if (read_i) begin
      data_o <= word_q[read_addr_i];
    end
  end

endmodule : row_buffer

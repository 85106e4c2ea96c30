// SPDX-License-Identifier: Apache-2.0
//
// Shifts the leading one of `value_i` to the most significant bit; `shift_o` is how far. A binary
// search: level s moves by 2^s when the top 2^s bits are zero. `value_i` = 0 gives `value_o` = 0.
// Combinational.
module normalizer #(
  parameter int unsigned Width     = 28,
  parameter int unsigned ShiftBits = 5
) (
  input  logic [Width-1:0]     value_i,
  output logic [Width-1:0]     value_o,
  output logic [ShiftBits-1:0] shift_o
);

  if (2**ShiftBits < Width || 2**(ShiftBits-1) >= Width) begin : gen_shift_bits_check
    $fatal(1, "normalizer: ShiftBits must be ceil(log2(Width))");
  end

  always_comb begin : binary_search
    value_o = value_i;
    shift_o = '0;
    for (int unsigned s = ShiftBits; s > 0; s--) begin
      if ((value_o >> (Width - 2**(s-1))) == '0) begin
        value_o        = value_o << 2**(s-1);
        shift_o[s-1] = 1'b1;
      end
    end
  end

endmodule : normalizer

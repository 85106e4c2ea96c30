// SPDX-License-Identifier: Apache-2.0
//
// The normaliser, for every value of 28 and of 13 bits (a width that is no power of two):
//   - the result is the value shifted left by the announced distance, and no bit is lost;
//   - the leading bit of the result is set unless the value is 0.
//
// prove: sources rtl/arithmetic/normalizer.sv
// prove: sat 1
// prove: mutant rtl/arithmetic/normalizer.sv s/s > 0; s--/s > 1; s--/
// prove: mutant rtl/arithmetic/normalizer.sv s/Width - 2\*\*(s-1)/Width - 2**(s-1) - 1/
module normalizer_shift (
  input logic [27:0] wide_i,
  input logic [12:0] narrow_i
);

  logic [27:0] wide;
  logic [4:0]  wide_shift;
  logic [12:0] narrow;
  logic [3:0]  narrow_shift;

  normalizer #(
    .Width    (28),
    .ShiftBits(5)
  ) u_wide (
    .value_i(wide_i),
    .value_o(wide),
    .shift_o(wide_shift)
  );

  normalizer #(
    .Width    (13),
    .ShiftBits(4)
  ) u_narrow (
    .value_i(narrow_i),
    .value_o(narrow),
    .shift_o(narrow_shift)
  );

  always_comb begin
    assert (wide == wide_i << wide_shift);
    assert (wide >> wide_shift == wide_i);
    assert (wide[27] == (wide_i != '0));
    assert (narrow == narrow_i << narrow_shift);
    assert (narrow >> narrow_shift == narrow_i);
    assert (narrow[12] == (narrow_i != '0));
  end

endmodule : normalizer_shift

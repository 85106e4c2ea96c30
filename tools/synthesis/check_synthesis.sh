#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_synthesis.sh [RTL_DIR]: is the RTL synthesizable?
#
#   - Yosys reads every block of RTL_DIR/matrix and synthesises the matrix unit in a small geometry;
#   - no latch, no net with several drivers or none;
#   - the same of the weight decoder, as it is by default;
#   - the LUT generator for mu = 4 has exactly 14 adders (docs/units/matrix.md, "Half LUT").
#
# Exit status: 0 holds, 1 does not, 77 Yosys is not installed (CTest reports "skipped").
set -u

here=$(cd "$(dirname "$0")" && pwd)
rtl=${1:-$here/../../rtl}
log=$(mktemp -d) || exit 1
trap 'rm -rf "$log"' EXIT

if ! command -v yosys >/dev/null 2>&1; then
  echo "skipped: yosys is not installed"
  exit 77
fi

failed=0
fail() {
  echo "FAILED: $1"
  failed=1
}

# `synth -noshare`: the SAT-based resource sharing takes minutes on the floating-point data path.
# -defer: blocks are elaborated with the parameters of the unit only.
yosys -p "
  read_verilog -sv -defer $rtl/gen/lutsim_pkg.sv $rtl/matrix/*.sv $here/small_matrix_unit.sv
  hierarchy -check -top small_matrix_unit
  proc
  tee -o $log/latches select -list t:\$dlatch t:\$adlatch t:\$dlatchsr
  tee -o $log/check check
  synth -noshare -top small_matrix_unit
  tee -o $log/gates stat
  tee -o $log/check_gates check
" >"$log/synthesis" 2>&1 || {
  tail -n 5 "$log/synthesis"
  fail "Yosys does not synthesise the matrix unit"
  exit 1
}

for file in "$rtl"/matrix/*.sv; do
  block=$(basename "$file" .sv)
  grep -Eq "^Checking module .*\b$block\.\.\.$" "$log/check" || fail "$block is in no netlist"
done
if grep -v '^$' "$log/latches" | grep -q . || grep -q 'DLATCH' "$log/gates"; then
  fail "latches:"
  cat "$log/latches"
fi
# "used but has no driver", "multiple conflicting drivers", "found logic loop".
for stage in check check_gates; do
  if ! grep -q '^Found and reported 0 problems' "$log/$stage"; then
    fail "Yosys' check of the $stage netlist:"
    grep -i 'warning' "$log/$stage"
  fi
done

# The weight decoder: its own folder, its own package.
yosys -p "
  read_verilog -sv -defer $rtl/gen/xor_code_pkg.sv $rtl/decoder/*.sv
  hierarchy -check -top xor_decoder
  proc
  tee -o $log/decoder_check check
  synth -noshare -flatten -top xor_decoder
  tee -o $log/decoder_gates stat
  tee -o $log/decoder_check_gates check
" >"$log/synthesis" 2>&1 || {
  tail -n 5 "$log/synthesis"
  fail "Yosys does not synthesise the weight decoder"
}
if grep -q 'DLATCH' "$log/decoder_gates"; then fail "latches in the weight decoder"; fi
for stage in decoder_check decoder_check_gates; do
  grep -q '^Found and reported 0 problems' "$log/$stage" || fail "Yosys' check of the $stage netlist"
done

yosys -p "
  read_verilog -sv $rtl/gen/lutsim_pkg.sv $rtl/matrix/lut_generator.sv
  hierarchy -check -top lut_generator
  proc; opt
  tee -o $log/generator stat
" >"$log/synthesis" 2>&1 || fail "Yosys does not read lut_generator"
cells() { awk -v type="$1" '$1 == type { n += $2 } END { print n + 0 }' "$log/generator"; }
adders=$(($(cells '$add') + $(cells '$sub') + $(cells '$alu') + $(cells '$macc')))
[ "$adders" -eq 14 ] || fail "the LUT generator has $adders adders, not 14"

count() { awk '/Number of cells:/ { n = $4 } END { print n }' "$log/$1"; }
gates=$(count gates)
echo "weight decoder: $(count decoder_gates) gates with its default parameters"
echo "matrix unit: $gates gates in the small geometry; LUT generator: $adders adders and" \
  "$(cells '$neg') negations"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_synthesis.sh [RTL_DIR]: is the RTL synthesizable?
#
#   - Yosys reads every block of RTL_DIR and synthesises: the matrix unit with each engine in its small
#     odd geometry, the weight decoder, the tops small_*.sv of this folder (floating-point blocks in
#     every format, the vector unit's blocks);
#   - no latch, no net with several drivers or none, no logic loop;
#   - every block is in one of these netlists;
#   - the LUT generator for mu = 4 has exactly 14 adders (docs/units/matrix.md, "Sums").
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

# synthesise NAME TOP PACKAGE FILE...: FILEs are read beside the blocks.
# `synth -noshare`: the SAT-based resource sharing takes minutes on the floating-point data path.
# -defer: blocks are elaborated with the parameters of their parent only.
synthesise() {
  name=$1 top=$2 package=$3
  shift 3
  yosys -p "
    read_verilog -sv -defer $package $rtl/gen/xor_code_pkg.sv $rtl/gen/function_rom.sv \
      $rtl/arithmetic/*.sv $rtl/matrix/*.sv $rtl/vector/*.sv $rtl/decoder/*.sv $*
    hierarchy -check -top $top
    proc
    tee -o $log/latches select -list t:\$dlatch t:\$adlatch t:\$dlatchsr
    tee -o $log/check check
    synth -noshare -top $top
    tee -o $log/gates stat
    tee -o $log/check_gates check
  " >"$log/synthesis" 2>&1 || {
    tail -n 5 "$log/synthesis"
    fail "Yosys does not synthesise $name"
    return
  }
  cat "$log/check" >>"$log/checked_modules"
  if grep -v '^$' "$log/latches" | grep -q . || grep -q 'DLATCH' "$log/gates"; then
    fail "latches in $name:"
    cat "$log/latches"
  fi
  # "used but has no driver", "multiple conflicting drivers", "found logic loop".
  for stage in check check_gates; do
    if ! grep -q '^Found and reported 0 problems' "$log/$stage"; then
      fail "Yosys' check of the $stage netlist of $name:"
      grep -i 'warning' "$log/$stage"
    fi
  done
  echo "$name: $(awk '/Number of cells:/ { n = $4 } END { print n }' "$log/gates") gates"
}

for config in odd odd-fp odd-ifpu odd-figna odd-lut-f odd-lut-i; do
  sh "$here/package_of.sh" "$config" "$rtl" >"$log/package.sv"
  synthesise "matrix_unit of $config" matrix_unit "$log/package.sv"
done
synthesise xor_decoder xor_decoder "$rtl/gen/lutsim_pkg.sv"
for wrapper in "$here"/small_*.sv; do
  synthesise "$(basename "$wrapper" .sv)" "$(basename "$wrapper" .sv)" "$rtl/gen/lutsim_pkg.sv" \
    "$wrapper"
done

for file in "$rtl"/arithmetic/*.sv "$rtl"/matrix/*.sv "$rtl"/vector/*.sv "$rtl"/decoder/*.sv; do
  block=$(basename "$file" .sv)
  grep -Eq "^Checking module .*\b$block(\.\.\.$|\\\\)" "$log/checked_modules" ||
    fail "$block is in no netlist"
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
echo "LUT generator: $adders adders and $(cells '$neg') negations"
exit $failed

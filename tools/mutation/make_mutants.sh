#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make_mutants.sh FOLDER TOP PREFIX COUNT [-GNAME=VALUE...] -- CHECKED... -- FILE.sv...
#
# Makes one Verilated model of TOP that holds up to COUNT bugs and runs with one of them or none. Yosys
# draws the bugs from the netlist, after it has removed what no output depends on. A wrapper with the
# name, the parameters and the ports of TOP asks lutsim_selected_mutant() for a number, so that the C++
# class is the one of the block itself. CHECKED are the modules that have a check of their own.
#
# Leaves in FOLDER: design.il (the netlist without bugs), assumed.il (the same, with what the block asks
# of its inputs, for proofs), mutations.txt (line N is bug N, a command of
# Yosys), PREFIX.h and PREFIX_all.cpp (everything that Verilator wrote).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1 top=$2 prefix=$3 count=$4
shift 4
chparam=
generics=
while [ "$1" != -- ]; do
  assignment=${1#-G}
  chparam="$chparam -set ${assignment%%=*} ${assignment#*=}"
  generics="$generics $1"
  shift
done
shift
checked=
while [ "$1" != -- ]; do
  checked="$checked $1"
  shift
done
shift

rm -rf "$folder"
mkdir -p "$folder"
sources=
packages=
for file in "$@"; do
  sources="$sources $file"
  case $file in */"$top.sv") block=$file ;; esac
  case $file in *_pkg.sv) packages="$packages $file" ;; esac
done
or_show_log() { cat "$folder/log" >&2; exit 1; }

# netlist OUT FILE.sv...: -defer: children get the parameters of this top. They are set before
# `hierarchy`: its own -chparam derives some modules twice and stops (Yosys 0.23). No further
# optimisation: it drives vectors in pieces.
netlist() {
  out=$1
  shift
  yosys -q -p "
    read_verilog -sv -defer $*
    ${chparam:+chparam $chparam \$abstract\\$top; rename \$abstract\\$top $top}
    hierarchy -check -top $top
    rename -top ${top}_mutated
    proc; opt_expr; opt_clean
    write_rtlil $out" >"$folder/log" 2>&1 || or_show_log
}
# shellcheck disable=SC2086
netlist "$folder/design.il" $sources
assumed="$folder/assumed_$top.sv"
python3 "$here/assume_inputs.py" "$block" >"$assumed"
# shellcheck disable=SC2046,SC2086
netlist "$folder/assumed.il" $(for file in $sources; do
  if [ "$file" = "$block" ]; then echo "$assumed"; else echo "$file"; fi
done)
# shellcheck disable=SC2086
modules=$(python3 "$here/plant_bugs.py" modules "$folder/design.il" "${top}_mutated" $checked)
{
  echo "read_rtlil $folder/design.il"
  printf 'mutate -list %s -seed 1 -o %s %s\n' "$count" "$folder/drawn.txt" "$modules"
} >"$folder/draw.ys"
yosys -q -s "$folder/draw.ys" >"$folder/log" 2>&1 || or_show_log
python3 "$here/plant_bugs.py" plant "$folder/design.il" "$folder/drawn.txt" "$folder/mutated.il" \
  "$folder/mutations.txt"
{
  sed -n "/^module $top\b/,/^);/p" "$block"
  cat <<END
  import "DPI-C" function int unsigned lutsim_selected_mutant();
  initial lutsim_mutation_pkg::selected = lutsim_selected_mutant();
  ${top}_mutated u_mutated (.*);
endmodule
END
} >"$folder/$top.sv"

# The netlist is not written to please a linter, but a loop would be simulated wrongly. Vectors that are
# driven in pieces look like loops to Verilator: they become pieces or, where that is not enough, bits.
verilated_with() {
  yosys -q -p "read_rtlil $folder/mutated.il; $1; write_verilog -noattr $folder/mutated.v" \
    >"$folder/log" 2>&1 || return
  # shellcheck disable=SC2086
  verilator --cc --top-module "$top" --prefix "$prefix" --Mdir "$folder" -O3 -Wno-lint -Wno-style \
    -Werror-UNOPTFLAT $generics $packages "$here/lutsim_mutation.sv" "$folder/$top.sv" \
    "$folder/mutated.v" >"$folder/log" 2>&1
}
verilated_with 'splitnets -driver' || verilated_with splitnets || or_show_log

(cd "$folder" && for file in "$prefix"*.cpp; do echo "#include \"$file\""; done) >"$folder/all"
mv "$folder/all" "$folder/${prefix}_all.cpp"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# make_mutants.sh FOLDER TOP PREFIX COUNT [-GNAME=VALUE...] -- FILE.sv...
#
# Makes one Verilated model of TOP that holds COUNT bugs and runs with one of them or none. Yosys draws
# the bugs from the netlist after it has removed what no output depends on, and guards each with an
# input of its own number. A wrapper with the name, the parameters and the ports of TOP asks
# lutsim_selected_mutant() which number to give, so that the C++ class is the one of the block itself.
#
# Leaves in FOLDER: design.il (the netlist without bugs), mutations.txt (line N is bug N, a command of
# Yosys), PREFIX.h and PREFIX_all.cpp (everything that Verilator wrote).
set -eu

folder=$1 top=$2 prefix=$3 count=$4
shift 4
chparam=
generics=
while [ "$1" != -- ]; do
  assignment=${1#-G}
  chparam="$chparam -chparam ${assignment%%=*} ${assignment#*=}"
  generics="$generics $1"
  shift
done
shift

rm -rf "$folder"
mkdir -p "$folder"
sources=
header=
for file in "$@"; do
  case $file in *.sv) sources="$sources $file" ;; esac
  case $file in */"$top.sv") header=$file ;; esac
  case $file in */lutsim_pkg.sv) package=$file ;; esac
done

# -defer: children get the parameters of this top. `prep` removes cells without a reader.
yosys -q -p "
  read_verilog -sv -defer $sources
  hierarchy -check -top $top $chparam
  rename -top ${top}_mutated
  prep -top ${top}_mutated
  write_rtlil $folder/design.il
  mutate -list $count -seed 1 -o $folder/mutations.txt" >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }

# 16 bits number more bugs than anybody lists.
{
  echo "read_rtlil $folder/design.il"
  awk '{ print $0 " -ctrl mutant_i 16 " NR }' "$folder/mutations.txt"
  echo "write_verilog -noattr $folder/mutated.v"
} >"$folder/mutate.ys"
yosys -q -s "$folder/mutate.ys" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }

{
  sed -n "/^module $top\b/,/^);/p" "$header"
  cat <<END
  import "DPI-C" function int unsigned lutsim_selected_mutant();
  logic [15:0] mutant_i;
  initial mutant_i = 16'(lutsim_selected_mutant());
  ${top}_mutated u_mutated (.*);
endmodule
END
} >"$folder/$top.sv"

# The netlist is not written to please a linter.
# shellcheck disable=SC2086
verilator --cc --top-module "$top" --prefix "$prefix" --Mdir "$folder" -O3 -Wno-lint -Wno-style \
  -Wno-fatal $generics "$package" "$folder/$top.sv" "$folder/mutated.v" >"$folder/log" 2>&1 ||
  { cat "$folder/log" >&2; exit 1; }

(cd "$folder" && for file in "$prefix"*.cpp; do echo "#include \"$file\""; done) >"$folder/all"
mv "$folder/all" "$folder/${prefix}_all.cpp"

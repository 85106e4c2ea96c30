#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# cross_check.sh [WORK_DIR]: does another simulator see the same transitions? Runs the gates of the FP16 adder
# with the cell models of the library in Icarus Verilog, on the operands that lutsim_characterize used, and
# compares the number of transitions of all nets and the results.
#
# WORK_DIR holds fp16_add.json, fp16_add.vectors (hexadecimal a, b, sum of each operation) and
# fp16_add.transitions, which lutsim_characterize leaves there.
#
# Exit status: 0 equal, 1 not, 77 a tool, the library or the files are missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=${1:-$here/../../runs/characterize}
cells=/usr/share/qflow/tech/osu018/osu018_stdcells.v
for needed in "$cells" "$work/fp16_add.json" "$work/fp16_add.vectors"; do
  if [ ! -f "$needed" ]; then
    echo "skipped: $needed is missing"
    exit 77
  fi
done
if ! command -v iverilog >/dev/null 2>&1; then
  echo "skipped: iverilog is not installed"
  exit 77
fi

out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
yosys -q -p "read_json $work/fp16_add.json; flatten; write_verilog -noattr $out/gates.v"
count=$(wc -l <"$work/fp16_add.vectors")
cat >"$out/bench.v" <<END
\`timescale 1ns/1ps
module bench;
  reg [47:0] vectors [0:$count-1];
  reg [15:0] a, b;
  wire [15:0] y;
  integer i, wrong;
  operation dut (.a_i(a), .b_i(b), .y_o(y));
  initial begin
    \$readmemh("$work/fp16_add.vectors", vectors);
    wrong = 0;
    for (i = 0; i < $count; i = i + 1) begin
      {a, b} = vectors[i][47:16];
      #50;
      if (y !== vectors[i][15:0]) wrong = wrong + 1;
      // The first operation starts from unknown values.
      if (i == 0) begin
        \$dumpfile("$out/trace.vcd");
        \$dumpvars(0, dut);
      end
      #50;
    end
    \$display("wrong %0d", wrong);
    \$finish;
  end
endmodule
END
iverilog -g2012 -o "$out/bench" "$out/bench.v" "$out/gates.v" "$cells" 2>"$out/warnings"
"$out/bench" >"$out/log"
# Value changes after the initial dump of the operands and of every gate's output.
seen=$(awk '
  /^\$scope/ { depth++ }
  /^\$upscope/ { depth-- }
  /^\$var/ && ((depth == 2 && ($5 == "a_i" || $5 == "b_i")) || $5 == "Y") { width[$4] = $3 }
  /^\$dumpvars/ { initial = 1; next }
  /^\$end/ { initial = 0; next }
  function changes(id, bits,   n, i) {
    if (!(id in width)) return 0
    n = 0
    while (length(bits) < width[id]) bits = "0" bits
    for (i = 1; i <= length(bits); i++) if (substr(bits, i, 1) != substr(held[id], i, 1)) n++
    held[id] = bits
    return initial ? 0 : n
  }
  /^[01xz]/ { total += changes(substr($0, 2), substr($0, 1, 1)) }
  /^b/ { total += changes($2, substr($1, 2)) }
  END { print total + 0 }' "$out/trace.vcd")
ours=$(cat "$work/fp16_add.transitions")
wrong=$(awk '$1 == "wrong" { print $2 }' "$out/log")
echo "fp16_add, $count operations: Icarus Verilog sees $seen transitions, lutsim_characterize $ours; $wrong wrong results"
[ "$seen" = "$ours" ] && [ "$wrong" = 0 ]

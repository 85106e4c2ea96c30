#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check_geometry.sh [RTL_DIR]: the structure of FIGLUT's array (arXiv 2503.06862, III-E and IV), counted in
# the elaborated netlist of configuration `default`, whose array is that of figlut-lut-i:
#
#   - 14 additions in a LUT generator of mu = 4, one generator for each of 16 columns;
#   - 8 entries in the registers of a half LUT;
#   - 16,384 one-bit lanes: readers times mu. At 100 MHz and 4-bit weights that is 0.819 TOPS.
#
# Exit status: 0 holds, 1 does not, 77 Yosys is not installed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
rtl=${1:-$here/../../rtl}
log=$(mktemp -d) || exit 1
trap 'rm -rf "$log"' EXIT

if ! command -v yosys >/dev/null 2>&1; then
  echo "skipped: yosys is not installed"
  exit 77
fi

# Modules stay modules: what is counted once in a module is multiplied by its instances. A lane is a reader
# of lut_pe, known by its key register of mu bits.
yosys -q -p "
  read_verilog -sv -defer $rtl/gen/lutsim_pkg.sv $rtl/arithmetic/*.sv $rtl/matrix/*.sv
  hierarchy -check -top matrix_unit
  proc
  write_json $log/netlist.json" >"$log/log" 2>&1 || {
  tail -n 5 "$log/log"
  exit 1
}
python3 - "$log/netlist.json" <<'END'
import json
import sys

modules = json.load(open(sys.argv[1], encoding="utf-8"))["modules"]


def named(part):
    return [name for name in modules if part in name]


def cells(module):
    return modules[module]["cells"].values()


def instances(module, wanted):
    """Cells of a type that `wanted` accepts below `module`."""
    count = 0
    for cell in cells(module):
        if wanted(module, cell):
            count += 1
        if cell["type"] in modules:
            count += instances(cell["type"], wanted)
    return count


def registers(cell, width):
    return cell["type"] in ("$dff", "$dffe") and len(cell["connections"]["Q"]) == width


top = named("matrix_unit")[0]
pe, generator = named("lut_pe")[0], named("lut_generator")
generator = [name for name in generator if "fp_" not in name][0]
mu, entry_bits = 4, 18
found = {
    "additions of a LUT generator": sum(c["type"] in ("$add", "$sub") for c in cells(generator)),
    "LUT generators": instances(top, lambda _, c: c["type"] == generator),
    "entries of a half LUT": sum(registers(c, entry_bits) for c in cells(pe)),
    "one-bit lanes": mu * instances(top, lambda m, c: m == pe and registers(c, mu)),
}
expected = {
    "additions of a LUT generator": 14,
    "LUT generators": 16,
    "entries of a half LUT": 8,
    "one-bit lanes": 16384,
}
for what, count in found.items():
    print(f"{what}: {count}" + ("" if count == expected[what] else f", expected {expected[what]}"))
lanes = found["one-bit lanes"]
print(f"peak at 100 MHz and 4 bits: {2 * lanes / 4 * 100e6 / 1e12:.3f} TOPS")
sys.exit(found != expected)
END

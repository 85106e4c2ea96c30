#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh [RTL_DIR]: `verilator --lint-only -Wall` with every block of RTL_DIR as the top.
# Exit status: 0 no warning, 1 warnings.
set -u

here=$(cd "$(dirname "$0")" && pwd)
rtl=${1:-$here/../../rtl}
failed=0
blocks=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/gen"

for file in "$rtl"/arithmetic/*.sv "$rtl"/matrix/*.sv "$rtl"/vector/*.sv "$rtl"/decoder/*.sv; do
  block=$(basename "$file" .sv)
  # Rows of one engine need its parameters.
  case $block in
    fp_row) config=odd-fp ;;
    add_sub_row) config=odd-ifpu ;;
    integer_row) config=odd-figna ;;
    *) config=default ;;
  esac
  sh "$here/package_of.sh" "$config" "$rtl" >"$work/gen/lutsim_pkg.sv"
  verilator --lint-only -Wall --assert --top-module "$block" \
    "$rtl/lint/waivers.vlt" "$work/gen/lutsim_pkg.sv" "$rtl/gen/xor_code_pkg.sv" \
    "$rtl/gen/function_rom.sv" "$rtl"/arithmetic/*.sv "$rtl"/matrix/*.sv "$rtl"/vector/*.sv \
    "$rtl"/decoder/*.sv || failed=1
  blocks=$((blocks + 1))
done
[ "$blocks" -gt 1 ] || failed=1
echo "$blocks blocks linted"
exit $failed

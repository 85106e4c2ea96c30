#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# count_gates.sh: synthesises every block of rtl/ with Yosys and writes tools/synthesis/block_gates.json, from
# which docs/blocks.md is generated. Minutes; run it when a block has changed much, then build the
# target `regenerate`. Gates are Yosys' generic cells (two-input gates, multiplexers, flip-flops): good to
# compare blocks, not an area.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

# Blocks whose default parameters take too long, or say too little.
parameters() {
  case $1 in
    lut_row) echo "RacsPerLut=8 ArrayCols=4 LanesK=16" ;;
    pre_aligner) echo "LanesK=16" ;;
    output_lane) echo "PsumDepth=8 AddrBits=3" ;;
  esac
}

# The configuration whose parameters are the defaults: rows of one engine need that engine's.
configuration() {
  case $1 in
    fp_row) echo odd-fp ;;
    add_sub_row) echo odd-ifpu ;;
    integer_row) echo odd-figna ;;
    matrix_unit) echo odd ;;
    *) echo default ;;
  esac
}

{
  echo '{'
  separator=
  for file in "$root"/rtl/[!gl]*/*.sv; do
    block=$(basename "$file" .sv)
    given=$(parameters "$block")
    config=$(configuration "$block")
    sh "$here/package_of.sh" "$config" "$root/rtl" >"$log/package.sv"
    # shellcheck disable=SC2086
    yosys -q -p "
      $(sh "$here/script_of.sh" counted "$log/package.sv" "$root/rtl" "$block" - $given)
      tee -o $log/stat stat" >"$log/log" 2>&1 || { tail -n 5 "$log/log" >&2; exit 1; }
    gates=$(awk '/Number of cells:/ { n = $4 } END { print n + 0 }' "$log/stat")
    registers=$(awk '$1 ~ /DFF/ { n += $2 } END { print n + 0 }' "$log/stat")
    if [ "$config" != default ]; then given="those of $config"; fi
    printf '%s  "%s": {"parameters": "%s", "gates": %s, "registers": %s}' "$separator" "$block" \
      "$given" "$gates" "$registers"
    separator=',
'
    echo "$block: $gates" >&2
  done
  printf '\n}\n'
} >"$log/json"
mv "$log/json" "$here/block_gates.json"

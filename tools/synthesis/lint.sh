#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# lint.sh [RTL_DIR]: `verilator --lint-only -Wall` with every block of RTL_DIR/matrix and
# RTL_DIR/decoder as the top.
# Exit status: 0 no warning, 1 warnings.
set -u

here=$(cd "$(dirname "$0")" && pwd)
rtl=${1:-$here/../../rtl}
failed=0
blocks=0
for unit in matrix decoder; do
  for file in "$rtl/$unit"/*.sv; do
    verilator --lint-only -Wall --assert --top-module "$(basename "$file" .sv)" \
      "$rtl/lint/waivers.vlt" "$rtl"/gen/*.sv "$rtl/$unit"/*.sv || failed=1
    blocks=$((blocks + 1))
  done
done
[ "$blocks" -gt 1 ] || failed=1
echo "$blocks blocks linted"
exit $failed

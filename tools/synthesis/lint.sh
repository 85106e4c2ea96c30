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
# Packages come before their readers.
sources=$(ls "$rtl"/gen/*_pkg.sv && ls "$rtl"/gen/function_rom.sv "$rtl"/arithmetic/*.sv \
  "$rtl"/matrix/*.sv "$rtl"/vector/*.sv "$rtl"/decoder/*.sv)
for file in "$rtl"/arithmetic/*.sv "$rtl"/matrix/*.sv "$rtl"/vector/*.sv "$rtl"/decoder/*.sv; do
  # shellcheck disable=SC2086  # a list of files
  verilator --lint-only -Wall --assert --top-module "$(basename "$file" .sv)" \
    "$rtl/lint/waivers.vlt" $sources || failed=1
  blocks=$((blocks + 1))
done
[ "$blocks" -gt 1 ] || failed=1
echo "$blocks blocks linted"
exit $failed

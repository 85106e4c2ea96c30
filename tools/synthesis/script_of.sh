#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# script_of.sh TOP PACKAGE RTL_DIR BLOCK [PARTS [PARAMETER=VALUE]...]: prints the Yosys script that makes gates
# of BLOCK, as module TOP. One definition, for the count of gates (count_gates.sh) and for the proof that
# they equal the RTL (tests/formal/prove.sh). The last line is the synthesis, the lines before it are the
# elaboration.
#
# PACKAGE: the file with lutsim_pkg, see package_of.sh.
# PARTS: blocks below BLOCK, separated by commas, that stay instances with nothing in them; "-": none.
# `synth -noshare`: the SAT-based resource sharing takes minutes on the floating-point data path.
set -eu

top=$1 package=$2 rtl=$3 block=$4 parts=${5:--}
shift 4
[ $# -eq 0 ] || shift

echo "read_verilog -sv -defer $package $rtl/gen/xor_code_pkg.sv $rtl/gen/function_rom.sv $rtl/[!gl]*/*.sv"
printf 'hierarchy -check -top %s' "$block"
for assignment in "$@"; do
  printf ' -chparam %s %s' "${assignment%%=*}" "${assignment#*=}"
done
echo
# A module that was given parameters is called $paramod...\BLOCK, with \PARAMETERS behind it or not.
if [ "$parts" != - ]; then
  for part in $(echo "$parts" | tr ',' ' '); do
    # shellcheck disable=SC1003
    printf 'blackbox *%s *%s%s*\n' "$part" "$part" '\\'
  done
fi
echo "rename -top $top"
echo "synth -noshare -flatten -top $top"

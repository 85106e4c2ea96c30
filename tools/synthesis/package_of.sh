#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# package_of.sh CONFIG [RTL_DIR]: prints lutsim_pkg with the parameters of a verilated configuration
# (rtl/gen/rtl_configs.cmake), so that the tools that cannot override the parameters of a top with
# children, as Yosys 0.23, elaborate the matrix unit in that geometry.
set -eu

config=$1
rtl=${2:-$(dirname "$0")/../../rtl}
script=$(awk -v set="set(LUTSIM_RTL_ARGS_$config" '
  $0 == set { wanted = 1; next }
  wanted {
    ends = /\)$/
    gsub(/^ *-G|\)$/, "")
    split($0, part, "=")
    print "s/\\(unsigned " part[1] " .*= \\)[0-9]*;/\\1" part[2] ";/"
    if (ends) exit
  }' "$rtl/gen/rtl_configs.cmake")
if [ -z "$script" ]; then
  echo "package_of.sh: $config is no configuration of rtl/gen/rtl_configs.cmake" >&2
  exit 2
fi
sed "$script" "$rtl/gen/lutsim_pkg.sv"

# SPDX-License-Identifier: Apache-2.0
#
# awk -f join_registers.awk GATES.blif NETLIST.blif: NETLIST with those registers joined that are one in GATES.
#
# A register X was made an output X.d, its input, and an input X.q, its output. Two registers of GATES whose
# inputs are the same signal hold the same value: Yosys made one of them, with both names. In NETLIST their
# outputs are joined, while the input of each stays to be compared: that they are the same is so proved,
# by induction, and not assumed.

function register(output) {
  return substr(output, 1, length(output) - 1) "q"
}

# Buffers of GATES: ".names SOURCE TARGET", then "1 1".
FNR == NR && /^\.names/ {
  source = NF == 3 ? $2 : ""
  target = $3
  next
}
FNR == NR {
  if (source != "" && $0 == "1 1") source_of[target] = source
  source = ""
  next
}

FNR == 1 {
  for (target in source_of) {
    if (target !~ /\.d$/) continue
    signal = target
    while (signal in source_of) signal = source_of[signal]
    if (signal in first) joined[register(target)] = register(first[signal])
    else first[signal] = target
  }
}
/^\.inputs/ {
  line = ".inputs"
  for (i = 2; i <= NF; i++) if (!($i in joined)) line = line " " $i
  print line
  next
}
/^\.end/ {
  for (name in joined) print ".names " joined[name] " " name "\n1 1"
}
{ print }

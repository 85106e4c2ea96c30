# SPDX-License-Identifier: Apache-2.0
#
# awk -f join_registers.awk GATES.blif RTL.blif NETLIST.blif: NETLIST, one of the two, made comparable to the
# other. A register X is cut there: X.d, its input, is an output and X.q, its output, an input.
#
# - Two registers of GATES whose inputs are the same signal hold the same value: Yosys made one of them,
#   with both names. Their outputs are joined, while the input of each stays to be compared: that they are
#   the same in RTL too is so proved, by induction, and not assumed.
# - A register that RTL alone has is one that the gates do without. Its output stays an input of both, so
#   the proof is for any value that it may hold.

function pin(name, letter) {
  return substr(name, 1, length(name) - 1) letter
}

FNR == 1 { file++ }

# Buffers of GATES: ".names SOURCE TARGET", then "1 1".
file == 1 && /^\.inputs/ { for (i = 2; i <= NF; i++) in_gates[$i] }
file == 1 && /^\.names/ {
  source = NF == 3 ? $2 : ""
  target = $3
  next
}
file == 1 {
  if (source != "" && $0 == "1 1") source_of[target] = source
  source = ""
  next
}

file == 2 {
  if (/^\.inputs/) for (i = 2; i <= NF; i++) if ($i ~ /\.q$/ && !($i in in_gates)) rtl_only[$i]
  next
}

FNR == 1 {
  for (target in source_of) {
    if (target !~ /\.d$/) continue
    signal = target
    while (signal in source_of) signal = source_of[signal]
    if (signal in first) joined[pin(target, "q")] = pin(first[signal], "q")
    else first[signal] = target
  }
}
/^\.inputs/ {
  line = ".inputs"
  for (i = 2; i <= NF; i++) if (!($i in joined) && !($i in rtl_only)) line = line " " $i
  for (name in rtl_only) line = line " " name
  print line
  next
}
/^\.outputs/ {
  line = ".outputs"
  for (i = 2; i <= NF; i++) if (!($i ~ /\.[dc]$/ && pin($i, "q") in rtl_only)) line = line " " $i
  print line
  next
}
/^\.end/ {
  for (name in joined) print ".names " joined[name] " " name "\n1 1"
}
{ print }

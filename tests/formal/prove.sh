#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# prove.sh [--list | --campaign] [NAME...]: proves properties of the RTL, those of the test suite or those
# named.
#
# A proof is a file of this folder, NAME.sv, a module NAME with `assert` in it that instantiates the blocks,
# or a line of gates.txt, which says that the gates that Yosys makes of a block equal its RTL. Lines of the
# header of NAME.sv that begin with "prove:" say what to do:
#
#   prove: sources FILE...      what to read beside it, from the root of the tree;
#                               rtl/gen/lutsim_pkg.sv is always read
#   prove: sat N                as every_state, by Yosys' own solver, which is much quicker at arithmetic
#   prove: every_state N        N cycles from every state, reachable or not, of the registers without an
#                               initial value; complete where no assertion looks back further
#   prove: induction N          N cycles from the initial values, then induction over N: complete
#   prove: bounded N            N cycles from the initial values, and nothing beyond
#   prove: combinational        no state: complete, by the SAT solver of Yosys, gate by gate
#   prove: gates                (beside one of the above) solve gates instead of words
#   prove: mutant FILE SCRIPT   a bug, as a sed script for FILE, with which the proof must fail
#
# A proof runs in a copy of rtl/ and its own file, so that a mutant can be planted. plain/rtl is a copy
# that never has a mutant: gates are made from there. Every proof needs a mutant: what cannot fail proves
# nothing. To add one, write the file or the line; CTest finds it when CMake runs again. --list gives the
# proofs of the test suite, --campaign the others, which take longer and run when they are named.
#
# One line a proof: name, engine, depth, seconds of the proof, PROVED or FAILED, mutants refuted.
# PROVE_SECONDS (default 120) of CPU time limit each run of an engine. Exit status: 0 all proved and all mutants
# refuted, 1 not, 2 usage, 77 Yosys, its ABC or a solver (z3, cvc5, cvc4) is not installed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/tools/synthesis
limit=${PROVE_SECONDS:-120}

# limited COMMAND...: in CPU time, so that no proof fails because the machine is busy.
# shellcheck disable=SC3045  # dash, bash, ksh and busybox have `ulimit -t`
limited() { (ulimit -t "$limit" && exec "$@"); }

# names KIND: the proofs of the test suite ("proof") or of the campaign.
names() {
  {
    awk -v kind="$1" '$1 == kind { print $2 }' "$here/gates.txt"
    if [ "$1" = proof ]; then (cd "$here" && ls -- *.sv) | sed 's/\.sv$//'; fi
  } | sort
}

wanted=
for argument in "$@"; do
  case $argument in
    --list)
      names proof
      exit 0
      ;;
    --campaign)
      names campaign
      exit 0
      ;;
    -*)
      echo "usage: $0 [--list | --campaign] [NAME...]" >&2
      exit 2
      ;;
    *)
      if ! { names proof && names campaign; } | grep -qxF -- "$argument"; then
        echo "$0: no proof is called '$argument'; there are: $(names proof | tr '\n' ' ')" >&2
        exit 2
      fi
      wanted="$wanted $argument"
      ;;
  esac
done

solver=
for candidate in z3 cvc5 cvc4; do
  if command -v "$candidate" >/dev/null 2>&1; then
    solver=$candidate
    break
  fi
done
if ! command -v yosys-smtbmc >/dev/null 2>&1 || ! command -v yosys-abc >/dev/null 2>&1 || [ -z "$solver" ]; then
  echo "skipped: yosys-smtbmc, yosys-abc or a solver (z3, cvc5, cvc4) is not installed"
  exit 77
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# field FILE KEY: what follows "prove: KEY" in the header, one line each.
field() { sed -n "s,^// prove: $2 *,,p" "$1"; }

# Runs in a folder with rtl/, plain/ and the proof. Status: 0 it holds, 1 there is a counterexample, 3
# the engine gave neither.
smtbmc() {
  limited yosys-smtbmc -s "$solver" --noprogress "$@" proof.smt2 >>log 2>&1
  grep '^##.*Status:' log | tail -n 1 >status
  if grep -qi 'status: passed' status; then return 0; fi
  if grep -qi 'status: failed' status; then return 1; fi
  return 3
}

# For wide shifts, on which an SMT solver finds no end.
run_gates() {
  limited yosys -q -p "
    read_verilog -formal -DSYNTHESIS -sv rtl/gen/lutsim_pkg.sv $(field proof.sv sources | tr '\n' ' ') proof.sv
    hierarchy -check -top $name
    prep -flatten -top $name
    opt -full
    chformal -early
    techmap
    opt -full
    tee -o sat.log sat -verify -prove-asserts" >>log 2>&1
  cat sat.log >>log
  if grep -q 'implicitly declared' log; then return 3; fi
  if grep -q 'SAT proof finished - no model found: SUCCESS' log; then return 0; fi
  if grep -q 'SAT proof finished - model found: FAIL' log; then return 1; fi
  return 3
}

run_sat() {
  limited yosys -q -p "
    read_verilog -formal -DSYNTHESIS -sv rtl/gen/lutsim_pkg.sv $(field proof.sv sources | tr '\n' ' ') proof.sv
    hierarchy -check -top $name
    prep -flatten -top $name
    select -assert-min 1 t:\$assert
    memory_map
    opt -full
    async2sync
    sat -verify -prove-asserts -tempinduct-baseonly -maxsteps $depth -set-def-inputs $name" >>log 2>&1
  status=$?
  if grep -q 'implicitly declared' log; then return 3; fi
  if [ "$status" -eq 0 ]; then return 0; fi
  if grep -q 'proof did fail' log; then return 1; fi
  return 3
}

run_module() {
  case $mode in
    combinational)
      run_gates
      return
      ;;
    sat)
      run_sat
      return
      ;;
  esac
  gates=
  if grep -q '^// prove: gates' proof.sv; then gates='simplemap; opt -full'; fi
  # SYNTHESIS leaves out the assertions of the blocks themselves, which Yosys cannot parse.
  limited yosys -q -p "
    read_verilog -formal -DSYNTHESIS -sv rtl/gen/lutsim_pkg.sv $(field proof.sv sources | tr '\n' ' ') proof.sv
    hierarchy -check -top $name
    prep -flatten -top $name
    memory_map
    opt -full
    $gates
    async2sync
    dffunmap
    write_smt2 -wires proof.smt2" >>log 2>&1 || return 3
  # A name that a parser does not know becomes a wire of its own, and an assertion about it nonsense.
  if grep -q 'implicitly declared' log; then return 3; fi
  if [ "$mode" != induction ]; then
    smtbmc -t "$depth"
    return
  fi
  smtbmc -t "$depth" || return
  # Induction that does not go through is no counterexample.
  smtbmc -i -t "$depth" || return 3
}

# mutants_of: "FILE SCRIPT", one line each.
mutants_of() {
  if [ "$kind" = sv ]; then
    field "$here/$name.sv" mutant
  else
    awk -v name="$name" '$1 != "mutant" { ours = $2 == name; next } ours' "$here/gates.txt" | sed 's/^ *mutant *//'
  fi
}

# Gates equal the RTL: the registers are cut on both sides, matched by name, and the combinational logic
# between them is proved equal with ABC, which finds equal signals within first and so ends on arithmetic
# where `equiv_simple`, a SAT solver for each bit, does not.
run_gates_equal() {
  read -r config block parts parameters <entry
  for side in rtl gates; do
    tree=$([ "$side" = rtl ] && echo rtl || echo plain/rtl)
    sh "$tools/package_of.sh" "$config" "$tree" >"$side.sv" || return 3
    # shellcheck disable=SC2086
    sh "$tools/script_of.sh" "$side" "$side.sv" "$tree" "$block" "$parts" $parameters >"$side.ys" || return 3
  done
  # -nofsm: in another encoding of the states no register has its counterpart. Blocks without a state machine
  # are synthesised as they are counted.
  #
  # Registers with enable or synchronous reset become plain ones, because synthesis infers others than the
  # RTL writes. `opt` takes away registers that hold a constant, as synthesis does. A bit that nothing
  # drives, and an x, is 0 on both sides. splitnets: registers are matched bit by bit, counted from 0: where
  # synthesis narrows a signal, it forgets that its lowest index was another.
  common='setundef -undriven -zero
    setundef -zero
    opt_clean
    write_rtlil split.il
    exec -- sed -i "/^  wire /s/ offset [0-9]*//" split.il
    design -reset
    read_rtlil split.il
    splitnets -ports'
  limited yosys -q -p "
    $(sed 's/^synth /synth -nofsm /' gates.ys)
    dffunmap
    simplemap
    $common
    design -stash gates
    design -reset
    $(sed '$d' rtl.ys)
    prep -flatten -nordff -top rtl
    memory_map
    techmap
    opt -full
    dffunmap
    simplemap
    $common
    design -stash rtl
    design -reset
    design -copy-from rtl =*
    design -copy-from gates gates
    expose -evert -dff -shared -evert-dff gates rtl
    expose -dff -evert-dff rtl
    opt_clean -purge
    select -assert-none rtl/t:*dff* rtl/t:*DFF* gates/t:*dff* gates/t:*DFF*
    aigmap rtl gates
    design -save both
    delete gates
    hierarchy -top rtl
    write_blif rtl.blif
    design -load both
    delete rtl
    hierarchy -top gates
    write_blif gates.blif" >>log 2>&1 || return 3
  for side in rtl gates; do
    awk -f "$here/join_registers.awk" gates.blif rtl.blif "$side.blif" >"$side.joined.blif" || return 3
  done
  limited yosys-abc -c 'cec rtl.joined.blif gates.joined.blif' >>log 2>&1
  if grep -q 'Networks are equivalent' log; then return 0; fi
  if grep -q 'Networks are NOT EQUIVALENT' log; then return 1; fi
  return 3
}

# attempt [FILE SCRIPT]: the proof in a fresh folder, with a mutant if one is given.
attempt() {
  rm -rf "$work/run"
  mkdir -p "$work/run/plain"
  cp -R "$root/rtl" "$work/run/rtl"
  cp -R "$root/rtl" "$work/run/plain/rtl"
  cd "$work/run" || exit 1
  if [ "$kind" = sv ]; then
    cp "$here/$name.sv" proof.sv
  else
    awk -v name="$name" '$1 != "mutant" && $2 == name { $1 = $2 = ""; print }' "$here/gates.txt" >entry
  fi
  : >log
  if [ $# -gt 0 ]; then
    sed "$2" "$1" >mutant || return 3
    if cmp -s mutant "$1"; then
      echo "the mutant changes nothing in $1: $2" >>log
      return 3
    fi
    cp mutant "$1"
  fi
  if [ "$kind" = sv ]; then run_module; else run_gates_equal; fi
}

failed=0
# report DEPTH SECONDS VERDICT
report() {
  printf '%-28s %-16s %-24s %4s s  %s\n' "$name" "$engine" "$1" "$2" "$3"
}
complain() {
  failed=1
  report "$1" "$2" "FAILED: $3"
  tail -n 12 "$work/run/log" | sed 's/^/    /'
}

for name in ${wanted:-$(names proof)}; do
  if [ -f "$here/$name.sv" ]; then
    kind=sv
    engine="smtbmc $solver"
    file=$here/$name.sv
    mode=
    for candidate in sat every_state induction bounded combinational; do
      if grep -q "^// prove: $candidate\b" "$file"; then mode=$candidate; fi
    done
    depth=$(field "$file" "$mode")
  else
    kind=gates
    engine="yosys, abc cec"
    mode=gates
  fi
  case $mode in
    sat)
      claim="complete, $depth of any state"
      engine="yosys sat"
      ;;
    every_state) claim="complete, $depth of any state" ;;
    induction) claim="complete, induction $depth" ;;
    bounded) claim="$depth cycles" ;;
    combinational)
      claim=complete
      engine="yosys sat"
      ;;
    gates) claim=complete ;;
    *)
      echo "$name: no line 'prove: sat|every_state|induction|bounded|combinational'"
      failed=1
      continue
      ;;
  esac

  begin=$(date +%s)
  attempt
  status=$?
  seconds=$(($(date +%s) - begin))
  if [ "$status" -eq 1 ]; then
    complain "$claim" "$seconds" "there is a counterexample"
    continue
  elif [ "$status" -ne 0 ]; then
    complain "$claim" "$seconds" "no result within $limit s, or an error"
    continue
  fi

  mutants_of >"$work/mutants"
  mutants=0
  refuted=0
  while read -r target script; do
    mutants=$((mutants + 1))
    attempt "$target" "$script" </dev/null
    case $? in
      1) refuted=$((refuted + 1)) ;;
      0) complain "$claim" "$seconds" "it also holds with the mutant $script of $target" ;;
      *) complain "$claim" "$seconds" "no result with the mutant $script of $target" ;;
    esac
  done <"$work/mutants"
  if [ "$mutants" -eq 0 ]; then
    complain "$claim" "$seconds" "no mutant: nothing says that this proof can fail"
  elif [ "$mutants" -eq "$refuted" ]; then
    report "$claim" "$seconds" "PROVED, $refuted of $mutants mutants refuted"
  fi
done
exit $failed

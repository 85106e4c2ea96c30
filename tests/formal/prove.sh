#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# prove.sh [--list] [NAME...]: proves properties of the RTL, all of them or those named.
#
# A proof is a file of this folder: NAME.sv, a module NAME with `assert` in it that instantiates the
# blocks, or NAME.ys, a Yosys script that ends in `equiv_status -assert`. Lines of its header that
# begin with "prove:" say what to do:
#
#   prove: sources FILE...      (NAME.sv) what to read beside it, from the root of the tree;
#                               rtl/gen/lutsim_pkg.sv is always read
#   prove: sat N                as every_state, by Yosys' own solver, which is much quicker at arithmetic
#   prove: every_state N        N cycles from every state, reachable or not, of the registers without an
#                               initial value; complete where no assertion looks back further
#   prove: induction N          N cycles from the initial values, then induction over N: complete
#   prove: bounded N            N cycles from the initial values, and nothing beyond
#   prove: combinational        (NAME.sv) no state: complete, by the SAT solver of Yosys, gate by gate
#   prove: gates                (NAME.sv, beside one of the above) solve gates instead of words
#   prove: equivalence          (NAME.ys) complete
#   prove: mutant FILE SCRIPT   a bug, as a sed script for FILE, with which the proof must fail
#
# A proof runs in a copy of rtl/ and its own file, so that a mutant can be planted. plain/rtl is a copy
# that never has a mutant: an equivalence reads one side from there. Every proof needs a mutant: what
# cannot fail proves nothing. To add one, write the file; CTest finds it when CMake runs again.
#
# One line a proof: name, engine, depth, seconds of the proof, PROVED or FAILED, mutants refuted.
# PROVE_SECONDS (default 120) limits each run of an engine. Exit status: 0 all proved and all mutants
# refuted, 1 not, 2 usage, 77 Yosys or a solver (z3, cvc5, cvc4) is not installed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
limit=${PROVE_SECONDS:-120}

names() { (cd "$here" && ls -- *.sv *.ys 2>/dev/null) | sed 's/\.[a-z]*$//' | sort; }

wanted=
for argument in "$@"; do
  case $argument in
    --list)
      names
      exit 0
      ;;
    -*)
      echo "usage: $0 [--list] [NAME...]" >&2
      exit 2
      ;;
    *)
      if ! names | grep -qxF -- "$argument"; then
        echo "$0: no proof is called '$argument'; there are: $(names | tr '\n' ' ')" >&2
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
if ! command -v yosys-smtbmc >/dev/null 2>&1 || [ -z "$solver" ]; then
  echo "skipped: yosys-smtbmc or a solver (z3, cvc5, cvc4) is not installed"
  exit 77
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# field FILE KEY: what follows "prove: KEY" in the header, one line each.
field() { sed -n "s,^\(//\|#\) prove: $2 *,,p" "$1"; }

# Runs in a folder with rtl/, plain/ and the proof. Status: 0 it holds, 1 there is a counterexample, 3
# the engine gave neither.
smtbmc() {
  timeout "$limit" yosys-smtbmc -s "$solver" --noprogress "$@" proof.smt2 >>log 2>&1
  grep '^##.*Status:' log | tail -n 1 >status
  if grep -qi 'status: passed' status; then return 0; fi
  if grep -qi 'status: failed' status; then return 1; fi
  return 3
}

# For wide shifts, on which an SMT solver finds no end.
run_gates() {
  timeout "$limit" yosys -q -p "
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
  timeout "$limit" yosys -q -p "
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
  timeout "$limit" yosys -q -p "
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

run_script() {
  timeout "$limit" yosys -q proof.ys >>log 2>&1 && return 0
  # shellcheck disable=SC2016
  if grep -q 'unproven \$equiv cells in .equiv_status -assert' log; then return 1; fi
  return 3
}

# attempt [FILE SCRIPT]: the proof in a fresh folder, with a mutant if one is given.
attempt() {
  rm -rf "$work/run"
  mkdir -p "$work/run/plain"
  cp -R "$root/rtl" "$work/run/rtl"
  cp -R "$root/rtl" "$work/run/plain/rtl"
  cp "$here/$name.$kind" "$work/run/proof.$kind"
  cd "$work/run" || exit 1
  : >log
  if [ $# -gt 0 ]; then
    sed "$2" "$1" >mutant || return 3
    if cmp -s mutant "$1"; then
      echo "the mutant changes nothing in $1: $2" >>log
      return 3
    fi
    cp mutant "$1"
  fi
  if [ "$kind" = sv ]; then run_module; else run_script; fi
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

for name in ${wanted:-$(names)}; do
  if [ -f "$here/$name.sv" ]; then
    kind=sv
    engine="smtbmc $solver"
  else
    kind=ys
    engine="yosys equiv"
  fi
  file=$here/$name.$kind
  mode=
  for candidate in sat every_state induction bounded combinational equivalence; do
    if grep -q "^\(//\|#\) prove: $candidate\b" "$file"; then mode=$candidate; fi
  done
  depth=$(field "$file" "$mode")
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
    equivalence) claim=complete ;;
    *)
      echo "$name: no line 'prove: sat|every_state|induction|bounded|combinational|equivalence'"
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

  field "$file" mutant >"$work/mutants"
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

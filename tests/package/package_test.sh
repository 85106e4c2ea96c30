#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# package_test.sh CMAKE BUILD CONSUMER: installs, moves the installation, uses it.
set -eu
cmake=$1
build=$2
consumer=$3
scratch=$build/test_scratch/package
rm -rf "$scratch"
mkdir -p "$scratch"

"$cmake" --install "$build" --prefix "$scratch/first" >"$scratch/install.log"
mv "$scratch/first" "$scratch/moved"
lutsim=$scratch/moved/bin/lutsim

# Far from the sources: a folder of its own, no variable that points back.
cd "$scratch"
env -u LUTSIM_SHARE "$lutsim" run --model opt-125m --arch edge-chip --gpu h100-sxm --json >run.json
grep -q '"schema": "lutsim.result/1"' run.json
# The files are those of the installation: without them nothing is found.
mv moved/share moved/away
if env -u LUTSIM_SHARE LUTSIM_SHARE="$scratch/moved/share/lutsim" "$lutsim" run --model opt-125m --gpu '' --json >none.json 2>none.err; then
  echo "ran without its files" >&2
  exit 1
fi
mv moved/away moved/share
for script in share/bash-completion/completions/lutsim share/zsh/vendor-completions/_lutsim \
  share/fish/vendor_completions.d/lutsim.fish; do
  grep -q compare "moved/$script"
done
bash -n moved/share/bash-completion/completions/lutsim

"$cmake" -S "$consumer" -B consumer -DCMAKE_PREFIX_PATH="$scratch/moved" >configure.log
"$cmake" --build consumer >build.log
consumer/gpu_step >answer.txt
grep -q 'h100-sxm' answer.txt

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# browser_test.sh LUTSIM: makes reports with the command and looks at them in headless Chromium.
#
# $LUTSIM_PUPPETEER: folder of the npm package puppeteer-core 24 ("npm install puppeteer-core@24" anywhere).
# $LUTSIM_CHROMIUM: the browser, /usr/bin/chromium if absent. Exit status 77 where one is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export LUTSIM_CHROMIUM="${LUTSIM_CHROMIUM:-/usr/bin/chromium}"
command -v node >/dev/null || { echo "skipped: no node"; exit 77; }
[ -x "$LUTSIM_CHROMIUM" ] || { echo "skipped: no $LUTSIM_CHROMIUM"; exit 77; }
[ -f "${LUTSIM_PUPPETEER:-}/package.json" ] ||
  { echo "skipped: LUTSIM_PUPPETEER does not name the folder of puppeteer-core"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
"$1" run --model kjv-1m --prompt-tokens 8 --generate-tokens 2 --out "$work/run" >/dev/null
"$1" report "$work/run" >/dev/null
node "$here/made_up_sweep.mjs" "$work/sweep" 20000
"$1" report "$work/sweep" >/dev/null
cp "$here/comparison.json" "$work/"
"$1" report "$work/comparison.json" --out "$work/comparison.html" >/dev/null
exec node "$here/browser_test.mjs" "$work"

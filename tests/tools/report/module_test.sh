#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs module_test.mjs under node; exit status 77 where there is none.
command -v node >/dev/null || { echo "skipped: no node"; exit 77; }
exec node --test "$(dirname "$0")/module_test.mjs"

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""figures_page.py [--check] [--draw-only] [--lutsim PROGRAM]: docs/figures.md and the figures that it shows.

Runs `lutsim figure` for every figure of its list: some minutes, runs that are kept count. --draw-only draws from the
committed CSVs. --check writes nothing and says whether the page and the drawings are what program and scripts give now
from the committed CSVs. Exit status: 0 done or current, 1 stale or a run failed, 2 the options are wrong.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "figures.md"
IMAGES = pathlib.Path("docs/images/figures")
SWEEP = "tools/sweep/examples/small.yaml"
SWEEP_OPTIONS = ["--sweep", "DIR", "--x", "energy_j.total", "--y", "area_mm2.total", "--series", "memory.channels"]

PAGE_TEXT = """# Figures for papers

<!-- Written by tools/figure/figures_page.py; do not edit. -->
`lutsim figure NAME` runs what a figure needs, writes the numbers to one CSV, and draws it with one script:

```sh
lutsim figure ratio-map --width ieee-column --out figures    # figures/ratio-map.csv, .pdf, .svg, .png
lutsim figure engines energy area --arch my.yaml --model llama-3.1-8b --weight-bits 3
lutsim figure ratio-map --data figures/ratio-map.csv --width acm-page    # draws again, runs nothing
lutsim figure --list                                         # figures, and widths of venues
```

- **One CSV.** An observation a line, units in the names of the columns, the 90 % interval over the ranges of the constants in
  `X_low` and `X_high` ([energy](energy.md#uncertainty)). Its first lines say version and command.
- **One script.** `tools/figure/scripts/NAME.py` reads the CSV and nothing else; `style.py` beside it holds what all share. To change a figure, copy
  both, edit, and run `python3 NAME.py NAME.csv OUT --width 3.5`: lutsim is not needed.
- **Three files.** PDF with TrueType fonts (type 42, which venues ask for), SVG with text as outlines, PNG of 300 dpi; exactly as wide as asked, text
  of 7 and 8 pt, colours that are told apart with every common kind of colour blindness. The same CSV gives the same bytes, with the same version of matplotlib.
- **Runs are kept** in the user's cache (`--cache`, `$LUTSIM_CACHE`), each under everything that it depends on. An interrupted figure goes on where it
  was, and figures share runs. The folder may be removed at any time.
- `--arch`, `--set`, `--model`, `--weight-bits` and `--gpu` say what a figure is about; `--quick` takes few points. Drawing needs
  `python3-matplotlib` (tier `figures` of `tools/packages.txt`); `LUTSIM_PYTHON` names another Python that has it.

A new figure is a line in `tools/figure/figure.cpp`, a file beside it that collects the numbers, and a script: command, page and tests walk
that list.

The figures below are for the reference chip `lpddr-chip`, an assumption and no product ([reference configurations](reference_configurations.md)), with
Llama-2-7b-hf at 4 bits where nothing else is said. Every ratio is against one GPU at one precision on one line ([GPU
baseline](gpu_baseline.md)). `tools/figure/figures_page.py` makes them and this page.
"""


def lutsim(*arguments):
    done = subprocess.run([str(OPTIONS.lutsim), *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False,
                          cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"figures_page.py: lutsim {' '.join(map(str, arguments))}: status {done.returncode}")
    return done.stdout


def commands_of(name):
    """What makes a figure, a command a line."""
    if name != "sweep-front":
        return [["figure", name, "--out", str(IMAGES)]]
    return [["sweep", SWEEP, "--out", "DIR"], ["figure", name, *SWEEP_OPTIONS, "--out", str(IMAGES)]]


def page(figures):
    text = PAGE_TEXT
    for figure in figures:
        name = figure["name"]
        commands = "\n".join("lutsim " + " ".join(command) for command in commands_of(name))
        text += (f"\n## {name}\n\n![{figure['title']}](images/figures/{name}.svg)\n\n{figure['caption']}\n"
                 f"Numbers: [{name}.csv](images/figures/{name}.csv).\n\n```sh\n{commands}\n```\n")
    return text


def make(name):
    """Runs, draws, and leaves CSV and SVG."""
    with tempfile.TemporaryDirectory() as sweep:
        for command in commands_of(name):
            lutsim(*[sweep if word == "DIR" else word for word in command],
                   *(["--jobs", OPTIONS.jobs] if OPTIONS.jobs else []))
    csv = ROOT / IMAGES / f"{name}.csv"
    csv.write_text(csv.read_text().replace(sweep, "DIR"))


def draw(name, out):
    """The SVG from the committed CSV."""
    csv = ROOT / IMAGES / f"{name}.csv"
    if not csv.exists():
        sys.exit(f"{csv} is missing; run: tools/figure/figures_page.py")
    lutsim("figure", name, "--data", csv, "--out", out)
    return (pathlib.Path(out) / f"{name}.svg").read_bytes()


def main():
    figures = json.loads(lutsim("figure", "--list", "--json"))
    text = page(figures)
    stale = []
    with tempfile.TemporaryDirectory() as out:
        for figure in figures:
            name = figure["name"]
            if not OPTIONS.check and not OPTIONS.draw_only and (not OPTIONS.only or name in OPTIONS.only):
                make(name)
            drawn, committed = draw(name, out), ROOT / IMAGES / f"{name}.svg"
            if OPTIONS.check:
                if not committed.exists() or committed.read_bytes() != drawn:
                    stale.append(str(IMAGES / committed.name))
                continue
            committed.write_bytes(drawn)
            for kind in ("pdf", "png"):  # not shown on the page
                (ROOT / IMAGES / f"{name}.{kind}").unlink(missing_ok=True)
    if not OPTIONS.check:
        PAGE.write_text(text)
    elif not PAGE.exists() or PAGE.read_text() != text:
        stale.append("docs/figures.md")
    if stale:
        sys.exit(f"out of date: {', '.join(stale)}; run: tools/figure/figures_page.py --draw-only")
    return 0


def options():
    parser = argparse.ArgumentParser(description="docs/figures.md and its figures")
    parser.add_argument("--check", action="store_true", help="only say whether page and drawings are current")
    parser.add_argument("--draw-only", action="store_true", help="draw from the committed CSVs, run nothing")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="run these figures; draw all")
    parser.add_argument("--jobs", help="simulations at a time")
    parser.add_argument("--lutsim", type=pathlib.Path, default=ROOT / "build" / "release" / "lutsim",
                        help="the program (default: build/release/lutsim)")
    return parser.parse_args()


if __name__ == "__main__":
    OPTIONS = options()
    sys.exit(main())

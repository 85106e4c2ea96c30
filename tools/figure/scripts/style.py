# SPDX-License-Identifier: Apache-2.0
"""What all figures share: fonts, colours, reading the CSV, saving with bytes that repeat.

A script is called as NAME.py DATA.csv OUT [--width INCHES] and writes OUT.pdf, OUT.svg and OUT.png.
"""
import argparse
import csv
import io
import pathlib
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt  # noqa: E402
import matplotlib.ticker  # noqa: E402

TEXT_PT, SMALL_PT = 8, 7

# Okabe and Ito, Color Universal Design (2008): told apart with every common kind of colour blindness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, RED, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#999999"
HATCHES = ("", "////", "....", "\\\\\\\\", "xxxx")

# Nothing of a user's matplotlibrc: the same bytes everywhere.
matplotlib.rcdefaults()
matplotlib.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": TEXT_PT, "axes.labelsize": TEXT_PT, "axes.titlesize": TEXT_PT,
    "xtick.labelsize": SMALL_PT, "ytick.labelsize": SMALL_PT, "legend.fontsize": SMALL_PT,
    "axes.linewidth": 0.6, "grid.linewidth": 0.4, "grid.color": "#d0d0d0", "lines.linewidth": 1.1,
    "lines.markersize": 4, "hatch.linewidth": 0.5, "hatch.color": "#404040", "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "xtick.minor.width": 0.4, "ytick.minor.width": 0.4, "legend.frameon": False,
    "legend.handlelength": 1.4, "legend.handletextpad": 0.5, "legend.columnspacing": 1.0, "axes.axisbelow": True,
    "pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "lutsim", "savefig.dpi": 300})

ERROR_BAR = {"ecolor": "black", "elinewidth": 0.7, "capsize": 1.5, "capthick": 0.7}
GPU_NAMES = {"h100-sxm": "H100 SXM", "a100-80gb": "A100 80GB", "rtx-4090": "RTX 4090"}


def refuse(message):
    """The CSV is wrong."""
    print(message, file=sys.stderr)
    sys.exit(2)


class Row(dict):
    """A line of the CSV: row["text"], row.number("column"), row.interval("column")."""

    def __missing__(self, column):
        refuse(f"column '{column}' is missing; there are: {', '.join(self)}")

    def number(self, column):
        """The number, NaN for an empty cell."""
        text = self[column]
        try:
            return float(text) if text else float("nan")
        except ValueError:
            return refuse(f"column '{column}': '{text}' is not a number")

    def interval(self, column):
        """Distances from the value down to its low and up to its high."""
        value = self.number(column)
        return value - self.number(column + "_low"), self.number(column + "_high") - value

    def yes(self, column):
        return self[column] == "true"


def read(path):
    """Rows of a CSV; lines that begin with '#' are comments."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        refuse(f"cannot be read: {error.strerror}")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    rows = [Row(row) for row in csv.DictReader(io.StringIO("\n".join(lines)))]
    if not rows:
        refuse("holds no rows")
    if any(None in row or None in row.values() for row in rows):
        refuse("a row has another number of cells than there are columns")
    return rows


def errors(rows, column):
    """Lower and upper error bars of a column, for matplotlib."""
    return list(zip(*(row.interval(column) for row in rows)))


def distinct(rows, column):
    """The texts of a column, each once, in their order."""
    return list(dict.fromkeys(row[column] for row in rows))


def gpu_name(name):
    return GPU_NAMES.get(name, name)


def count(number):
    """4 for "4.0"."""
    return f"{float(number):g}"


def plain_log_axis(axis, values):
    """A logarithmic axis with numbers people read: 1, 2 and 5 times the powers of ten."""
    low, high = min(values), max(values)
    ticks = [digit * 10.0**power for power in range(-6, 7) for digit in (1, 2, 5)]
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_ticks([tick for tick in ticks if low <= tick <= high])
    axis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def legend_above(figure, handles, ncols):
    """One legend over all panels; the panels keep clear of it."""
    legend = figure.legend(handles=handles, loc="upper center", ncols=ncols, borderaxespad=0.1)
    height = legend.get_window_extent(figure.canvas.get_renderer()).height / figure.bbox.height
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - height))


def save(figure, stem):
    """The three files. Nothing in them tells when they were made, and their width is the figure's."""
    figure.savefig(f"{stem}.pdf", metadata={"CreationDate": None, "Creator": "lutsim"})
    figure.savefig(f"{stem}.svg", metadata={"Date": None, "Creator": "lutsim"})
    figure.savefig(f"{stem}.png", metadata={"Software": "lutsim"})
    plt.close(figure)


def main(draw, description):
    """Reads the command line, calls draw(rows, width in inches), saves what it returns."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="CSV of `lutsim figure`")
    parser.add_argument("out", help="name of the files without their endings")
    parser.add_argument("--width", type=float, default=3.33, help="inches (default: 3.33, an ACM column)")
    options = parser.parse_args()
    save(draw(read(options.data), options.width), options.out)

# SPDX-License-Identifier: Apache-2.0
"""Tornado: the ratio of tokens per joule when one constant, or one cause, goes through its range."""
import math

import style

CLAIM = 8
PREFIXES = ((1, ""), (1e-3, "m"), (1e-6, "\u00b5"), (1e-9, "n"), (1e-12, "p"), (1e-15, "f"))


def quantity(value, row):
    if row.number("constants_together") > 0:
        return f"\u00d7{value:.2g}"
    if row["unit"] == "1/J":
        return f"{value:.2g}"
    for factor, prefix in PREFIXES:
        if value == 0 or value >= factor * 0.9995:
            return f"{value / factor:.3g} {prefix}{row['unit']}"
    return f"{value:.2g} {row['unit']}"


def label(row):
    """The name, and how many constants a cause moves together."""
    together = row.number("constants_together")
    return row["constant"] + (f" (all {together:g})" if together else "")


def draw(rows, width):
    rows = rows[::-1]
    first = rows[0]
    figure, axes = style.plt.subplots(figsize=(width, 0.75 + 0.24 * len(rows)), layout="constrained")
    centre = first.number("ratio")
    for i, row in enumerate(rows):
        for column, colour, value in (("ratio_at_low", style.SKY, "low"), ("ratio_at_high", style.ORANGE, "high")):
            end = row.number(column)
            axes.barh(i, end - centre, 0.62, left=centre, color=colour, edgecolor="black", linewidth=0.4,
                      label=f"at its {value}" if i == 0 else None)
            axes.annotate(quantity(row.number(value), row), (end, i), xytext=(2 if end >= centre else -2, 0),
                          textcoords="offset points", ha="left" if end >= centre else "right", va="center", fontsize=6,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})
    axes.axvline(centre, color="black", linewidth=0.7)
    axes.axvline(CLAIM, color=style.RED, linestyle="--", linewidth=1, zorder=0.5, label=f"ratio = {CLAIM}")
    axes.set_yticks(range(len(rows)), [label(row) for row in rows], fontsize=6.5)
    ends = [row.number(column) for row in rows for column in ("ratio_at_low", "ratio_at_high")]
    room = 0.3 * (max(ends) - min(ends))
    axes.set_xlim(max(0, math.floor(min(ends) - room)), max(ends) + room)
    axes.set_xlabel(f"tokens/J over {style.gpu_name(first['gpu'])} {first['precision'].upper()}, {first['line']}")
    axes.grid(axis="x")
    style.legend_above(figure, axes.get_legend_handles_labels()[0], 3)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

# SPDX-License-Identifier: Apache-2.0
"""Designs of a sweep by two metrics, and the front of the two."""
import style
from matplotlib.lines import Line2D

LOOKS = ((style.BLUE, "o"), (style.RED, "s"), (style.GREEN, "^"), (style.PURPLE, "D"), (style.ORANGE, "v"),
         (style.SKY, "P"))
LABELS = {"energy_j.total": "energy, J", "time_s.total": "time, s", "time_s.tpot": "time of a token, s",
          "area_mm2.total": "area, mm\u00b2", "power_w.average": "power, W", "throughput.tokens_per_s": "tokens / s",
          "efficiency.tokens_per_j": "tokens / J",
          "comparison.power_efficiency_ratio": "tokens/J over the GPU of the sweep"}
FIRST_METRIC = 4  # columns before the metrics: series, feasible, front, sweep_front


def draw(rows, width):
    columns = list(rows[0])
    x, y = columns[FIRST_METRIC], columns[FIRST_METRIC + 3]
    figure, axes = style.plt.subplots(figsize=(width, 2.6), layout="constrained")
    handles = []
    for i, series in enumerate(style.distinct(rows, "series")):
        colour, marker = LOOKS[i % len(LOOKS)]
        for is_front in (False, True):
            points = [row for row in rows if row["series"] == series and row.yes("sweep_front") == is_front]
            axes.errorbar([row.number(x) for row in points], [row.number(y) for row in points], marker=marker,
                          color=colour if is_front else "#b0b0b0", markeredgecolor=colour, markeredgewidth=0.6,
                          markerfacecolor=colour if is_front else "white", linestyle="", markersize=3.5,
                          elinewidth=0.4, ecolor=colour + ("a0" if is_front else "50"),
                          xerr=style.errors(points, x) if points else None,
                          yerr=style.errors(points, y) if points else None)
        if series:
            handles.append(Line2D([], [], color=colour, marker=marker, linestyle="", label=series))
    front = sorted((row.number(x), row.number(y)) for row in rows if row.yes("front"))
    # A step between two designs: with less of x there is nothing better in y than the one before it.
    where = "post" if rows[0]["x_better"] == "less" else "pre"
    axes.step([p[0] for p in front], [p[1] for p in front], where=where, color="black", linewidth=0.8, zorder=0)
    handles.append(Line2D([], [], color="black", linewidth=0.8, label="front of the two"))
    handles.append(Line2D([], [], color="black", marker="o", linestyle="", label="on the sweep's front"))
    axes.set_xlabel(LABELS.get(x, x))
    axes.set_ylabel(LABELS.get(y, y))
    axes.grid()
    style.legend_above(figure, handles, 2)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

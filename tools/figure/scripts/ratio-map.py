# SPDX-License-Identifier: Apache-2.0
"""Power efficiency over a GPU by batch and context, with the contour at 8 and those of its interval."""
import math

import style
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

CONTOUR = 8
LINES = (("ratio", "solid", "ratio"), ("ratio_low", "dashed", "its 5 %"), ("ratio_high", "dotted", "its 95 %"))


def grid(rows, column, batches, contexts):
    values = {(row.number("batch"), row.number("context")): row.number(column) for row in rows}
    return [[values[b, c] for b in batches] for c in contexts]


def crosses(rows, column, precision):
    """Whether some cells of a map lie below the contour and some above."""
    known = [row.number(column) for row in rows if row["precision"] == precision and row[column]]
    return min(known) < CONTOUR < max(known)


def draw_map(axes, rows, norm):
    batches = sorted({row.number("batch") for row in rows})
    contexts = sorted({row.number("context") for row in rows})
    at_x, at_y = range(len(batches)), range(len(contexts))
    axes.set_facecolor("white")
    axes.patch.set(hatch="////", edgecolor="#808080")
    ratios = grid(rows, "ratio", batches, contexts)
    mesh = axes.pcolormesh(at_x, at_y, ratios, norm=norm, cmap="cividis", shading="nearest", linewidth=0)
    for j, line in enumerate(ratios):
        for i, ratio in enumerate(line):
            if not math.isnan(ratio):
                dark = norm(ratio) < 0.55
                axes.text(i, j, f"{ratio:.2g}", ha="center", va="center", fontsize=6, color="white" if dark else "black")
    for column, dashes, _ in LINES:
        values = grid(rows, column, batches, contexts)
        if crosses(rows, column, rows[0]["precision"]) and len(at_x) > 1 and len(at_y) > 1:
            axes.contour(at_x, at_y, values, levels=[CONTOUR], colors=[style.RED], linestyles=[dashes], linewidths=1.4)
    axes.set_xticks(at_x, [f"{b:g}" for b in batches])
    axes.set_yticks(at_y, [f"{c:g}" for c in contexts])
    axes.set_xlabel("sequences")
    first = rows[0]
    axes.set_title(f"{style.gpu_name(first['gpu'])} {first['precision'].upper()}, {first['line']}",
                   fontsize=style.SMALL_PT)
    return mesh


def draw(rows, width):
    precisions = style.distinct(rows, "precision")
    known = [row.number("ratio") for row in rows if row["ratio"]]
    norm = LogNorm(min(known), max(known))
    figure, panels = style.plt.subplots(1, len(precisions), figsize=(width, 2.5), sharey=True, layout="constrained",
                                        squeeze=False)
    for axes, precision in zip(panels[0], precisions):
        mesh = draw_map(axes, [row for row in rows if row["precision"] == precision], norm)
    panels[0][0].set_ylabel("context, tokens")
    bar = figure.colorbar(mesh, ax=list(panels[0]), location="bottom", aspect=45, pad=0.02, shrink=0.95)
    bar.set_label("tokens/J of the chip over the GPU's")
    ticks = [tick for tick in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24) if min(known) <= tick <= max(known)]
    bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    bar.minorticks_off()
    handles = [Line2D([], [], color=style.RED, linestyle=dashes, label=f"{name} = {CONTOUR}")
               for column, dashes, name in LINES if any(crosses(rows, column, p) for p in precisions)]
    handles.append(Patch(facecolor="white", edgecolor="#808080", hatch="////", label="no room"))
    style.legend_above(figure, handles, 4)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

# SPDX-License-Identifier: Apache-2.0
"""Perplexity over that of the unquantised model against the energy of a token, by weight bits."""
import style
from matplotlib.lines import Line2D

LOOKS = ((style.BLUE, "o"), (style.RED, "s"), (style.GREEN, "^"), (style.PURPLE, "D"))


def draw(rows, width):
    figure, axes = style.plt.subplots(figsize=(width, 2.6), layout="constrained")
    handles = []
    for (colour, marker), model in zip(LOOKS, style.distinct(rows, "model")):
        for device in style.distinct(rows, "device"):
            points = [row for row in rows if row["model"] == model and row["device"] == device]
            points.sort(key=lambda row: row.number("energy_mj_per_token"))
            is_gpu = points[0]["line"] != ""
            axes.errorbar([row.number("energy_mj_per_token") for row in points],
                          [row.number("perplexity_ratio") for row in points],
                          xerr=style.errors(points, "energy_mj_per_token"), color=colour, marker=marker,
                          markerfacecolor="white" if is_gpu else colour, linestyle=":" if is_gpu else "-",
                          elinewidth=0.7, capsize=1.5)
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="", label=model))
    # One set of labels beside the points that lie highest: bits are the same for all models.
    top = max(rows, key=lambda row: row.number("perplexity_ratio"))["model"]
    for row in rows:
        if row["model"] == top:
            name = row["precision"].upper() if row["line"] else f"{style.count(row['weight_bits'])} bits"
            axes.annotate(name, (row.number("energy_mj_per_token"), row.number("perplexity_ratio")), xytext=(4, 3),
                          textcoords="offset points", fontsize=style.SMALL_PT)
    gpu = next(row for row in rows if row["line"])
    chip = next(row for row in rows if not row["line"])
    handles += [Line2D([], [], color="black", marker="o", label=chip["device"]),
                Line2D([], [], color="black", marker="o", markerfacecolor="white", linestyle=":",
                       label=f"{style.gpu_name(gpu['device'])}, {gpu['line']}")]
    axes.set_yscale("log")
    axes.margins(y=0.12)
    ticks = (1, 1.2, 1.5, 2, 3)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    style.plain_log_axis(axes.xaxis, [row.number("energy_mj_per_token" + end) for row in rows for end in ("_low", "_high")])
    axes.set_xlabel("mJ / token")
    axes.set_ylabel("perplexity over unquantised")
    axes.grid()
    style.legend_above(figure, handles, 3)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

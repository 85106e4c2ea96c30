# SPDX-License-Identifier: Apache-2.0
"""What the units do during one layer of a decode step, by operator."""
import style
from matplotlib.patches import Patch, Rectangle

COLOURS = {"matmul": style.BLUE, "attention_score": style.RED, "softmax": style.GREY, "attention_value": style.ORANGE,
           "rms_norm": style.GREEN, "layer_norm": style.GREEN, "rope": style.YELLOW, "kv_append": style.PURPLE,
           "add": style.SKY}
SPARE = (style.BLACK, style.YELLOW, style.GREEN)
BOX = 0.8  # of a lane


def colours_of(kinds):
    spare = list(SPARE)
    return {kind: COLOURS.get(kind) or (spare.pop(0) if spare else "#d0d0d0") for kind in kinds}


def name_of(lane):
    """Operators that overlap on a unit lie on several lanes; the first one has its name."""
    unit, _, further = lane.partition(" ")
    return "" if further else unit.replace("_", " ")


def draw(rows, width):
    lanes = style.distinct(sorted(rows, key=lambda row: (row["unit"].startswith("dma"), row["unit"])), "unit")
    colours = colours_of(style.distinct(rows, "kind"))
    window = rows[0].number("window_us")
    figure, axes = style.plt.subplots(figsize=(width, 0.9 + 0.24 * len(lanes)), layout="constrained")
    for row in rows:
        begin, end = max(row.number("begin_us"), 0), min(row.number("end_us"), window)
        lane, colour = lanes.index(row["unit"]), colours[row["kind"]]
        length = row.number("end_us") - row.number("begin_us")
        busy = row.number("busy_us") / row.number("channels") / length if length > 0 else 1
        axes.add_patch(Rectangle((begin, lane + BOX / 2 - BOX * busy), end - begin, BOX * busy, facecolor=colour,
                                 linewidth=0))
        axes.add_patch(Rectangle((begin, lane - BOX / 2), end - begin, BOX, fill=False, edgecolor=colour,
                                 linewidth=0.4))
    axes.set_xlim(0, window)
    axes.set_ylim(len(lanes) - 0.45, -0.55)
    axes.set_yticks(range(len(lanes)), [name_of(lane) for lane in lanes])
    axes.set_xlabel("\u00b5s from the beginning of the layer")
    handles = [Patch(facecolor=colour, label=kind.replace("_", " ")) for kind, colour in colours.items()]
    style.legend_above(figure, handles, 3)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

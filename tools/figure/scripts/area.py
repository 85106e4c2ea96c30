# SPDX-License-Identifier: Apache-2.0
"""Area of a chip by part with each engine, and of its matrix unit alone."""
import style

CHIP = {"dram_interface": style.BLUE, "sram": style.SKY, "matrix": style.RED, "vector": style.GREEN,
        "dma": style.YELLOW, "command": style.BLACK}
MATRIX = {"matrix.align": style.PURPLE, "matrix.dequantizer": style.YELLOW, "matrix.lut_generator": style.SKY,
          "matrix.lut": style.BLUE, "matrix.rac": style.ORANGE, "matrix.lanes": style.RED,
          "matrix.scale_accumulate": style.GREEN, "matrix.psum": style.GREY}


def name_of(part):
    return part.replace("matrix.", "").replace("_", " ").replace("dram", "DRAM").replace("sram", "SRAM")


def stack(axes, engines, areas, colours, error):
    """Bars of parts, with the interval of the row `error`, which is their sum."""
    left, handles = dict.fromkeys(engines, 0), []
    for part, colour in colours.items():
        widths = [areas[engine][part].number("area_mm2") if part in areas[engine] else 0 for engine in engines]
        handles.append(axes.barh(range(len(engines)), widths, 0.66, left=list(left.values()), color=colour,
                                 edgecolor="black", linewidth=0.4, label=name_of(part)))
        for engine, width in zip(engines, widths):
            left[engine] += width
    totals = [areas[engine][error] for engine in engines]
    axes.errorbar([row.number("area_mm2") for row in totals], range(len(engines)),
                  xerr=style.errors(totals, "area_mm2"), fmt="none", **style.ERROR_BAR)
    axes.set_yticks(range(len(engines)), engines)
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.45, 1), ncols=3, borderaxespad=0.2,
                columnspacing=0.8)


def draw(rows, width):
    engines = style.distinct(rows, "engine")
    areas = {engine: {row["part"]: row for row in rows if row["engine"] == engine} for engine in engines}
    figure, (chip, matrix) = style.plt.subplots(2, 1, figsize=(width, 4.2), layout="constrained")
    known = {*CHIP, *MATRIX, "total"}
    if further := [part for part in style.distinct(rows, "part") if part not in known]:
        style.refuse(f"parts that have no colour: {', '.join(further)}")
    stack(chip, engines, areas, CHIP, "total")
    chip.set_xlabel("chip, mm\u00b2")
    stack(matrix, engines, areas, MATRIX, "matrix")
    matrix.set_xlabel("matrix unit, mm\u00b2")
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

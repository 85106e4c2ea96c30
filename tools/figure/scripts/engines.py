# SPDX-License-Identifier: Apache-2.0
"""Five engines on one chip by weight bits: tokens per joule of the whole, energy of the matrix unit."""
import style

COLOURS = {"fp": style.GREY, "ifpu": style.SKY, "figna": style.GREEN, "lut-f": style.ORANGE, "lut-i": style.BLUE}


def draw(rows, width):
    figure, (whole, matrix) = style.plt.subplots(2, 1, figsize=(width, 3.3), sharex=True, layout="constrained")
    bits = sorted({row.number("weight_bits") for row in rows}, reverse=True)
    engines = style.distinct(rows, "engine")
    bar = 0.8 / len(engines)
    for i, engine in enumerate(engines):
        of_engine = [row for row in rows if row["engine"] == engine]
        at = [bits.index(row.number("weight_bits")) + (i - (len(engines) - 1) / 2) * bar for row in of_engine]
        look = {"color": COLOURS.get(engine, style.BLACK), "hatch": style.HATCHES[i % len(style.HATCHES)],
                "edgecolor": "black", "linewidth": 0.4, "error_kw": style.ERROR_BAR}
        for axes, column in ((whole, "tokens_per_j"), (matrix, "matrix_mj_per_token")):
            axes.bar(at, [row.number(column) for row in of_engine], bar, yerr=style.errors(of_engine, column),
                     label=engine, **look)
    whole.set_ylabel("tokens / J\n(chip and DRAM)")
    matrix.set_ylabel("mJ / token\n(matrix unit)")
    style.plain_log_axis(matrix.yaxis, [row.number("matrix_mj_per_token" + end) for row in rows for end in ("_low", "_high")])
    matrix.set_xticks(range(len(bits)), [f"{b:g} bits" for b in bits])
    for axes in (whole, matrix):
        axes.grid(axis="y")
    style.legend_above(figure, whole.get_legend_handles_labels()[0], len(engines))
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

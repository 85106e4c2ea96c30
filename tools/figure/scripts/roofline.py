# SPDX-License-Identifier: Apache-2.0
"""Roofline: operations a second against operations for a byte of DRAM, roofs of memory and matrix unit."""
import style

LOOKS = ((style.BLUE, "o"), (style.RED, "s"), (style.GREEN, "^"))


def draw(rows, width):
    figure, axes = style.plt.subplots(figsize=(width, 2.7), layout="constrained")
    intensities = [row.number("operations_per_byte") for row in rows]
    low, high = min(intensities) / 2, max(intensities) * 2.5
    bandwidth = rows[0].number("memory_gb_per_s") / 1e3  # TB/s: 1e12 operations a second for one an octet
    peaks = []
    for (colour, marker), bits in zip(LOOKS, style.distinct(rows, "weight_bits")):
        of_bits = [row for row in rows if row["weight_bits"] == bits]
        peak = of_bits[0].number("peak_tera_operations_per_s")
        peaks.append(peak)
        name = f"{style.count(bits)}-bit weights"
        axes.plot([low, peak / bandwidth, max(high, peak / bandwidth)], [low * bandwidth, peak, peak], color=colour,
                  linewidth=1)
        decode = [row for row in of_bits if row["phase"] == "decode"]
        axes.plot([row.number("operations_per_byte") for row in decode],
                  [row.number("tera_operations_per_s") for row in decode], color=colour, marker=marker, linestyle="",
                  label=f"decode, {name}")
        prefill = [row for row in of_bits if row["phase"] == "prefill"]
        axes.plot([row.number("operations_per_byte") for row in prefill],
                  [row.number("tera_operations_per_s") for row in prefill], color=colour, marker=marker, linestyle="",
                  markerfacecolor="white", label=f"prefill, {name}")
        axes.annotate(f"matrix unit, {style.count(bits)} bits", (peak / bandwidth, peak), xytext=(-4, 0),
                      textcoords="offset points", ha="right", va="center", fontsize=style.SMALL_PT, color=colour)
    lowest = min(rows, key=lambda row: row.number("weight_bits"))["weight_bits"]
    for row in rows:
        if row["phase"] == "decode" and row["weight_bits"] == lowest:
            axes.annotate(style.count(row["batch"]), (row.number("operations_per_byte"),
                                                      row.number("tera_operations_per_s")),
                          xytext=(6, -3), textcoords="offset points", fontsize=6)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(left=low)
    axes.set_ylim(top=max(peaks) * 2)
    axes.text(0.96, 0.05, f"DRAM: {rows[0].number('memory_gb_per_s'):.0f} GB/s", transform=axes.transAxes,
              fontsize=style.SMALL_PT, ha="right")
    axes.set_xlabel("operations / byte of DRAM traffic")
    axes.set_ylabel("10$^{12}$ operations / s")
    axes.grid()
    style.legend_above(figure, axes.get_legend_handles_labels()[0], 2)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

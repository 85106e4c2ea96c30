# SPDX-License-Identifier: Apache-2.0
"""Energy of a token by batch: the whole with its interval, and the share of each part."""
import style

COLOURS = {"dram": style.BLUE, "static": style.GREY, "sram": style.SKY, "interconnect": style.YELLOW,
           "matrix": style.RED, "vector": style.GREEN, "command": style.PURPLE, "decoder": style.ORANGE,
           "link": style.BLACK}
SMALL = 0.005  # of the total, in every bar: not worth a colour


def draw(rows, width):
    figure, (total, shares) = style.plt.subplots(2, 1, figsize=(width, 3.4), sharex=True, layout="constrained",
                                                 height_ratios=(1, 1.5))
    totals = [row for row in rows if row["part"] == "total"]
    whole = {row["batch"]: row.number("energy_mj_per_token") for row in totals}
    at = {batch: i for i, batch in enumerate(whole)}
    total.errorbar(list(at.values()), list(whole.values()), yerr=style.errors(totals, "energy_mj_per_token"),
                   fmt="o", color="black", **{key: style.ERROR_BAR[key] for key in ("capsize", "elinewidth")})
    for batch, energy in whole.items():
        total.annotate(f"{energy:.3g}", (at[batch], energy), xytext=(5, 0), textcoords="offset points", va="center",
                       fontsize=style.SMALL_PT)
    style.plain_log_axis(total.yaxis, [row.number("energy_mj_per_token" + end) for row in totals for end in ("_low", "_high")])
    total.margins(y=0.12)
    total.set_ylabel("mJ / token")
    total.grid(axis="y")

    bottom, handles = dict.fromkeys(at, 0), []
    parts = [part for part in style.distinct(rows, "part") if part != "total"]
    share = {(row["part"], row["batch"]): row.number("energy_mj_per_token") / whole[row["batch"]] for row in rows}
    drawn = [part for part in parts if max(share[part, batch] for batch in at) >= SMALL]
    drawn.sort(key=lambda part: -share[part, next(iter(at))])
    for part in drawn + ["rest"]:
        of_part = [share[part, batch] if part != "rest" else 1 - bottom[batch] for batch in at]
        handles.append(shares.bar(list(at.values()), [100 * value for value in of_part], 0.62,
                                  bottom=[100 * bottom[batch] for batch in at], color=COLOURS.get(part, "white"),
                                  edgecolor="black", linewidth=0.4, label=part))
        for batch, value in zip(at, of_part):
            bottom[batch] += value
    shares.set_ylim(0, 100)
    shares.set_ylabel("share, %")
    shares.set_xticks(list(at.values()), [style.count(batch) for batch in at])
    shares.set_xlabel("sequences")
    shares.set_xlim(-0.6, len(at) - 0.25)
    style.legend_above(figure, handles, 4)
    return figure


if __name__ == "__main__":
    style.main(draw, __doc__)

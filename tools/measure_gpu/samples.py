# SPDX-License-Identifier: Apache-2.0
"""Summaries of samples."""


def quantile(values, share):
    """Linear interpolation between order statistics."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def quartiles(values):
    """First quartile, median, third quartile."""
    return tuple(quantile(values, share) for share in (0.25, 0.5, 0.75))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def average_power(readings):
    """(watts, seconds) out of (second, joules) of a counter that moves in steps.

    The counter is a staircase: between two of its moves a reading is old by up to one step. So only
    the readings at which it moved are used, and the window ends at the first and last of them.
    Returns None when it moved fewer than three times.
    """
    moves = [after for before, after in zip(readings, readings[1:]) if after[1] != before[1]]
    if len(moves) < 3:
        return None
    (start, first), (end, last) = moves[0], moves[-1]
    return (last - first) / (end - start), end - start

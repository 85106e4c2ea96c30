# SPDX-License-Identifier: Apache-2.0
"""Least absolute relative error, by iteratively reweighted least squares, and its report."""

import numpy as np
from scipy.optimize import least_squares

ITERATIONS = 30
SMALL = 0.01  # relative errors below this do not gain weight any more


def fit(predict, measured, start, low, high, weights=None, small=SMALL):
    """Parameters in low..high that minimise the weighted sum of |log(predict(x) / measured)|; of its
    square below `small`."""
    weights = np.ones(len(measured)) if weights is None else weights
    scale = np.maximum(np.abs(start), 1e-30)

    def residual(scaled):
        return np.log(predict(scaled * scale) / measured)

    scaled = np.asarray(start) / scale
    bounds = (np.asarray(low) / scale, np.asarray(high) / scale)
    for _ in range(ITERATIONS):
        pull = np.sqrt(weights / np.maximum(np.abs(residual(scaled)), small))
        before = scaled
        scaled = least_squares(lambda x, pull=pull: pull * residual(x), scaled, bounds=bounds).x
        if np.allclose(scaled, before, rtol=1e-6, atol=1e-12):
            break
    return scaled * scale


def fit_named(predict, measured, parameters, free, weights=None, small=SMALL):
    """`parameters` with those of `free`, {name: (start, low, high)}, fitted; predict takes all."""
    names = list(free)
    start, low, high = zip(*free.values())
    x = fit(lambda x: predict({**parameters, **dict(zip(names, x))}), np.asarray(measured), start,
            low, high, weights, small)
    return {**parameters, **dict(zip(names, (float(value) for value in x)))}


def equal_weight_per_octave(values):
    """Weights that give every power of two of `values` the same say, however many points it has."""
    octave = np.floor(np.log2(values)).astype(int)
    counts = np.bincount(octave)
    return 1.0 / counts[octave]


def equal_weight_per_group(groups):
    """The same for the groups of points."""
    counts = {group: groups.count(group) for group in set(groups)}
    return np.array([1.0 / counts[group] for group in groups])


def errors(predicted, measured):
    """Relative errors of a prediction."""
    return np.asarray(predicted) / np.asarray(measured) - 1.0


def median_error(relative):
    return float(np.median(np.abs(relative)))


def interval(relative):
    """10th and 90th percentile of measured / predicted."""
    ratio = 1.0 / (1.0 + np.asarray(relative))
    return float(min(1.0, np.quantile(ratio, 0.1))), float(max(1.0, np.quantile(ratio, 0.9)))

# SPDX-License-Identifier: Apache-2.0
"""Least absolute relative error, by iteratively reweighted least squares, and its report."""

import numpy as np
from scipy.optimize import least_squares

ITERATIONS = 30
SMALL = 0.01  # relative errors below this do not gain weight any more


def fit(predict, seconds, start, low, high, weights=None):
    """Parameters in low..high that minimise the weighted sum of |log(predict(x) / seconds)|."""
    weights = np.ones(len(seconds)) if weights is None else weights
    scale = np.maximum(np.abs(start), 1e-30)

    def residual(scaled):
        return np.log(predict(scaled * scale) / seconds)

    scaled = np.asarray(start) / scale
    bounds = (np.asarray(low) / scale, np.asarray(high) / scale)
    for _ in range(ITERATIONS):
        pull = np.sqrt(weights / np.maximum(np.abs(residual(scaled)), SMALL))
        scaled = least_squares(lambda x, pull=pull: pull * residual(x), scaled, bounds=bounds).x
    return scaled * scale


def equal_weight_per_octave(values):
    """Weights that give every power of two of `values` the same say, however many points it has."""
    octave = np.floor(np.log2(values)).astype(int)
    counts = np.bincount(octave)
    return 1.0 / counts[octave]


def errors(predicted, measured):
    """Relative errors of a prediction."""
    return np.asarray(predicted) / np.asarray(measured) - 1.0


def median_error(relative):
    return float(np.median(np.abs(relative)))


def interval(relative):
    """10th and 90th percentile of measured / predicted."""
    ratio = 1.0 / (1.0 + np.asarray(relative))
    return float(np.quantile(ratio, 0.1)), float(np.quantile(ratio, 0.9))

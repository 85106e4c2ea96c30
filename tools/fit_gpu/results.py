# SPDX-License-Identifier: Apache-2.0
"""What a fit hands to the report."""

from dataclasses import dataclass, field

import robust


@dataclass(frozen=True)
class Check:
    """Errors of one quantity on one part of the points."""

    quantity: str
    points: str
    fitted: bool
    relative: object  # array of relative errors

    @property
    def median(self):
        return robust.median_error(self.relative)


@dataclass(frozen=True)
class Gpu:
    """All that one YAML file says."""

    name: str
    kernels: dict
    served: tuple
    power: tuple
    intervals: dict
    checks: list = field(default_factory=list)
    same_as: str = ""
    is_typical: bool = False

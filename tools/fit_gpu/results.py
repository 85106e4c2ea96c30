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


@dataclass
class Gpu:
    """All that one YAML file says. `parameters` maps its keys to base units; `parts` says for
    kernels, serving, links and power whether they were fitted."""

    name: str
    parameters: dict
    intervals: dict
    parts: dict
    checks: list = field(default_factory=list)
    dropped: list = field(default_factory=list)
    same_as: str = ""

    @property
    def is_fitted(self):
        return all(self.parts.values())

    def held(self, *quantities):
        """Errors of all checks of some quantities that were not fitted."""
        return [check.relative for check in self.checks
                if check.quantity in quantities and not check.fitted]
